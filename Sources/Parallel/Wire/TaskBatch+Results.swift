// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTShipping

extension TaskBatch {
    /// Ends a task with the result that another process reported.
    ///
    /// - Parameters:
    ///   - reported: its end; the failure is a ``TaskFailure``, as bytes.
    ///   - long: its result, where that is not among the bytes of `reported`.
    ///   - counters: the counters of the batch's call.
    func end(
        _ index: Int, _ reported: ResultReader.Result, long: Shipment?, worker: Int,
        _ counters: inout CallCounters
    ) throws {
        let task = self[index]
        let entry = reported.entry
        let isLong = reported.bytes.count > VTP_SMALL
        vtp_task_note(task, Int32(worker), entry.attempts, entry.started, entry.ended)
        if !reported.accesses.isEmpty { call.addAccesses(Array(reported.accesses)) }
        if isLong || long != nil || !reported.printed.isEmpty {
            let result = TaskResult()
            // An attempt that ended with its worker may have left output.
            result.printed = (self.result(index)?.printed ?? []) + Array(reported.printed)
            result.shipment = long ?? (isLong ? Shipment(copying: reported.bytes) : nil)
            setResult(index, result)
        }
        switch vtp_state(rawValue: entry.state) {
        case VTP_DONE:
            if !isLong {
                vtp_task_keep(task, reported.bytes.baseAddress, UInt8(reported.bytes.count))
            }
            vtp_task_publish(task, VTP_DONE)
            counters.done(from: entry.started, to: entry.ended)
        case VTP_FAILED:
            var reader = ByteReader(reported.failure)
            finish(index, try reader.readFailure())
        default: cancel(index..<(index + 1))
        }
    }
}
