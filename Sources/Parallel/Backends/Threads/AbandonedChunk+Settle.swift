// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTSystem

extension RunningTask.AbandonedChunk {
    /// Ends the task that does not return, and returns those that were not started to the queue.
    func settle(worker: Int, queue: TaskQueue?) {
        let call = chunk.call
        let batch = chunk.batch
        let index = current - batch.first
        for earlier in chunk.range.lowerBound..<index where batch.state(earlier) == VTP_WAITING {
            // It is done and not published yet.
            let isWhole = batch[earlier].pointee.length != UInt8(VTP_ELSEWHERE)
            if isWhole {
                vtp_task_publish(batch[earlier], VTP_DONE)
                call.count(finished: 1, busy: 0, done: 1)
            } else if let queue {
                queue.giveBack(Chunk(batch: batch, range: earlier..<(earlier + 1)))
            } else {
                batch.cancel(earlier..<(earlier + 1))
            }
        }
        let rest = (index + 1)..<chunk.range.upperBound
        if !rest.isEmpty {
            if let queue {
                queue.giveBack(Chunk(batch: batch, range: rest))
            } else {
                batch.cancel(rest)
            }
        }
        let isUnwanted = call.isUnwanted(current) || queue == nil
        let failure =
            isUnwanted
            ? TaskFailure.cancelled
            : TaskFailure(
                cause: .timeout,
                message:
                    "timed out after \(Format.plainSeconds(call.options.seconds ?? 0)) s, in a call of a "
                    + "function in C that cannot be stopped; the worker was given up")
        call.settle(number: current, failure)
    }
}
