// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTShipping

/// How a task ended, as one process tells another. Its bytes follow: of the result, of what was
/// printed, of the failure.
struct ResultEntry: BitwiseCopyable {
    var state: UInt32
    var attempts: UInt32
    var started: Int64
    var ended: Int64
    /// Bytes of the result, if it is not in memory of its own.
    var result: UInt32 = 0
    var printed: UInt32 = 0
    var failure: UInt32 = 0
    /// How many pieces of memory the result is in; 0 if it is here.
    var isInMemory: UInt32 = 0

    /// A task that ended.
    init(_ task: vtp_task, _ state: vtp_state) {
        self.state = state.rawValue
        attempts = UInt32(task.attempts)
        started = task.started
        ended = task.ended
    }
}

/// Writes entries with their bytes. Most tasks are quick, have a small result and nothing to tell:
/// such an entry is nine bytes, with its times counted from when the task before started.
struct ResultEntries {
    private(set) var writer = ByteWriter()
    private var last: Int64 = 0

    fileprivate struct Short: BitwiseCopyable {
        var wait: UInt32
        var run: UInt32
    }

    /// The first byte of an entry in full; of a short one it is the length of its result.
    fileprivate static let full: UInt8 = 0xff

    /// - Parameters:
    ///   - shipment: the part of a longer result, where that goes here.
    ///   - pieces: how many pieces of memory a result goes in that does not go here.
    mutating func add(
        _ batch: TaskBatch, _ index: Int, shipment: UnsafeRawBufferPointer?, pieces: Int = 0
    ) {
        let state = batch.state(index)
        let more = batch.result(index)
        var entry = ResultEntry(batch[index].pointee, state)
        if state == VTP_DONE, more == nil, let short = self.short(entry) {
            batch.withSmallResult(index) { bytes in
                writer.add(UInt8(bytes.count))
                writer.add(short)
                writer.add(raw: bytes)
            }
            last = entry.started
            return
        }
        var failure = ByteWriter()
        if state == VTP_FAILED, let told = more?.failure { failure.add(told) }
        let printed = more?.printed ?? []
        entry.printed = UInt32(printed.count)
        entry.failure = UInt32(failure.bytes.count)
        entry.isInMemory = UInt32(pieces)
        func add(_ bytes: UnsafeRawBufferPointer?) {
            entry.result = UInt32(bytes?.count ?? 0)
            writer.add(Self.full)
            writer.add(entry)
            if let bytes { writer.add(raw: bytes) }
        }
        if state == VTP_DONE, shipment == nil, pieces == 0 {
            batch.withSmallResult(index) { add($0) }
        } else {
            add(shipment)
        }
        printed.withUnsafeBytes { writer.add(raw: $0) }
        failure.bytes.withUnsafeBytes { writer.add(raw: $0) }
        last = entry.started
    }

    private func short(_ entry: ResultEntry) -> Short? {
        guard entry.attempts == 1, let wait = UInt32(exactly: entry.started &- last),
            let run = UInt32(exactly: entry.ended &- entry.started)
        else { return nil }
        return Short(wait: wait, run: run)
    }

    mutating func removeAll() {
        writer.removeAll()
        last = 0
    }
}

/// Reads what ``ResultEntries`` wrote.
struct ResultReader {
    struct Result {
        var entry: ResultEntry
        let bytes: UnsafeRawBufferPointer
        let printed: UnsafeRawBufferPointer
        let failure: UnsafeRawBufferPointer
    }

    var reader: ByteReader
    private var last: Int64 = 0

    init(_ bytes: UnsafeRawBufferPointer) { reader = ByteReader(bytes) }

    /// - Throws: `ByteReader.Damaged`.
    mutating func next() throws -> Result {
        let first: UInt8 = try reader.read()
        if first != ResultEntries.full {
            let short: ResultEntries.Short = try reader.read()
            var task = vtp_task()
            task.attempts = 1
            task.started = last &+ Int64(short.wait)
            task.ended = task.started &+ Int64(short.run)
            last = task.started
            let none = UnsafeRawBufferPointer(start: nil, count: 0)
            return Result(
                entry: ResultEntry(task, VTP_DONE), bytes: try reader.readBytes(Int(first)),
                printed: none, failure: none)
        }
        let entry: ResultEntry = try reader.read()
        last = entry.started
        return Result(
            entry: entry, bytes: try reader.readBytes(Int(entry.result)),
            printed: try reader.readBytes(Int(entry.printed)),
            failure: try reader.readBytes(Int(entry.failure)))
    }
}
