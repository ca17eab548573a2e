// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import Glibc
internal import VTShipping
internal import VTSystem

/// A child process for each worker, and in this process a thread that serves it.
final class ProcessBackend: Backend {
    let kind = "processes"
    let count: Int
    var rules: ShippingRules { [.functions, .sharedStrings] }

    private let queue: TaskQueue
    private let workerTable: WorkerTable
    private let options: WorkerOptions
    private let program: String
    private let servers: Monitor<[ProcessServer]>

    /// - Parameter program: what children run; it has to call ``HiddenCommand/runIfAsked`` first.
    init(_ options: WorkerOptions, program: String) throws {
        count = options.count
        self.options = options
        self.program = program
        queue = TaskQueue(workers: count)
        workerTable = WorkerTable(count: count)
        servers = Monitor([])
        for entry in workerTable.state.withLock({ $0.entries }) {
            let server = ProcessServer(
                number: entry.number, runningTask: entry.runningTask, queue: queue,
                workerTable: workerTable,
                options: options, program: program)
            servers.withLock { $0.append(server) }
            do {
                try start(server, entry.number)
            } catch {
                workerTable.gone(entry.number, entry.runningTask)
                terminate()
                throw error
            }
        }
    }

    private func start(_ server: ProcessServer, _ number: Int) throws {
        try startThread("vtlua-p\(number)", stackSize: 512 << 10) { server.main() }
    }

    // MARK: Backend

    func add(_ batch: TaskBatch, to worker: Int?) { queue.add(batch, to: worker) }
    func addSetup(_ step: SetupStep) { workerTable.addSetup(step) }
    func status() -> [WorkerStatus] { workerTable.statuses() }
    var waiting: Int { queue.waiting }
    var replaced: Int { workerTable.replaced }
    var isGone: Bool { workerTable.isGone }
    /// The servers have their own clocks.
    func lookAfterWorkers() {}

    func interrupt(_ call: Call) {
        for server in servers.withLock({ $0 }) { server.interrupt(call) }
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
        for server in servers.withLock({ $0 }) { server.killChild() }
    }
}
