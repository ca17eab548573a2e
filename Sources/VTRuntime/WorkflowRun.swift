// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
public import VTLuaBridge
internal import VTStore
internal import Synchronization
public import VTWorkflow

/// A workflow that runs on a thread of its own, for programs that embed VTLua.
///
/// ```swift
/// let run = WorkflowRun(file: "flow.lua", parameters: ["radius": .integer(2)])
/// for await event in run.events { print(event) }
/// let outcome = try await run.outcome
/// ```
public final class WorkflowRun: Sendable {
    /// What a run ended with.
    public struct Outcome: Sendable {
        public var run: String
        public var status: RunStatus
        public var seconds: Double
        public var modules: [ModuleRecord]
        /// Copies of the workflow's outputs; what cannot be copied is described.
        public var outputs: [String: LuaValue]
    }

    /// How a run is set up.
    public struct Options: Sendable {
        public var runtime = Runtime.Options()
        public var keepGoing = false
        public var targets: [String] = []
        /// The directory where results and the record are kept; nil: nothing is kept.
        public var store: String?
        /// Seconds for modules that set no limit of their own.
        public var timeout: Double?
        public var retries = 0

        public init() {}
    }

    /// What happens, in order; ends when the run does.
    public let events: AsyncStream<RunEvent>
    private let cancellation = LuaCancellation()
    private let task: Task<Outcome, any Error>

    /// Starts a run.
    ///
    /// - Parameters:
    ///   - file: the workflow's script.
    ///   - parameters: values for its parameters.
    ///   - options: how the run is set up.
    ///   - prepare: is lent the state before the script is loaded: to register functions and
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

    /// Stops the run: the module that computes now ends within milliseconds.
    public func cancel() { cancellation.cancel() }

    /// How it ended. Cancelling the task that waits for it cancels the run.
    ///
    /// - Throws: `InvalidWorkflow` or `LuaError`: nothing ran; `LuaError` with code
    ///   `cancelled`: it was cancelled. A module that failed is in the outcome.
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
        let flow: FlowFile
        do {
            flow = try FlowFile.load(file, in: workspace, lua)
        } catch let invalid as InvalidFlow {
            throw InvalidWorkflow(
                problems: [WorkflowError(invalid.message, at: invalid.location)])
        }
        if let directory = options.store {
            workspace.use(try Store(directory: directory), for: flow) { report("\($0)\n") }
        }
        do {
            try flow.graph.requireParameters(parameters.keys.sorted())
        } catch let error as WorkflowError {
            throw InvalidWorkflow(problems: [error])
        }
        var arguments: [String: LuaReference] = [:]
        for (name, value) in parameters {
            try value.push(onto: lua)
            arguments[name] = try lua.takeReference()
        }
        let plan: Plan
        do {
            plan = try flow.graph.plan(
                arguments: arguments, targets: options.targets, capabilities: .ofThisProgram, lua)
        } catch let unknown as UnknownNode {
            throw InvalidWorkflow(problems: [WorkflowError(unknown.description)])
        }
        var settings = Interpreter.Options()
        settings.keepGoing = options.keepGoing
        settings.timeout = options.timeout
        settings.retries = options.retries
        workspace.interpreter.observers.append(listener)
        let result = try workspace.interpreter.run(
            plan, of: flow.graph.name, options: settings, lua)
        var outputs: [String: LuaValue] = [:]
        for (name, value) in result.outputs {
            guard let value else { continue }
            try lua.push(value)
            outputs[name] = LuaValue(
                lua: lua, at: -1, bounds: .init(depth: 100, pairs: 10_000_000))
            lua.pop()
        }
        return WorkflowRun.Outcome(
            run: result.run, status: result.status, seconds: result.seconds,
            modules: result.modules, outputs: outputs)
    }
}

/// Runs `body` on a thread of its own: a Lua state does not move, and may keep its thread busy.
private func onThread<R: Sendable>(
    _ body: @escaping @Sendable () throws -> R
) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
        let work = ThreadWork { continuation.resume(with: Result { try body() }) }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        // Lua allows 200 nested C calls; a Swift function may need more room than C's 8 MiB leave.
        pthread_attr_setstacksize(&attributes, 16 << 20)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let held = Unmanaged.passRetained(work)
        let status = pthread_create(
            &thread, &attributes,
            { context in
                // Passed in below, and never nil.
                Unmanaged<ThreadWork>.fromOpaque(context!).takeRetainedValue().body()
                return nil
            }, held.toOpaque())
        if status != 0 {
            held.release()
            continuation.resume(
                throwing: LuaError(
                    .memory, "cannot start a thread: \(String(cString: strerror(status)))"))
        }
    }
}

private final class ThreadWork: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
