// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTWorkflow

/// A Lua state with everything of VTLua in it: the standard libraries, `vt`, and the part of the
/// library that is written in Lua.
///
/// A runtime must be used from one thread at a time.
public final class Runtime {
    /// The limits, the environment and the callbacks of a runtime.
    public struct Options: Sendable {
        /// The largest memory of the Lua state in bytes; nil for no limit.
        public var memoryLimit: Int?
        /// True to use `LUA_PATH` and the other environment variables of Lua.
        public var usesEnvironment = true
        /// The time that finalizers may take when the runtime ends; nil for no limit.
        public var closingLimit: Duration? = .seconds(2)
        /// Answers the offers that `parallel.get_client` and similar functions make when there is
        /// no cluster; nil to decline all.
        public var answer: ClusterAnswering?
        /// Makes what starts a cluster when `answer` accepts an offer; nil: a start fails with a
        /// reason. `{ ClusterStarter() }` of the product VTLocalCluster starts it on this machine.
        public var clusterStarter: (@Sendable () -> any ClusterStarting)?

        /// The default options.
        public init() {}
    }

    private let state: LuaState
    package let workspace = Workspace()

    /// Makes a Lua state and loads the libraries.
    ///
    /// - Throws: `LuaError`, for example if the memory limit is too small.
    public init(_ options: Options = Options()) throws {
        state = try LuaState(
            memoryLimit: options.memoryLimit, libraries: false, closingLimit: options.closingLimit)
        try state.run { lua in
            try lua.openStandardLibraries(usingEnvironment: options.usesEnvironment)
            try lua.setCollector(.generational)
            try StandardLibrary.install(in: lua)
            try workspace.install(in: lua)
            workspace.cluster.access.answer = options.answer
            workspace.cluster.access.starter = options.clusterStarter?()
        }
    }

    /// Calls `body` with the Lua state.
    public func run<R: ~Copyable>(_ body: (borrowing Lua) throws -> R) rethrows -> R {
        try state.run(body)
    }
}

@available(*, unavailable)
extension Runtime: Sendable {}
