// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTShipping
internal import VTSystem

/// Collects a child's results, many to a message.
struct ResultWriter {
    private var entries = ResultEntries()
    private var count: UInt32 = 0
    private var since: Int64 = 0

    var isLarge: Bool { entries.writer.bytes.count > 64 << 10 }
    /// The nanoseconds that the oldest of them has waited.
    var age: Int64 { count == 0 ? 0 : Clock.now - since }

    /// Adds the result of a published task. A large one is sent at once, after those before it.
    mutating func add(_ batch: TaskBatch, _ index: Int, _ link: Link) throws {
        guard batch.state(index) == VTP_DONE, let result = batch.result(index),
            let shipment = result.shipment
        else { return add(batch, index) }
        let part = result.position..<batch.endOfLongResult(index)
        if part.count < Segment.smallest, !shipment.hasReferences {
            shipment.withBytes { all in
                add(batch, index, shipment: UnsafeRawBufferPointer(rebasing: all[part]))
            }
        } else {
            try flush(to: link)
            add(batch, index, pieces: 1)
            let (header, body) = take()
            try link.send(header, body, shipment, part)
        }
    }

    private mutating func add(
        _ batch: TaskBatch, _ index: Int, shipment: UnsafeRawBufferPointer? = nil, pieces: Int = 0
    ) {
        if count == 0 { since = Clock.now }
        entries.add(batch, index, shipment: shipment, pieces: pieces)
        count += 1
    }

    mutating func flush(to link: Link) throws {
        guard count > 0 else { return }
        let (header, body) = take()
        try link.send(header, body)
    }

    private mutating func take() -> (FrameHeader, [UInt8]) {
        var header = FrameHeader(.results)
        header.count = count
        defer {
            count = 0
            entries.removeAll()
        }
        return (header, entries.writer.bytes)
    }
}

extension TaskBatch {
    /// The end of the bytes of a task's long result in its shipment: the start of the next, for
    /// those of one run are contiguous.
    func endOfLongResult(_ index: Int) -> Int {
        guard let shipment = result(index)?.shipment else { return 0 }
        for later in (index + 1)..<max(count, index + 1) {
            if let next = result(later), next.shipment === shipment { return next.position }
        }
        return shipment.count
    }
}
