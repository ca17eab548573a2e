// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
package import VTLuaBridge
package import VTParallel
internal import VTSystem

/// An interpreter of workflows. It runs one module after another, on the thread of its Lua state.
public final class Interpreter {
    /// The options of a run.
    public struct Options: Sendable {
        /// True to keep running nodes that do not depend on a failed one.
        public var keepGoing = false
        /// True to use cached results, and to cache new ones.
        public var usesCache = true
        /// The names of nodes that are computed even if they have a cached result.
        public var forced: Set<String> = []
        /// The time limit, in seconds, of modules that set none.
        public var timeout: Double?
        /// The number of attempts after the first, for modules that set none.
        public var retries = 0
        /// True to include durations of earlier runs in ``RunEvent/runStarted(run:workflow:modules:expected:)``.
        public var estimates = true

        /// Creates the default options.
        public init() {}
    }

    /// The observers of events. They are called on the interpreter's thread.
    public var observers: [(RunEvent) -> Void] = []
    /// Returns true if a cancellation has been requested. Ctrl-C also ends the programs that a module
    /// has started, so that the module may fail or return a wrong result; neither counts.
    public var isBeingStopped: () -> Bool = { false }
    /// The context of the module that is computing; nil between modules.
    public private(set) var current: ModuleContext?
    /// True if there has been a run.
    package internal(set) var hasRun = false

    let cache = ResultCache()
    /// The log of the parallel calls of the module that is computing.
    package let calls = CallLog()

    /// The store of results and records; nil to keep them in this process only.
    public var store: (any ResultStore)?
    /// Called once when the store fails. The run continues without the store.
    public var storeHasFailed: (any Error) -> Void = { _ in }
    /// The directory to which paths of scripts in records are relative.
    package var directory = ""
    /// A text that is part of every persistent key, with the format of keys and the release of Lua.
    package var version = ""
    /// Returns the file of a module of the project; nil for any other name.
    package var moduleFile: (String) -> String? = { _ in nil }

    /// Creates an interpreter without a store.
    public init() {}

    /// Calls `body` with the store. Returns nil if there is no store, or if it fails.
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

    /// Makes keys identify the table at `index` by identity, not by content.
    ///
    /// - Parameter name: a name that is the same in every process.
    package func regardAsFixed(_ index: Int, name: String? = nil, _ lua: borrowing Lua) throws {
        let number = try cache.identities.number(lua, of: index)
        if let name { cache.identities.setName(name, of: number) }
    }

    /// Makes keys identify Lua's own libraries, and other libraries that are loaded, by identity.
    package func regardLoadedAsFixed(_ lua: borrowing Lua) throws {
        try lua.pushGlobal("package")
        try lua.pushRawField("loaded", of: -1)
        defer { lua.pop(2) }
        try lua.forEachPair(of: -1) {
            if lua.type(at: -1) == .table { try regardAsFixed(-1, lua) }
        }
    }

    /// Sends an event to the observers.
    func report(_ event: @autoclosure () -> RunEvent) {
        if observers.isEmpty { return }
        let event = event()
        for observer in observers { observer(event) }
    }

    /// Waits for a requested cancellation, at most one second.
    func meetCancellation(_ lua: borrowing Lua) throws {
        guard isBeingStopped() else { return }
        for _ in 0..<1000 {
            try lua.checkCancellation()
            usleep(1000)
        }
    }

    /// Makes `context` the target of `self` and `print` while `body` runs.
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
