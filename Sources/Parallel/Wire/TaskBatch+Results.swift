// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTShipping

extension TaskBatch {
    /// Ends a task as another process tells.
    ///
    /// - Parameters:
    ///   - told: how it ended; its failure is a ``TaskFailure``, as bytes.
    ///   - long: its result, where that is not among the bytes told.
    ///   - counters: of the batch's call.
    func end(
        _ index: Int, _ told: ResultReader.Result, long: Shipment?, worker: Int,
        _ counters: inout CallCounters
    ) throws {
        let task = self[index]
        let entry = told.entry
        let isLong = told.bytes.count > VTP_SMALL
        vtp_task_note(task, Int32(worker), entry.attempts, entry.started, entry.ended)
        if isLong || long != nil || !told.printed.isEmpty {
            let result = TaskResult()
            result.printed = Array(told.printed)
            result.shipment = long ?? (isLong ? Shipment(copying: told.bytes) : nil)
            setResult(index, result)
        }
        switch vtp_state(rawValue: entry.state) {
        case VTP_DONE:
            if !isLong { vtp_task_keep(task, told.bytes.baseAddress, UInt8(told.bytes.count)) }
            vtp_task_publish(task, VTP_DONE)
            counters.done(from: entry.started, to: entry.ended)
        case VTP_FAILED:
            var reader = ByteReader(told.failure)
            finish(index, try reader.readFailure())
        default: cancel(index..<(index + 1))
        }
    }
}
