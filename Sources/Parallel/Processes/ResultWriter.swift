// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import Shipping

/// Puts a child's results together, many to a message.
struct ResultWriter {
    private var entries = ByteWriter()
    private var body = ByteWriter()
    private var count: UInt32 = 0
    private var since: Int64 = 0

    var isLarge: Bool { body.bytes.count > 64 << 10 }
    /// Nanoseconds that the oldest of them has waited.
    var age: Int64 { count == 0 ? 0 : vtp_now() - since }

    /// Adds the result of a published task. A large one is sent at once, after those before it.
    mutating func add(_ lot: Lot, _ index: Int, _ link: Link) throws {
        let isDone = lot.state(index) == VTP_DONE
        let result = lot.result(index)
        guard isDone, let shipment = result?.shipment else {
            add(lot, index, result) { body in
                if isDone { lot.withSmallResult(index) { body.add(raw: $0) } }
            }
            return
        }
        let part = (result?.position ?? 0)..<lot.endOfLongResult(index)
        if part.count < Link.largest, !shipment.hasReferences {
            shipment.withBytes { all in
                add(lot, index, result) { $0.add(raw: UnsafeRawBufferPointer(rebasing: all[part])) }
            }
        } else {
            try flush(to: link)
            add(lot, index, result, isInMemory: true) { _ in }
            try link.send(takeHeader(), takeBody(), shipment, part)
        }
    }

    private mutating func add(
        _ lot: Lot, _ index: Int, _ result: TaskResult?, isInMemory: Bool = false,
        _ addResult: (inout ByteWriter) -> Void
    ) {
        if count == 0 { since = vtp_now() }
        let task = lot[index].pointee
        var entry = ResultEntry(
            state: lot.state(index).rawValue, attempts: UInt32(task.attempts),
            started: task.started, ended: task.ended)
        entry.isInMemory = isInMemory ? 1 : 0
        var length = body.bytes.count
        func grown() -> UInt32 {
            defer { length = body.bytes.count }
            return UInt32(body.bytes.count - length)
        }
        addResult(&body)
        entry.result = grown()
        result?.printed.withUnsafeBytes { body.add(raw: $0) }
        entry.printed = grown()
        if let failure = result?.failure, lot.state(index) == VTP_FAILED { body.add(failure) }
        entry.failure = grown()
        entries.add(entry)
        count += 1
    }

    mutating func flush(to link: Link) throws {
        guard count > 0 else { return }
        try link.send(takeHeader(), takeBody())
    }

    private mutating func takeHeader() -> FrameHeader {
        defer { count = 0 }
        var header = FrameHeader(.results)
        header.count = count
        return header
    }

    private mutating func takeBody() -> [UInt8] {
        defer {
            entries.removeAll()
            body.removeAll()
        }
        return entries.bytes + body.bytes
    }
}

extension Lot {
    /// Where the bytes of a task's long result end in its shipment: where the next one begins, for
    /// those of one run lie one after another.
    func endOfLongResult(_ index: Int) -> Int {
        guard let shipment = result(index)?.shipment else { return 0 }
        for later in (index + 1)..<max(count, index + 1) {
            if let next = result(later), next.shipment === shipment { return next.position }
        }
        return shipment.count
    }
}
