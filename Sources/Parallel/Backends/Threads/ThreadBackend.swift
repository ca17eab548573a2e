// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// Workers that are threads, each with a Lua state of its own.
final class ThreadBackend: Backend {
    let kind = BackendKind.threads
    let count: Int
    var rules: ShippingRules { [.functions, .references] }

    private let queue: TaskQueue
    private let workerTable: WorkerTable
    private let options: WorkerOptions
    private let makeState: WorkerStateMaker
    let interrupter: any TaskInterrupter

    /// Starts the threads, which create their own states.
    init(_ options: WorkerOptions, makeState: @escaping WorkerStateMaker) throws {
        count = options.count
        self.options = options
        self.makeState = makeState
        queue = TaskQueue(workers: count)
        workerTable = WorkerTable(count: count)
        interrupter = PoolInterrupter(queue, workerTable)
        for entry in workerTable.state.withLock({ $0.entries }) {
            do {
                try start(entry.number, entry.runningTask)
            } catch {
                terminate()
                throw error
            }
        }
    }

    /// Enough for Lua's 200 levels of C calls; only what is used takes memory.
    private static let stackSize = 4 << 20

    private func start(_ number: Int, _ runningTask: RunningTask) throws {
        let thread = WorkerThread(
            number: number, runningTask: runningTask, queue: queue, workerTable: workerTable,
            options: options,
            makeState: makeState)
        do {
            try startThread(WorkerThread.name(number), stackSize: Self.stackSize) { thread.main() }
        } catch {
            workerTable.gone(number, runningTask)
            throw error
        }
    }

    // MARK: Backend

    func add(_ batch: TaskBatch, to worker: Int?) { queue.add(batch, to: worker) }
    func addSetup(_ step: SetupStep) { workerTable.addSetup(step) }
    func status() -> [WorkerStatus] { workerTable.statuses() }
    var waiting: Int { queue.waiting }
    var replaced: Int { workerTable.replaced }
    var isGone: Bool { workerTable.isGone }

    func close() {
        workerTable.state.withLock { $0.isClosed = true }
        queue.close()
    }

    func terminate() {
        let entries = workerTable.state.withLock { state in
            state.isClosed = true
            state.isTerminated = true
            return state.entries
        }
        queue.close()
        for entry in entries { entry.runningTask.interrupt() }
        // All threads may be in calls that cannot be stopped.
        for chunk in queue.takeAll() { chunk.batch.cancel(chunk.range) }
    }

    func checkWorkers() {
        for entry in workerTable.state.withLock({ $0.entries }) where !entry.isGone {
            guard let abandoned = entry.runningTask.abandon(overdueBy: RunningTask.grace) else {
                continue
            }
            let isTerminated = workerTable.isTerminated
            if isTerminated {
                workerTable.gone(entry.number, entry.runningTask)
            } else {
                // The thread ends when its call of C returns; another replaces it now.
                let runningTask = workerTable.replace(entry.number)
                if (try? start(entry.number, runningTask)) == nil {
                    workerTable.gone(entry.number, runningTask)
                }
            }
            abandoned.settle(worker: entry.number, queue: isTerminated ? nil : queue)
        }
    }
}

/// The thread of a worker.
private final class WorkerThread: Sendable {
    private let loop: WorkerLoop
    private let makeState: WorkerStateMaker

    init(
        number: Int, runningTask: RunningTask, queue: TaskQueue, workerTable: WorkerTable,
        options: WorkerOptions,
        makeState: @escaping WorkerStateMaker
    ) {
        loop = WorkerLoop(
            number: number, runningTask: runningTask, workerTable: workerTable, queue: queue,
            options: options)
        self.makeState = makeState
    }

    static func name(_ number: Int) -> String { "vtlua-\(number)" }

    func main() {
        loop.workerTable.update(loop.number, loop.runningTask) {
            $0.thread = Self.name(loop.number)
        }
        while work() { loop.workerTable.countReplaced() }
        loop.queue.forgetTaken()
        loop.workerTable.gone(loop.number, loop.runningTask)
    }

    /// Runs tasks; true if a new state must replace this one, after `max_tasks` tasks.
    private func work() -> Bool {
        do {
            let state = try makeState(loop.options)
            return try state.run { lua in
                let taskRunner = try TaskRunner(
                    worker: loop.number, runningTask: loop.runningTask,
                    rules: [.functions, .references], lua)
                defer { taskRunner.close(endsPrograms: loop.workerTable.isTerminated, lua) }
                try taskRunner.start(loop.options, loop.workerTable.setup, lua)
                return loop.run(taskRunner, lua) == .worn
            }
        } catch {
            // A pool may be terminated while a worker starts; its tasks end all the same.
            loop.refuse(loop.workerTable.isTerminated ? .cancelled : TaskFailure(start: error))
            return false
        }
    }
}
