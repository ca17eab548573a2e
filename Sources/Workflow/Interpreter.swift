// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
public import LuaBridge

/// Runs workflows: one module after another, on the thread of its Lua state.
public final class Interpreter {
    /// How a run goes about it.
    public struct Options: Sendable {
        /// Go on with what does not depend on a failed module.
        public var keepGoing = false
        /// Whether results of earlier runs of this process may be used.
        public var usesCache = true
        /// Seconds for modules that set no limit of their own.
        public var timeout: Double?
        /// Attempts after the first, for modules that set none.
        public var retries = 0

        public init() {}
    }

    /// Who hears of events. Called on the interpreter's thread.
    public var observers: [(RunEvent) -> Void] = []
    /// Whether a cancellation is on its way. Ctrl-C also ends the programs that a module has
    /// started: what the module makes of their last words does not count.
    public var isBeingStopped: () -> Bool = { false }
    /// The module that is computing.
    public private(set) var current: ModuleContext?

    let cache = ResultCache()

    public init() {}

    /// Makes the table at `index` count by what it is in the keys of results, not by what is in
    /// it.
    package func regardAsFixed(_ index: Int, _ lua: borrowing Lua) throws {
        _ = try cache.identities.number(lua, of: index)
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
        let run = Run(plan: plan, id: Self.newID(), options: options, interpreter: self)
        // A run inside a module's compute is part of the run around it.
        if current == nil { cache.beginRun() }
        report(.runStarted(run: run.id, workflow: workflow, modules: plan.steps.count))
        let began = ContinuousClock.now
        do {
            try run.computeAll(lua)
        } catch {
            let code = (error as? LuaError)?.code
            let status: RunStatus = code == .cancelled || code == .timedOut ? .cancelled : .failed
            report(.runFinished(run: run.id, status: status, seconds: began.seconds))
            throw error
        }
        let status: RunStatus = run.records.contains { $0.status == .failed } ? .failed : .done
        let seconds = began.seconds
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

    /// Four letters or digits that are not mistaken for each other.
    private static func newID() -> String {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        return String((0..<4).map { _ in alphabet[Int.random(in: alphabet.indices)] })
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
