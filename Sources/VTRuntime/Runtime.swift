// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTParallel
internal import VTSystem
internal import VTWorkflow

/// A Lua state with the standard libraries, `vt`, `parallel`, and the part of VTLua's library that
/// is written in Lua.
///
/// A runtime must be used from one thread at a time.
public final class Runtime {
    /// The limits, the environment and the callbacks of a runtime.
    public struct Options: Sendable {
        /// The largest memory of the Lua state in bytes; nil for no limit. It is also the largest memory
        /// of each worker's state.
        public var memoryLimit: Int?
        /// The largest duration of a run of ``WorkflowRun`` and of ``Runtime/limited(_:)``, with the calls
        /// to workers that it waits for; nil for no limit.
        public var timeLimit: Duration?
        /// The largest number of bytes that the modules of a ``WorkflowRun`` print and log; nil for no limit.
        public var outputLimit: Int?
        /// The largest number of workers in a pool; nil for no limit. Without all libraries it is the number
        /// of processors, and all pools together have at most four times as many workers, or 16 where
        /// that is more.
        public var workerLimit: Int?
        /// The libraries that scripts, modules and workers may use. With `.safe`, hostile scripts can run:
        /// the page docs/sandbox.md says what they cannot do.
        public var libraries = LuaLibraries.all
        /// Serves the source code of modules to `require` and `flow:add`, before files, also on workers that
        /// are threads; nil: there are only files and the library. Processes do not have it: with a loader,
        /// modules that may compute in processes compute on threads.
        public var loader: ModuleLoader?
        /// True to use `LUA_PATH` and the other environment variables of Lua.
        public var usesEnvironment = true
        /// The time that finalizers may take when the runtime ends; nil for no limit.
        public var closingLimit: Duration? = .seconds(2)
        /// Answers the offers that `parallel.get_client` and similar functions make when there is
        /// no cluster; nil to decline all.
        public var answer: ClusterAnswering?
        /// Makes the starter of clusters that is used when ``answer`` accepts an offer; nil: the
        /// start fails, and Lua code gets the reason. `{ ClusterStarter() }` of the product
        /// VTLocalCluster starts clusters on this machine.
        public var clusterStarter: (@Sendable () -> any ClusterStarting)?

        /// Receives the text of each warning, without a line break: about a workflow, about a store
        /// that is damaged or fails, and from the Lua function `warn`. It is called on the thread
        /// that warns, which may be a worker's. The library itself never writes to standard error.
        public var warn: @Sendable (String) -> Void = { _ in }
        /// Receives what modules print, with the node's name in front of each line, in a run that
        /// Lua code starts while nothing observes it; nil: it goes to standard output.
        public var runOutput: (@Sendable (String) -> Void)?
        /// The rule for the directory in which runs that Lua code starts with `flow:run` keep results
        /// and the record; nil: they keep nothing, unless `flow:run` has the option `store`.
        public var store: StorePlace?
        /// Modules of the program, besides those of ``WorkerRuntime/prepare(modules:workerPrepare:warn:)``.
        /// They do not exist in worker processes: there, give them to that function.
        public var modules: [SwiftModule] = []
        /// True if `warn` of Lua writes to standard error as `lua` does, instead of to ``warn``.
        package var printsLuaWarnings = false
        /// Draws a line of progress of a parallel call with `progress = true` over the one before;
        /// nil: there is no terminal.
        package var drawProgress: (@Sendable (String) -> Void)?

        /// The defaults: no limit of memory, no cluster is started, warnings are dropped.
        public init() {}
    }

    private let state: LuaState
    package let workspace: Workspace
    private let timeLimit: Duration?

    /// Makes a Lua state and loads the libraries.
    ///
    /// - Throws: `LuaError`, for example if the memory limit is too small.
    public init(_ options: Options = Options()) throws {
        timeLimit = options.timeLimit
        let limits = RuntimeLimits(options)
        let setup = ProgramSetup.current
        workspace = Workspace(
            makeState: WorkerRuntime.makeState(LuaWarnings(options), limits, options.modules),
            limits: limits)
        for module in setup.modules + options.modules { try workspace.add(module) }
        workspace.warn = options.warn
        workspace.storePlace = options.store
        workspace.interpreter.calls.drawProgress = options.drawProgress
        if let output = options.runOutput { workspace.runOutput = output }
        state = try LuaState(
            memoryLimit: options.memoryLimit, libraries: false, closingLimit: options.closingLimit)
        try state.run { lua in
            try lua.openStandardLibraries(
                options.libraries, usingEnvironment: options.usesEnvironment)
            try lua.setCollector(.generational)
            LuaWarnings(options).attach(to: lua)
            try StandardLibrary.install(in: lua)
            try lua.openArrays(options.libraries)
            try setup.prepare(lua)
            try workspace.install(in: lua)
            workspace.observePrograms(lua)
            workspace.cluster.access.answer = options.answer
            workspace.cluster.access.starter = options.clusterStarter?()
            if let most = limits.workers { try workspace.parallel.limit(workers: most, lua) }
        }
    }

    /// Calls `body` with the Lua state.
    public func run<R: ~Copyable>(_ body: (borrowing Lua) throws -> R) rethrows -> R {
        try state.run(body)
    }

    /// Calls `body` with the Lua state, within ``Options/timeLimit``.
    ///
    /// ```swift
    /// var options = Runtime.Options()
    /// options.libraries = .safe
    /// options.memoryLimit = 32 << 20
    /// options.timeLimit = .seconds(1)
    /// let sum = try Runtime(options).limited { try $0.evaluate("return 1 + 1", as: Int.self) }
    /// ```
    ///
    /// - Throws: `LuaError` with code `timedOut`, and the errors of `body`.
    public func limited<R: ~Copyable>(_ body: (borrowing Lua) throws -> R) throws -> R {
        try state.run { lua in try lua.limited(timeout: timeLimit, body) }
    }
}

@available(*, unavailable)
extension Runtime: Sendable {}

extension LuaWarnings {
    fileprivate init(_ options: Runtime.Options) {
        self = options.printsLuaWarnings ? .standardError : .hook(options.warn)
    }
}

extension RuntimeLimits {
    init(_ options: Runtime.Options) {
        self.init()
        libraries = options.libraries
        memory = options.memoryLimit
        loader = options.loader
        workers = options.workerLimit
        if isOpen { return }
        let workers = options.workerLimit ?? Processors.count
        self.workers = workers
        seal = ModuleSeal()
        // Modules of inner runs, and tasks, may have pools while another pool waits.
        budget = WorkerBudget(max(16, 4 * min(workers, 1 << 20)))
    }
}
