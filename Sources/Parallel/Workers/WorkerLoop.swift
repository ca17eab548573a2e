// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge
internal import VTShipping

/// A worker at its taskRunner: takes chunks from a queue until there is nothing more.
struct WorkerLoop {
    let number: Int
    let runningTask: RunningTask
    let workerTable: WorkerTable
    let queue: TaskQueue
    let options: WorkerOptions

    enum End { case over, worn, abandoned }

    /// - Returns: why it ended: there is nothing more, the worker has done its `max_tasks`, or
    ///   nobody waits for it any more.
    func run(_ taskRunner: TaskRunner, _ lua: borrowing Lua) -> End {
        var batch: TaskBatch?
        var done = 0
        var pending: Chunk?
        workerTable.update(number, runningTask) { $0.state = "idle" }
        while true {
            guard
                let chunk = pending
                    ?? queue.take(
                        number, from: &batch,
                        isWanted: { workerTable.isMember(number, runningTask) })
            else { return .over }
            pending = nil
            workerTable.update(number, runningTask) { $0.state = "busy" }
            // One evaluation for as many chunks as come without waiting.
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
                        if let most = options.maxTasks, done >= most { return }
                        next = queue.takeNow(number, from: &batch)
                    }
                }
            } catch {
                // The system had no memory for the evaluation's own record.
                chunk.fail(TaskFailure(cause: .error, message: "\(error)"), worker: number)
            }
            if runningTask.isAbandoned { return .abandoned }
            taskRunner.rest(lua)
            workerTable.update(number, runningTask) {
                $0.state = "idle"
                $0.tasks = done
            }
            if let most = options.maxTasks, done >= most, pending == nil { return .worn }
        }
    }

    /// In the place of a worker that cannot start: fails whatever it is given.
    func refuse(_ failure: TaskFailure) {
        workerTable.update(number, runningTask) { $0.state = "broken" }
        var batch: TaskBatch?
        while let chunk = queue.take(
            number, from: &batch, isWanted: { workerTable.isMember(number, runningTask) })
        {
            chunk.fail(failure, worker: number)
        }
    }
}

extension Chunk {
    /// Fails its tasks with the same failure, those that are still wanted.
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
