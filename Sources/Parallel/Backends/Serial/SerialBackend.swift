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

    private let state: LuaState
    /// Nil when the worker cannot start.
    private let taskRunner: TaskRunner?
    private let failure: TaskFailure?
    private let runningTask = RunningTask()
    private var tasks = 0
    private(set) var isGone = false

    init(_ options: WorkerOptions, makeState: WorkerStateMaker) throws {
        let state = try makeState(options)
        let runningTask = runningTask
        var taskRunner: TaskRunner?
        var failure: TaskFailure?
        try state.run { lua in
            do {
                let made = try TaskRunner(
                    worker: 1, runningTask: runningTask, rules: [.functions, .references], lua)
                try made.start(options, [], lua)
                taskRunner = made
            } catch let reason as TaskFailure {
                failure = reason
            }
        }
        self.taskRunner = taskRunner
        self.failure = failure
        self.state = state
    }

    func add(_ batch: TaskBatch, to worker: Int?) {
        guard let chunk = batch.take(batch.count) else { return }
        guard let taskRunner else {
            return chunk.fail(failure ?? .cancelled, worker: 1)
        }
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
        tasks += batch.count
    }

    func addSetup(_ step: SetupStep) {}
    var interrupter: any TaskInterrupter { runningTask }

    func status() -> [WorkerStatus] {
        var status = WorkerTable(count: 1).statuses()
        status[0].state = isGone ? .gone : taskRunner == nil ? .broken : .idle
        status[0].tasks = tasks
        return status
    }

    var waiting: Int { 0 }
    var replaced: Int { 0 }
    func checkWorkers() {}

    func close() {
        taskRunner?.close()
        isGone = true
    }

    func terminate() { close() }
}
