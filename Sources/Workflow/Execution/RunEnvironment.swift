// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

/// The surroundings of a run: the store, the observers, and the sign of a cancellation.
///
/// A run that a module starts inside its computation has the environment of the outer run, unless
/// it is given another.
public struct RunEnvironment {
    /// Receive each event, in order, on the interpreter's thread.
    public var observers: [(RunEvent) -> Void] = []
    /// The store for results and the record; nil: nothing is stored.
    public var store: RunStore?
    /// Returns true while a cancellation is on its way. Ctrl-C also ends the programs that a module
    /// has started: what the module makes of their output then does not count.
    public var isBeingStopped: () -> Bool = { false }

    /// The directory for the files that modules make without a path from the user, such as the outputs of
    /// `vt.command`.
    public var filesDirectory = ".vtlua/files"

    /// An environment without observers and without a store.
    public init() {}

    func report(_ event: @autoclosure () -> RunEvent) {
        if observers.isEmpty { return }
        let event = Secrets.exist ? event().masked : event()
        for observer in observers { observer(event) }
    }
}

@available(*, unavailable)
extension RunEnvironment: Sendable {}

/// A store as runs use it. After its first failure it is not used again: runs continue without it.
public final class RunStore {
    private(set) var store: (any ResultStore)?
    let version: String
    let directory: String
    let moduleFile: (String) -> String?
    /// Returns true for the name of a module that is part of the program.
    let isBuiltIn: (String) -> Bool
    private let failed: (any Error) -> Void

    /// - Parameters:
    ///   - store: the store.
    ///   - version: a part of every key: results of another version are not used.
    ///   - directory: the directory of the workflow: paths in it are stored relative to it.
    ///   - moduleFile: returns the file of a module of the project; nil for other modules.
    ///   - isBuiltIn: returns true for the name of a module that is part of the program.
    ///   - failed: receives the store's first error.
    public init(
        _ store: any ResultStore, version: String = "", directory: String = "",
        moduleFile: @escaping (String) -> String? = { _ in nil },
        isBuiltIn: @escaping (String) -> Bool = { _ in false },
        failed: @escaping (any Error) -> Void = { _ in }
    ) {
        self.store = store
        self.version = version
        self.directory = directory
        self.moduleFile = moduleFile
        self.isBuiltIn = isBuiltIn
        self.failed = failed
    }

    /// True as long as the store has not failed.
    public var isUsable: Bool { store != nil }

    /// Calls `body` with the store; returns nil if the store has failed, now or before.
    func use<R>(_ body: (any ResultStore) throws -> R?) rethrows -> R? {
        guard let store else { return nil }
        do {
            return try store.exclusively { try body(store) }
        } catch let error as LuaError {
            throw error
        } catch {
            self.store = nil
            failed(error)
            return nil
        }
    }
}

@available(*, unavailable)
extension RunStore: Sendable {}
