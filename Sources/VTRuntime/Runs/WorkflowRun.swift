// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTSystem
internal import VTWorkflow

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
        let runtime = try Runtime(options.runtimeWithLog)
        return try runtime.run { lua in
            try prepare(lua)
            return try lua.limited(
                timeout: options.runtime.timeLimit, cancellation: cancellation
            ) { lua in
                try runtime.outcome(
                    of: source, parameters, options, { [feed] in feed.send($0) }, lua)
            }
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
