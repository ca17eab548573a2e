// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTSystem
public import VTWorkflow

/// A run of a workflow on a thread of its own, for programs that embed VTLua.
///
/// ```swift
/// let run = WorkflowRun(file: "flow.lua", parameters: ["radius": .integer(2)])
/// for await event in run.events { print(event) }
/// let outcome = try await run.outcome
/// ```
///
/// Creating it starts nothing. ``start()`` does, and so does the first wait for ``events`` or
/// ``outcome``. A run that waits, for a module or for an `async` function that it calls, blocks its own
/// thread only, none of Swift's cooperative pool.
public final class WorkflowRun: Sendable {
    /// The result of a run.
    public struct Outcome: Sendable {
        /// The identifier of the run.
        public var run: String
        /// The status of the run: done, failed, suspended or cancelled.
        public var status: RunStatus
        /// The duration of the run.
        public var duration: Duration
        /// The records of the modules in the order in which they ended.
        public var modules: [ModuleRecord]
        /// Copies of the workflow's outputs. A value that cannot be copied is replaced by its
        /// description.
        public var outputs: [String: LuaValue]
    }

    /// The selection of nodes, the store and the limits of a run.
    public struct Options: Sendable {
        /// The options of the Lua state.
        public var runtime = Runtime.Options()
        /// True to keep running modules that do not depend on a failed one.
        public var keepGoing = false
        /// Names of nodes; only they and their dependencies run. Empty for all.
        public var targets: [String] = []
        /// The directory of the store that keeps results and the record; nil to keep nothing.
        public var store: String?
        /// The version of the functions that the program has registered for modules: stored results of
        /// another version are not used. Those of ``SwiftModule`` have their own.
        public var version = ""
        /// False to compute every module, and to keep no result.
        public var usesCache = true
        /// The time limit for modules without one of their own.
        public var timeout: Duration?
        /// The number of attempts after the first, for modules that set none.
        public var retries = 0
        /// The number of modules and tasks that run at once; modules compute on worker processes where
        /// it is more than 1 and nothing prevents it. See ``WorkerRuntime/prepare(modules:workerPrepare:warn:)``.
        public var jobs = 1
        /// Receives the messages that modules log with `self.log`, and the warnings of the library, on
        /// the thread of the run or of a worker; nil: they are in the events, and in
        /// ``Runtime/Options/warn``, only.
        public var log: (@Sendable (LogMessage) -> Void)?

        /// The default options: everything runs and nothing is stored.
        public init() {}
    }

    /// A message for the log of the program.
    public struct LogMessage: Sendable {
        /// The severity of the message.
        public var level: RunEvent.LogLevel
        /// The node whose module has logged the message; nil for a warning of the library.
        public var node: String?
        /// The message, without a line break at its end.
        public var text: String
    }

    /// The events of the run, in order. A loop over them starts the run.
    public var events: Events { Events(run: self) }
    let feed = EventFeed()
    private let source: Source
    private let parameters: [String: LuaValue]
    private let options: Options
    private let prepare: @Sendable (borrowing Lua) throws -> Void
    private let cancellation = LuaCancellation()
    private let state = Monitor(State())

    /// The place that a workflow comes from.
    enum Source: Sendable {
        case file(String)
        case text(String, name: String, directory: String)
        case builder(WorkflowBuilder)
    }

    private struct State {
        var isStarted = false
        var result: Result<Outcome, any Error>?
        var waiters: [CheckedContinuation<Outcome, any Error>] = []
    }

    /// Creates a run of the workflow in a script.
    ///
    /// - Parameters:
    ///   - file: the script of the workflow.
    ///   - parameters: the values of its parameters.
    ///   - options: the options of the run.
    ///   - prepare: called with the state before the script is loaded, to register functions and
    ///     types.
    public convenience init(
        file: String, parameters: [String: LuaValue] = [:], options: Options = Options(),
        prepare: @escaping @Sendable (borrowing Lua) throws -> Void = { _ in }
    ) {
        self.init(.file(file), parameters, options, prepare)
    }

