// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge
internal import VTShipping

/// One worker on the caller's own thread: each task runs when it is added. The worker has a Lua
/// state of its own, so that functions behave as in every other backend.
final class SerialBackend: Backend {
    let kind = BackendKind.serial
    let count = 1
    var rules: ShippingRules { [.functions, .references] }
    /// A batch runs when it is added, and no result is returned before its end.
    var largestWindow: Int { 8 }

    private let options: WorkerOptions
    private let makeState: WorkerStateMaker
    private var state: LuaState
    /// Nil when the worker cannot start.
    private var taskRunner: TaskRunner?
    private var failure: TaskFailure?
    private let runningTask = RunningTask()
    private var setup: [SetupStep] = []
    /// The number of tasks that the worker has run.
    private var tasks = 0
    private(set) var replaced = 0
    private(set) var isGone = false

    init(_ options: WorkerOptions, makeState: @escaping WorkerStateMaker) throws {
        self.options = options
        self.makeState = makeState
        state = try makeState(options)
        try start()
    }

    /// Starts the worker in its state.
    private func start() throws {
        taskRunner = nil
        failure = nil
        try state.run { lua in
            do {
                let made = try TaskRunner(
                    worker: 1, runningTask: runningTask, rules: [.functions, .references], lua)
                try made.start(options, setup, lua)
                taskRunner = made
            } catch let reason as TaskFailure {
                failure = reason
            }
        }
    }

    /// Replaces the worker by a new one.
    private func replace() {
        state.run { lua in taskRunner?.close(lua) }
        replaced += 1
        tasks = 0
        do {
            state = try makeState(options)
            try start()
        } catch {
            taskRunner = nil
            failure = TaskFailure(start: error)
        }
    }

    func add(_ batch: TaskBatch, to worker: Int?) {
        while batch.left > 0 {
            if let most = options.maxTasks, tasks >= most { replace() }
            let most = options.maxTasks.map { $0 - tasks } ?? batch.count
            guard let chunk = batch.take(most) else { return }
            guard let taskRunner else {
                chunk.fail(failure ?? .cancelled, worker: 1)
                continue
            }
            run(chunk, taskRunner)
            tasks += chunk.range.count
        }
    }

    private func run(_ chunk: Chunk, _ taskRunner: TaskRunner) {
        state.run { lua in
            while true {
                do {
                    let isDone = try lua.limited(cancellation: runningTask.freshCancellation()) {
                        lua in
                        taskRunner.perform(chunk, lua)
                    }
                    if isDone { break }
                } catch {
                    chunk.fail(TaskFailure(cause: .error, message: "\(error)"), worker: 1)
                    break
                }
            }
        }
    }

    func addSetup(_ step: SetupStep) { if options.maxTasks != nil { setup.add(step) } }
    var interrupter: any TaskInterrupter { runningTask }

    func status() -> [WorkerStatus] {
        var status = WorkerTable(count: 1).statuses()
        status[0].state = isGone ? .gone : taskRunner == nil ? .broken : .idle
        status[0].tasks = tasks
        return status
    }

    var waiting: Int { 0 }
    func checkWorkers() {}

    func close() { end(endsPrograms: false) }
    func terminate() { end(endsPrograms: true) }

    private func end(endsPrograms: Bool) {
        isGone = true
        state.run { lua in taskRunner?.close(endsPrograms: endsPrograms, lua) }
    }
}
