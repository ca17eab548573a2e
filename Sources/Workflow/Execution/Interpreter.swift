// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
public import VTLuaBridge
package import VTParallel

/// Runs workflows: one module after another, on the thread of its Lua state.
public final class Interpreter {
    /// How a run goes about it.
    public struct Options: Sendable {
        /// Go on with what does not depend on a failed module.
        public var keepGoing = false
        /// Whether results of earlier runs may be used.
        public var usesCache = true
        /// Nodes that compute in any case.
        public var forced: Set<String> = []
        /// Seconds for modules that set no limit of their own.
        public var timeout: Double?
        /// Attempts after the first, for modules that set none.
        public var retries = 0
        /// Whether those who listen are told what nodes took in earlier runs.
        public var estimates = true

        public init() {}
    }

    /// Who hears of events. Called on the interpreter's thread.
    public var observers: [(RunEvent) -> Void] = []
    /// Whether a cancellation is on its way. Ctrl-C also ends the programs that a module has
    /// started: what the module makes of their last words does not count.
    public var isBeingStopped: () -> Bool = { false }
    /// The module that is computing.
    public private(set) var current: ModuleContext?
    /// Whether there has been a run.
    package private(set) var hasRun = false

    let cache = ResultCache()
    /// The parallel calls of the module that is computing.
    package let calls = CallLog()

    /// Keeps results and records beyond this process. Without one, nothing is kept.
    public var store: (any ResultStore)?
    /// Told once when the store fails; the run goes on without it.
    public var storeHasFailed: (any Error) -> Void = { _ in }
    /// What the paths of scripts in records begin at.
    package var directory = ""
    /// Goes into every key, next to the form of keys and the release of Lua.
    package var version = ""
    /// The file of a module of the project.
    package var moduleFile: (String) -> String? = { _ in nil }

    public init() {}

    /// Does something with the store; nil if there is none, or it fails.
    func withStore<R>(_ body: (any ResultStore) throws -> R?) rethrows -> R? {
        guard let store else { return nil }
        do {
            return try body(store)
        } catch let error as LuaError {
            throw error
        } catch {
            self.store = nil
            storeHasFailed(error)
            return nil
        }
    }

    /// Makes the table at `index` count by what it is in the keys of results, not by what is in
    /// it.
    ///
    /// - Parameter name: the same in every process, if it has one.
    package func regardAsFixed(_ index: Int, name: String? = nil, _ lua: borrowing Lua) throws {
        let number = try cache.identities.number(lua, of: index)
        if let name { cache.identities.setName(name, of: number) }
    }

    /// Makes Lua's own libraries, and what else is loaded by now, count by what they are.
    package func regardLoadedAsFixed(_ lua: borrowing Lua) throws {
        try lua.pushGlobal("package")
        try lua.pushRawField("loaded", of: -1)
        defer { lua.pop(2) }
        try lua.forEachPair(of: -1) {
            if lua.type(at: -1) == .table { try regardAsFixed(-1, lua) }
        }
    }

    func report(_ event: @autoclosure () -> RunEvent) {
        if observers.isEmpty { return }
        let event = event()
        for observer in observers { observer(event) }
    }

    /// Runs a plan.
    ///
    /// A module that fails is in the result. What is thrown is about the run as a whole: it was
    /// cancelled, or the state cannot go on.
    public func run(
        _ plan: Plan, of workflow: String, options: Options = Options(), _ lua: borrowing Lua
    ) throws -> RunResult {
        let run = Run(
            plan: plan, id: try newID(), workflow: workflow, options: options, interpreter: self)
        // A run inside a module's compute is part of the run around it.
        if current == nil { cache.beginRun() }
        // Where nobody listens, nobody asks.
        let known =
            observers.isEmpty || !options.estimates
            ? [:] : try withStore { try $0.durations(ofNodesIn: workflow) } ?? [:]
        let expected = Dictionary(
            uniqueKeysWithValues: plan.steps.compactMap { step in
                known[step.name].map { (step.name, $0) }
            })
        hasRun = true
        let began = ContinuousClock.now
        try run.beginRecord(lua)
        report(
            .runStarted(
                run: run.id, workflow: workflow, modules: plan.steps.count, expected: expected))
        do {
            try run.computeAll(lua)
        } catch {
            let code = (error as? LuaError)?.code
            let status: RunStatus = code == .cancelled || code == .timedOut ? .cancelled : .failed
            try run.endRecord(status, began.seconds)
            report(.runFinished(run: run.id, status: status, seconds: began.seconds))
            throw error
        }
        let status: RunStatus = run.records.contains { $0.status == .failed } ? .failed : .done
        let seconds = began.seconds
        try run.endRecord(status, seconds)
        report(.runFinished(run: run.id, status: status, seconds: seconds))
        return RunResult(
            run: run.id, workflow: workflow, status: status, seconds: seconds,
            modules: run.records, outputs: try run.takeOutputs(lua))
    }

    /// Waits for a cancellation that is on its way, a second at most.
    func meetCancellation(_ lua: borrowing Lua) throws {
        guard isBeingStopped() else { return }
        for _ in 0..<1000 {
            try lua.checkCancellation()
            usleep(1000)
        }
    }

    /// Makes `context` the one that `self` and `print` speak to, while `body` runs.
    func with<R>(_ context: ModuleContext, _ body: () throws -> R) rethrows -> R {
        let outer = current
        current = context
        defer {
            context.finish()
            current = outer
        }
        return try body()
    }

    /// Four letters or digits that are not mistaken for each other, and that no run on record has.
    private func newID() throws -> String {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        var length = 4
        while true {
            let id = String((0..<length).map { _ in alphabet[Int.random(in: alphabet.indices)] })
            guard try withStore({ try $0.isKnown(run: id) }) ?? false else { return id }
            length = min(8, length + 1)
        }
    }

    /// What a run would do, without doing it.
    public func forecast(
        _ plan: Plan, of workflow: String, options: Options = Options(), _ lua: borrowing Lua
    ) throws -> [Forecast] {
        cache.beginRun()
        let run = Run(plan: plan, id: "", workflow: workflow, options: options, interpreter: self)
        return try plan.steps.indices.map { try run.forecast($0, lua) }
    }
}

@available(*, unavailable)
extension Interpreter: Sendable {}

extension ContinuousClock.Instant {
    /// Seconds from this moment to now.
    var seconds: Double {
        let (seconds, attoseconds) = duration(to: .now).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
