// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
package import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// A set of workers and the calls that they run: the same methods for every backend.
///
/// A view belongs to the Lua state that made it, and to its thread.
package final class View {
    let backend: any Backend
    package let completion: CompletionEvent
    private let log: CallLog
    /// Draws a line of progress of a call; nil: there is no terminal.
    package var drawProgress: ((String) -> Void)? { log.drawProgress }
    let encoder: ShippingEncoder
    let decoder: ShippingDecoder
    /// The way in which the caller has ended the pool; nil while it accepts tasks.
    private(set) var end: End?
    /// The view's own functions of Lua, by name. They are sent as any other.
    var snippets: [Snippet: LuaReference] = [:]
    /// The calls that are running, for the end of the view.
    private var calls: [Call] = []

    init(_ backend: any Backend, completion: CompletionEvent, log: CallLog) {
        self.backend = backend
        self.completion = completion
        self.log = log
        encoder = ShippingEncoder(backend.rules)
        // Results of others are only data.
        decoder = ShippingDecoder(
            trustsCode: backend.trustsResults, requiresModules: backend.trustsResults)
    }

    deinit {
        // A caller that waits for results holds the view: there is none.
        if end == nil { backend.leave() }
    }

    package var kind: BackendKind { backend.kind }
    package var count: Int { backend.count }

    // MARK: Calls

    /// Begins a call of the function at `function`; the values at `extras` are passed to it after
    /// each item.
    ///
    /// - Throws: ``LuaError`` with the caller's line, when a value cannot be sent.
    func begin(
        _ form: Call.Form, function: Int, extras: Range<Int> = 0..<0, _ options: CallOptions,
        total: Int?, _ lua: borrowing Lua
    ) throws -> Call {
        try log.requirePermission(lua)
        guard end == nil else { throw lua.error("the pool is closed") }
        guard !options.hasDependencies || !backend.isFixed else {
            throw lua.error("`after` and `follow` are for load-balanced views of a cluster")
        }
        let head = try ship(function: function, extras: extras, lua)
        let call = Call(
            head: head, form: form, options: options, total: total,
            sender: lua.caller(), completion: completion, interrupter: backend.interrupter)
        calls.removeAll { $0.isOver }
        calls.append(call)
        log.begin(call, backend)
        return call
    }

    /// Encodes the head of a call: `[classes, function, extras...]`.
    func ship(function: Int, extras: Range<Int>, _ lua: borrowing Lua) throws -> Shipment {
        do {
            // Other workers have got them at their start.
            let modules = backend.kind == .cluster ? try SentModules(of: lua) : nil
            return try encoder.shipCall(
                function: function, arguments: extras, modules: modules, lua)
        } catch let refusal as ShippingRefusal {
            throw lua.error(refusal.advised.message(of: function, lua))
        }
    }

    /// Hands a batch to the workers.
    ///
    /// - Throws: ``TaskError`` when the pool has ended since the call began: functions of the user
    ///   that are called meanwhile may end it.
    func submit(_ batch: TaskBatch, to worker: Int? = nil) throws {
        if let end { throw TaskError(end.failure, of: batch.call, number: batch.first, in: self) }
        batch.call.add(batch)
        backend.add(batch, to: worker)
    }

    // MARK: The end

    /// The ways in which the caller ends a pool.
    enum End {
        case closed, terminated

        /// The failure of a task that was not sent before.
        var failure: TaskFailure {
            switch self {
            case .closed:
                TaskFailure(
                    cause: .closed,
                    message: "the pool was closed before all items were sent; close it after the "
                        + "last result")
            case .terminated: .terminated
            }
        }
    }

    /// `v:close()`: waits until the queued tasks have ended, and ends the workers.
    package func close(_ lua: borrowing Lua) throws {
        end = end ?? .closed
        backend.close()
        do {
            var pause = Clock.second / 10_000
            while !backend.isGone {
                _ = try completion.wait(
                    until: Clock.now + pause, lua, isReady: { backend.isGone },
                    prepare: {}, meanwhile: { backend.checkWorkers() })
                pause = min(2 * pause, Clock.second / 50)
            }
        } catch {
            try? terminate()
            throw error
        }
        encoder.copyOutSharedStrings()
    }

    /// `v:terminate()`: stops all tasks and ends the workers now.
    package func terminate() throws {
        end = end ?? .terminated
        for call in calls {
            call.isTerminated = true
            call.stop(from: 0)
        }
        backend.terminate()
        let deadline = Clock.now + 3 * Clock.second
        while !backend.isGone, Clock.now < deadline {
            backend.checkWorkers()
            usleep(500)
        }
        calls.removeAll()
        encoder.copyOutSharedStrings()
    }
}

@available(*, unavailable)
extension View: Sendable {}

extension ShippingEncoder {
    /// Encodes `[classes, function, arguments...]`, which a worker needs before its first task. If there
    /// are modules, a string with their bytes precedes it.
    func shipCall(
        function: Int, arguments: Range<Int>, modules: SentModules? = nil, _ lua: borrowing Lua
    ) throws -> Shipment {
        let function = lua.absolute(function)
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        if let modules {
            try modules.encoded.withUnsafeBytes { try lua.push(bytes: $0) }
            try encode(lua, at: -1)
            lua.pop()
        }
        try lua.pushClasses()
        try lua.pushValue(at: function)
        for index in arguments { try lua.pushValue(at: index) }
        do {
            try encode(lua, elementsFrom: base + 1, count: 2 + arguments.count)
        } catch {
            truncate(to: 0)
            throw error
        }
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
    /// The line that called the running function.
    package func caller() -> LuaFrame? {
        location().map { source, line in
            LuaFrame(source: source, shortSource: source.shortSource, line: line)
        }
    }
}

extension String {
    /// A chunk's name, as messages show it.
    var shortSource: String {
        hasPrefix("@") || hasPrefix("=") ? String(dropFirst()) : "[string \"...\"]"
    }
}
