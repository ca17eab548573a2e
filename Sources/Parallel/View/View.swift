// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import Glibc
package import LuaBridge
internal import Shipping

/// A set of workers, and what can be asked of them: the same calls, wherever they run.
///
/// A view belongs to the Lua state that made it, and to its thread.
package final class View {
    let backend: any Backend
    package let bell: Bell
    private let log: CallLog
    let encoder: ShippingEncoder
    let decoder: ShippingDecoder
    private var isClosed = false
    /// Functions of the view's own, which are sent as any other: by name.
    var snippets: [Snippet: LuaReference] = [:]
    /// Calls that are under way, for the end of the view.
    private var jobs: [Job] = []

    private init(_ backend: any Backend, bell: Bell, log: CallLog) {
        self.backend = backend
        self.bell = bell
        self.log = log
        encoder = ShippingEncoder(backend.rules)
        decoder = ShippingDecoder(trustsCode: backend.trustsResults)
    }

    deinit {
        // Whoever waits for results holds the view: here is nobody.
        if !isClosed { backend.leave() }
    }

    package var kind: String { backend.kind }
    package var count: Int { backend.count }

    // MARK: Making one

    package static func serial(
        _ options: WorkerOptions, bell: Bell, log: CallLog, makeState: WorkerStateMaker
    ) throws -> View {
        View(try SerialBackend(options, makeState: makeState), bell: bell, log: log)
    }

    package static func threads(
        _ options: WorkerOptions, bell: Bell, log: CallLog, makeState: @escaping WorkerStateMaker
    ) throws -> View {
        View(try ThreadBackend(options, makeState: makeState), bell: bell, log: log)
    }

    /// - Parameter program: what the children run; it calls ``ChildProcess/runIfAsked`` first.
    package static func processes(
        _ options: WorkerOptions, bell: Bell, log: CallLog, program: String
    ) throws -> View {
        View(try ProcessBackend(options, program: program), bell: bell, log: log)
    }

    /// Engines of a cluster.
    package static func cluster(
        _ handle: ClusterHandle, _ options: ClusterViewOptions, bell: Bell, log: CallLog
    ) -> View {
        View(ClusterBackend(handle, options), bell: bell, log: log)
    }

    // MARK: Calls

    /// Begins a call: the function at `function` and what is passed to it besides each item, from
    /// `extras` on.
    ///
    /// - Throws: ``LuaError`` with the caller's line, when something cannot be sent.
    func begin(
        _ call: Job.Call, function: Int, extras: Range<Int> = 0..<0, _ options: JobOptions,
        total: Int?, _ lua: borrowing Lua
    ) throws -> Job {
        guard !isClosed else { throw lua.error("the pool is closed") }
        guard !options.hasDependencies || !backend.isFixed else {
            throw lua.error("`after` and `follow` are for load-balanced views of a cluster")
        }
        let head = try ship(function: function, extras: extras, lua)
        let job = Job(
            head: head, call: call, options: options, total: total,
            sender: lua.caller(), bell: bell, crew: backend)
        jobs.removeAll { $0.isOver }
        jobs.append(job)
        log.begin(job, backend)
        return job
    }

    /// `[classes, function, extras...]`
    func ship(function: Int, extras: Range<Int>, _ lua: borrowing Lua) throws -> Shipment {
        do {
            return try encoder.shipCall(function: function, arguments: extras, lua)
        } catch let refusal as ShippingRefusal {
            throw lua.error(refusal.advised.message(of: function, lua))
        }
    }

    /// Hands a lot to the workers.
    func submit(_ lot: Lot, to worker: Int? = nil) {
        lot.job.add(lot)
        backend.add(lot, to: worker)
    }

    // MARK: The end

    /// `v:close()`: finishes what is queued.
    package func close(_ lua: borrowing Lua) throws {
        isClosed = true
        backend.close()
        do {
            while !backend.isGone {
                _ = try bell.wait(
                    until: Clock.now + Clock.second / 50, lua, isReady: { backend.isGone },
                    prepare: {}, meanwhile: { backend.lookAfterWorkers() })
            }
        } catch {
            try? terminate()
            throw error
        }
        encoder.retire()
    }

    /// `v:terminate()`: stops now.
    package func terminate() throws {
        isClosed = true
        for job in jobs { job.stop(from: 0) }
        backend.terminate()
        let deadline = Clock.now + 3 * Clock.second
        while !backend.isGone, Clock.now < deadline {
            backend.lookAfterWorkers()
            usleep(500)
        }
        jobs.removeAll()
        encoder.retire()
    }
}

@available(*, unavailable)
extension View: Sendable {}

extension ShippingEncoder {
    /// `[classes, function, arguments...]`: what a worker needs before its first task.
    func shipCall(
        function: Int, arguments: Range<Int>, _ lua: borrowing Lua
    ) throws -> Shipment {
        let function = lua.absolute(function)
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.pushClasses()
        try lua.pushValue(at: function)
        for index in arguments { try lua.pushValue(at: index) }
        try encode(lua, elementsFrom: base + 1, count: 2 + arguments.count)
        return ship()
    }
}

extension ShippingRefusal {
    /// The message for a function that cannot be sent, or its arguments.
    fileprivate func message(of function: Int, _ lua: borrowing Lua) -> String {
        let element = offenders.first?.element ?? 2
        if element > 2 { return message(sending: "argument \(element - 2)") }
        if element == 1 { return message(sending: "a class") }
        var subject = "function"
        if let name = try? lua.nameOfValue(at: function) { subject += " '\(name)'" }
        if let place = try? lua.definition(at: function) {
            subject += " (\(place.source.shortSource):\(place.first))"
        }
        return message(sending: subject)
    }
}

extension Lua {
    /// The line that called the function that runs.
    package func caller() -> LuaFrame? {
        location().map { source, line in
            LuaFrame(source: source, shortSource: source.shortSource, line: line)
        }
    }
}

extension String {
    /// A chunk's name as messages show it.
    var shortSource: String {
        hasPrefix("@") || hasPrefix("=") ? String(dropFirst()) : "[string \"...\"]"
    }
}
