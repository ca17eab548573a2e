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
    package internal(set) var hasRun = false

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
