// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
public import VTLuaBridge
internal import VTStore
internal import VTSystem
public import VTWorkflow

/// A run of a workflow on a thread of its own, for programs that embed VTLua.
///
/// ```swift
/// let run = WorkflowRun(file: "flow.lua", parameters: ["radius": .integer(2)])
/// for await event in run.events { print(event) }
/// let outcome = try await run.outcome
/// ```
public final class WorkflowRun: Sendable {
    /// The result of a run.
    public struct Outcome: Sendable {
        /// The identifier of the run.
        public var run: String
        /// The status of the run: succeeded, failed or cancelled.
        public var status: RunStatus
        /// The duration of the run in seconds.
        public var seconds: Double
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
        /// The time limit in seconds for modules without one of their own.
        public var timeout: Double?
        /// The number of attempts after the first, for modules that set none.
        public var retries = 0
        /// The number of modules and tasks that run at once; modules compute on worker processes where
        /// it is more than 1 and nothing prevents it. See ``WorkerRuntime/prepare(warn:)``.
        public var jobs = 1

        /// The default options: everything runs and nothing is stored.
        public init() {}
    }

    /// The events of the run in order. The stream ends with the run.
    public let events: AsyncStream<RunEvent>
    private let cancellation = LuaCancellation()
    private let task: Task<Outcome, any Error>

    /// Starts a run.
    ///
    /// - Parameters:
    ///   - file: the script of the workflow.
    ///   - parameters: the values of its parameters.
    ///   - options: the options of the run.
    ///   - prepare: called with the state before the script is loaded, to register functions and
    ///     types.
    public init(
        file: String, parameters: [String: LuaValue] = [:], options: Options = Options(),
        prepare: @escaping @Sendable (borrowing Lua) throws -> Void = { _ in }
    ) {
        let (events, continuation) = AsyncStream.makeStream(of: RunEvent.self)
        self.events = events
        let cancellation = cancellation
        task = Task {
            defer { continuation.finish() }
            return try await onThread {
                let runtime = try Runtime(options.runtime)
                return try runtime.run { lua in
                    try prepare(lua)
                    return try lua.limited(cancellation: cancellation) { lua in
                        try runtime.outcome(
                            of: file, parameters, options, { continuation.yield($0) }, lua)
                    }
                }
            }
        }
    }

    /// Stops the run. The running module ends within milliseconds.
    public func cancel() { cancellation.cancel() }

    /// The result of the run. Cancelling the waiting task cancels the run.
    ///
    /// - Throws: `InvalidWorkflow` or `LuaError` if nothing was run; `LuaError` with code
    ///   `cancelled` if the run was cancelled. The failure of a module is part of the result.
    public var outcome: Outcome {
        get async throws {
            try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                cancellation.cancel()
            }
        }
    }
}

extension Runtime {
    fileprivate func outcome(
        of file: String, _ parameters: [String: LuaValue], _ options: WorkflowRun.Options,
        _ listener: @escaping (RunEvent) -> Void, _ lua: borrowing Lua
    ) throws -> WorkflowRun.Outcome {
        try workspace.capturePrint(lua)
        var runner: FlowRunner
        let plan: Plan
        do {
            runner = try FlowRunner(script: file, in: workspace, lua)
            if let directory = options.store { runner.use(try Store(directory: directory)) }
            var arguments: [String: LuaReference] = [:]
            for (name, value) in parameters {
                try value.push(onto: lua)
                arguments[name] = try lua.takeReference()
            }
            plan = try runner.explainingBuild {
                try runner.plan(arguments: arguments, targets: options.targets, lua)
            }
        } catch let invalid as InvalidFlow {
            throw InvalidWorkflow(
                problems: [WorkflowError(invalid.message, at: invalid.location)])
        } catch let unknown as UnknownNode {
            throw InvalidWorkflow(problems: [WorkflowError(unknown.description)])
        } catch let error as WorkflowError {
            throw InvalidWorkflow(problems: [error])
        }
        runner.environment.observers.append(listener)
        let result = try runner.run(plan, options: options.interpreter, lua)
        return WorkflowRun.Outcome(
            run: result.run, status: result.status, seconds: result.seconds,
            modules: result.modules, outputs: try result.copyOutputs(lua))
    }
}

extension WorkflowRun.Options {
    fileprivate var interpreter: Interpreter.Options {
        var options = Interpreter.Options()
        options.keepGoing = keepGoing
        options.timeout = timeout
        options.retries = retries
        options.jobs = jobs
        return options
    }
}

/// Runs `body` on a new thread: a Lua state stays on one thread, and may block it for long.
private func onThread<R: Sendable>(
    _ body: @escaping @Sendable () throws -> R
) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
        do {
            // Lua allows 200 nested C calls; a Swift function may need more than C's 8 MiB leave.
            try startThread("vtlua-run", stackSize: 16 << 20) {
                continuation.resume(with: Result { try body() })
            }
        } catch {
            continuation.resume(throwing: LuaError(.memory, "\(error)"))
        }
    }
}
