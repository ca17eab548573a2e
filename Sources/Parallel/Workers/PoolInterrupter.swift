// SPDX-License-Identifier: BSD-3-Clause

/// Ends the unwanted tasks of a pool of threads: those that wait are cancelled at once, those that
/// run are interrupted.
final class PoolInterrupter: TaskInterrupter {
    private let queue: TaskQueue
    private let workerTable: WorkerTable

    init(_ queue: TaskQueue, _ workerTable: WorkerTable) {
        self.queue = queue
        self.workerTable = workerTable
    }

    func interrupt(_ call: Call) {
        queue.cancelUnwanted(of: call)
        workerTable.interrupt(call)
    }
}
