// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTWorkflow

/// A Lua state with everything of VTLua in it: the standard libraries, `vt`, and the part of the
/// library that is written in Lua.
///
/// A runtime belongs to the thread that runs it.
public final class Runtime {
    /// How a runtime is set up.
    public struct Options: Sendable {
        /// The most bytes its Lua state may hold; nil for no limit.
        public var memoryLimit: Int?
        /// Whether `LUA_PATH` and the like are honoured.
        public var usesEnvironment = true
        /// How long finalizers may run when the runtime ends; nil for no limit.
        public var closingLimit: Duration? = .seconds(2)
        /// Answers what `parallel.get_client` and its like offer when there is no cluster; nil: no
        /// to everything.
        public var answer: ClusterAnswering?
        /// Makes what starts a cluster when `answer` accepts an offer; nil: a start fails with a
        /// reason. `{ ClusterStarter() }` of the product VTLocalCluster starts it on this machine.
        public var clusterStarter: (@Sendable () -> any ClusterStarting)?

        public init() {}
    }

    private let state: LuaState
    package let workspace = Workspace()

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

    /// Lends the Lua state to `body`.
    public func run<R: ~Copyable>(_ body: (borrowing Lua) throws -> R) rethrows -> R {
        try state.run(body)
    }
}

@available(*, unavailable)
extension Runtime: Sendable {}
