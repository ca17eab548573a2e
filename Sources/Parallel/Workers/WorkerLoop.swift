// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge
internal import VTShipping

/// The loop of a worker: takes chunks from a queue and runs them until the queue is closed.
struct WorkerLoop {
    let number: Int
    let runningTask: RunningTask
    let workerTable: WorkerTable
    let queue: TaskQueue
    let options: WorkerOptions

    enum End { case over, worn, abandoned }

    /// - Returns: the reason of its end: the queue is closed, the worker has run its `max_tasks`,
    ///   or
    ///   it was given up.
    func run(_ taskRunner: TaskRunner, _ lua: borrowing Lua) -> End {
        var batch: TaskBatch?
        var done = 0
        var pending: Chunk?
        workerTable.update(number, runningTask) { $0.state = .idle }
        while true {
            guard
                let chunk = pending
                    ?? queue.take(
                        number, from: &batch, most: left(done),
                        isWanted: { workerTable.isMember(number, runningTask) })
            else { return .over }
            pending = nil
            workerTable.update(number, runningTask) { $0.state = .busy }
            // One evaluation for all chunks that can be taken without waiting.
            do {
                try lua.limited(cancellation: runningTask.freshCancellation()) { lua in
                    var next: Chunk? = chunk
                    while let chunk = next {
                        guard taskRunner.perform(chunk, lua) else {
                            pending = chunk
                            return
                        }
                        done += chunk.range.count
                        if runningTask.isAbandoned { return }
                        if left(done) <= 0 { return }
                        next = queue.takeNow(number, from: &batch, most: left(done))
                    }
                }
            } catch {
                // There was no memory for the evaluation's own record.
                chunk.fail(TaskFailure(cause: .error, message: "\(error)"), worker: number)
            }
            if runningTask.isAbandoned { return .abandoned }
            taskRunner.rest(lua)
            workerTable.update(number, runningTask) {
                $0.state = .idle
                $0.tasks = done
            }
            if left(done) <= 0, pending == nil { return .worn }
        }
    }

    /// The number of tasks that the worker may still run.
    private func left(_ done: Int) -> Int { options.maxTasks.map { $0 - done } ?? .max }

    /// Fails all tasks that it takes, in place of a worker that cannot start.
    func refuse(_ failure: TaskFailure) {
        workerTable.update(number, runningTask) { $0.state = .broken }
        var batch: TaskBatch?
        while let chunk = queue.take(
            number, from: &batch, isWanted: { workerTable.isMember(number, runningTask) })
        {
            chunk.fail(failure, worker: number)
        }
    }
}

extension Chunk {
    /// Fails all of its tasks that are still wanted.
    func fail(_ failure: TaskFailure, worker: Int) {
        for index in range {
            if call.isUnwanted(batch.first + index) {
                return batch.cancel(index..<range.upperBound)
            }
            vtp_task_attempt(batch[index], Int32(worker))
            batch.finish(index, failure)
        }
    }
}
