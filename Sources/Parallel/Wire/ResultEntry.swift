// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTShipping

/// The end of a task, as one process reports it to another. The bytes of the result, the output and
/// the failure follow.
struct ResultEntry: BitwiseCopyable {
    var state: UInt32
    var attempts: UInt32
    var started: Int64
    var ended: Int64
    /// The number of bytes of the result, if it is not in memory of its own.
    var result: UInt32 = 0
    var printed: UInt32 = 0
    var failure: UInt32 = 0
    /// The number of bytes of what tasks have accessed.
    var accesses: UInt32 = 0
    var unused: UInt32 = 0
    /// The number of pieces of memory that hold the result; 0 if it follows.
    var isInMemory: UInt32 = 0

    /// The entry of a task that ended.
    init(_ task: vtp_task, _ state: vtp_state) {
        self.state = state.rawValue
        attempts = UInt32(task.attempts)
        started = task.started
        ended = task.ended
    }
}

/// Writes entries with their bytes. Most tasks are quick, have a small result and no output: such
/// an entry is nine bytes, with its times relative to the start of the task before.
struct ResultEntries {
    private(set) var writer = ByteWriter()
    private var last: Int64 = 0

    fileprivate struct Short: BitwiseCopyable {
        var wait: UInt32
        var run: UInt32
    }

    /// The first byte of a full entry; that of a short entry is the length of its result.
    fileprivate static let full: UInt8 = 0xff

    /// - Parameters:
    ///   - shipment: the bytes of a longer result that follow the entry.
    ///   - pieces: the number of pieces of memory that hold a result which does not follow.
    mutating func add(
        _ batch: TaskBatch, _ index: Int, shipment: UnsafeRawBufferPointer?, pieces: Int = 0
    ) {
        let state = batch.state(index)
        let more = batch.result(index)
        var entry = ResultEntry(batch[index].pointee, state)
        let accesses = batch.call.takeAccesses()
        if state == VTP_DONE, more == nil, accesses.isEmpty, let short = self.short(entry) {
            batch.withSmallResult(index) { bytes in
                writer.add(UInt8(bytes.count))
                writer.add(short)
                writer.add(raw: bytes)
            }
            last = entry.started
            return
        }
        var failure = ByteWriter()
        if state == VTP_FAILED, let reason = more?.failure { failure.add(reason) }
        let printed = more?.printed ?? []
        entry.printed = UInt32(printed.count)
        entry.failure = UInt32(failure.bytes.count)
        entry.accesses = UInt32(accesses.count)
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
        accesses.withUnsafeBytes { writer.add(raw: $0) }
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

/// Reads the entries that ``ResultEntries`` wrote.
struct ResultReader {
    struct Result {
        var entry: ResultEntry
        let bytes: UnsafeRawBufferPointer
        let printed: UnsafeRawBufferPointer
        let failure: UnsafeRawBufferPointer
        let accesses: UnsafeRawBufferPointer
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
                printed: none, failure: none, accesses: none)
        }
        let entry: ResultEntry = try reader.read()
        last = entry.started
        return Result(
            entry: entry, bytes: try reader.readBytes(Int(entry.result)),
            printed: try reader.readBytes(Int(entry.printed)),
            failure: try reader.readBytes(Int(entry.failure)),
            accesses: try reader.readBytes(Int(entry.accesses)))
    }
}
