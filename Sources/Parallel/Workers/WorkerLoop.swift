// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import LuaBridge
internal import Shipping

/// A worker at its workbench: takes chunks from a queue until there is nothing more.
struct WorkerLoop {
    let number: Int
    let gate: Gate
    let roster: Roster
    let queue: TaskQueue
    let options: WorkerOptions

    enum End { case over, worn, abandoned }

    /// - Returns: why it ended: there is nothing more, the worker has done its `max_tasks`, or
    ///   nobody waits for it any more.
    func run(_ bench: Workbench, _ lua: borrowing Lua) -> End {
        var lot: Lot?
        var done = 0
        var pending: Chunk?
        roster.update(number, gate) { $0.state = "idle" }
        while true {
            guard
                let chunk = pending
                    ?? queue.take(
                        number, from: &lot, isWanted: { roster.isMember(number, gate) })
            else { return .over }
            pending = nil
            roster.update(number, gate) { $0.state = "busy" }
            // One evaluation for as many chunks as come without waiting.
            do {
                try lua.limited(cancellation: gate.freshCancellation()) { lua in
                    var next: Chunk? = chunk
                    while let chunk = next {
                        guard bench.perform(chunk, lua) else {
                            pending = chunk
                            return
                        }
                        done += chunk.range.count
                        if gate.isAbandoned { return }
                        if let most = options.maxTasks, done >= most { return }
                        next = queue.takeNow(number, from: &lot)
                    }
                }
            } catch {
                // The system had no memory for the evaluation's own record.
                chunk.fail(TaskFailure(cause: .error, message: "\(error)"), worker: number)
            }
            if gate.isAbandoned { return .abandoned }
            bench.rest(lua)
            roster.update(number, gate) {
                $0.state = "idle"
                $0.tasks = done
            }
            if let most = options.maxTasks, done >= most, pending == nil { return .worn }
        }
    }

    /// In the place of a worker that cannot start: fails whatever it is given.
    func refuse(_ failure: TaskFailure) {
        roster.update(number, gate) { $0.state = "broken" }
        var lot: Lot?
        while let chunk = queue.take(
            number, from: &lot, isWanted: { roster.isMember(number, gate) })
        {
            chunk.fail(failure, worker: number)
        }
    }
}

extension Chunk {
    /// Fails its tasks with the same failure, those that are still wanted.
    func fail(_ failure: TaskFailure, worker: Int) {
        for index in range {
            if job.isUnwanted(lot.first + index) {
                return lot.cancel(index..<range.upperBound)
            }
            vtp_task_attempt(lot[index], Int32(worker))
            lot.finish(index, failure)
        }
    }
}
