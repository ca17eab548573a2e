// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTShipping
internal import VTSystem

/// Workers that are child processes, each with a thread of this process that serves it.
final class ProcessBackend: Backend, TaskInterrupter {
    let kind = BackendKind.processes
    let count: Int
    var rules: ShippingRules { [.functions, .sharedStrings, .sharedMemory] }

    private let queue: TaskQueue
    private let workerTable: WorkerTable
    private let options: WorkerOptions
    private let program: String
    private let controls: [ChildControl]

    /// - Parameter program: the program of the children, which calls ``HiddenCommand/runIfAsked``
    ///   first.
    init(_ options: WorkerOptions, program: String) throws {
        count = options.count
        self.options = options
        self.program = program
        queue = TaskQueue(workers: count)
        workerTable = WorkerTable(count: count)
        controls = (0..<count).map { _ in ChildControl() }
        for (entry, control) in zip(workerTable.state.withLock({ $0.entries }), controls) {
            do {
                try start(entry.number, entry.runningTask, control)
            } catch {
                workerTable.gone(entry.number, entry.runningTask)
                terminate()
                throw error
            }
        }
    }

    private func start(
        _ number: Int, _ runningTask: RunningTask, _ control: ChildControl
    ) throws {
        try startThread("vtlua-p\(number)", stackSize: 512 << 10) {
            [queue, workerTable, options, program] in
            ProcessServer(
                number: number, runningTask: runningTask, queue: queue, workerTable: workerTable,
                options: options, program: program, control: control
            )
            .main()
        }
    }

    // MARK: Backend

    func add(_ batch: TaskBatch, to worker: Int?) { queue.add(batch, to: worker) }
    func addSetup(_ step: SetupStep) { workerTable.addSetup(step) }
    func status() -> [WorkerStatus] { workerTable.statuses() }
    var waiting: Int { queue.waiting }
    var replaced: Int { workerTable.replaced }
    var isGone: Bool { workerTable.isGone }
    /// Does nothing: the servers check their children.
    func checkWorkers() {}

    var interrupter: any TaskInterrupter { self }

    func interrupt(_ call: Call) {
        queue.cancelUnwanted(of: call)
        for control in controls { control.interrupt(call) }
    }

    func close() {
        workerTable.state.withLock { $0.isClosed = true }
        queue.close()
    }

    func terminate() {
        workerTable.state.withLock { state in
            state.isClosed = true
            state.isTerminated = true
        }
        queue.close()
        for chunk in queue.takeAll() { chunk.batch.cancel(chunk.range) }
        for control in controls { control.kill() }
    }
}