    /// Creates a run of a workflow whose script is given as text.
    ///
    /// - Parameters:
    ///   - source: the script, which ends with `return flow`.
    ///   - name: the name of the script in messages.
    ///   - directory: the directory in which modules are found, also in its subdirectory `modules`;
    ///     empty for the working directory.
    ///   - parameters: the values of the workflow's parameters.
    ///   - options: the options of the run.
    ///   - prepare: called with the state before the script is loaded, to register functions and
    ///     types.
    public convenience init(
        source: String, name: String = "flow.lua", directory: String = "",
        parameters: [String: LuaValue] = [:], options: Options = Options(),
        prepare: @escaping @Sendable (borrowing Lua) throws -> Void = { _ in }
    ) {
        self.init(.text(source, name: name, directory: directory), parameters, options, prepare)
    }

    /// Creates a run of a workflow that is described in Swift.
    ///
    /// - Parameters:
    ///   - workflow: the workflow.
    ///   - parameters: the values of its parameters.
    ///   - options: the options of the run.
    ///   - prepare: called with the state before modules are loaded, to register functions and types.
    public convenience init(
        _ workflow: WorkflowBuilder, parameters: [String: LuaValue] = [:],
        options: Options = Options(),
        prepare: @escaping @Sendable (borrowing Lua) throws -> Void = { _ in }
    ) {
        self.init(.builder(workflow), parameters, options, prepare)
    }

    private init(
        _ source: Source, _ parameters: [String: LuaValue], _ options: Options,
        _ prepare: @escaping @Sendable (borrowing Lua) throws -> Void
    ) {
        self.source = source
        self.parameters = parameters
        self.options = options
        self.prepare = prepare
    }

    /// Starts the run, on a new thread. Does nothing if it was started before.
    public func start() {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard isFirst else { return }
        do {
            // Lua allows 200 nested C calls; a Swift function may need more than C's 8 MiB leave.
            try startThread("vtlua-run", stackSize: 16 << 20) { [self] in
                finish(Result { try compute() })
            }
        } catch {
            finish(.failure(LuaError(.memory, "\(error)")))
        }
    }

    /// Stops the run. The running module ends within milliseconds. A run that is started later ends at
    /// once.
    public func cancel() { cancellation.cancel() }

    /// The result of the run, which is started if it was not. Cancelling the waiting task cancels the
    /// run.
    ///
    /// - Throws: `InvalidWorkflow` or `LuaError` if nothing was run; `LuaError` with code
    ///   `cancelled` if the run was cancelled. The failure of a module is part of the result.
    public var outcome: Outcome {
        get async throws {
            try await withTaskCancellationHandler {
                start()
                return try await withCheckedThrowingContinuation { continuation in
                    let result = state.withLock { state in
                        if state.result == nil { state.waiters.append(continuation) }
                        return state.result
                    }
                    if let result { continuation.resume(with: result) }
                }
            } onCancel: {
                cancellation.cancel()
            }
        }
    }

    private func compute() throws -> Outcome {
        var own = options.runtimeWithLog
        // The number of the host, not that of a script.
        if own.libraries != .all, own.workerLimit == nil {
            own.workerLimit = max(options.jobs, Processors.count)
        }
        let runtime = try Runtime(own)
        var output = OutputCount(limit: own.outputLimit)
        do {
            let outcome = try runtime.run { lua in
                try prepare(lua)
                return try lua.limited(
                    timeout: own.timeLimit, cancellation: cancellation
                ) { lua in
                    try runtime.outcome(
                        of: source, parameters, options,
                        { [feed, cancellation] event in
                            output.add(event)
                            if output.isOver { cancellation.cancel() } else { feed.send(event) }
                        }, lua)
                }
            }
            if output.isOver { throw output.error }
            return outcome
        } catch  where output.isOver {
            throw output.error
        }
    }

    private func finish(_ result: Result<Outcome, any Error>) {
        let waiters = state.withLock { state in
            state.result = result
            defer { state.waiters = [] }
            return state.waiters
        }
        feed.finish()
        for waiter in waiters { waiter.resume(with: result) }
    }
}
