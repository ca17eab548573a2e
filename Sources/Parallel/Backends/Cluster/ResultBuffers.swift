// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTJupyter
internal import VTShipping

/// The results of a batch as buffers of a reply.
struct ResultBuffers {
    private var entries = ResultEntries()
    private var more: [OutgoingBuffer] = []

    /// Results of this many bytes or more are buffers of their own.
    private static let large = 32 << 10

    init(_ batch: TaskBatch) {
        for index in 0..<batch.count { add(batch, index) }
    }

    var buffers: [OutgoingBuffer] { [.bytes(entries.writer.bytes)] + more }

    private mutating func add(_ batch: TaskBatch, _ index: Int) {
        guard batch.state(index) == VTP_DONE, let shipment = batch.result(index)?.shipment else {
            return entries.add(batch, index, shipment: nil)
        }
        if shipment.count < Self.large, !shipment.hasReferences {
            shipment.withBytes { entries.add(batch, index, shipment: $0) }
        } else {
            entries.add(batch, index, shipment: nil, pieces: addLarge(shipment))
        }
    }

    /// Adds the bytes as one buffer, and each string that goes with them as another.
    ///
    /// - Returns: the number of buffers.
    private mutating func addLarge(_ shipment: Shipment) -> Int {
        let lengths = shipment.sharedStringLengths
        more.append(shipment.outgoing(0..<shipment.count))
        for number in lengths.indices { more.append(.bytes(shipment.copyOfSharedString(number))) }
        return 1 + lengths.count
    }
}

extension TaskBatch {
    /// Takes the results of some tasks from the buffers of a reply.
    ///
    /// - Parameter giveBack: called with tasks that were not run, and their attempts so far.
    /// - Returns: the number of tasks that have ended.
    /// - Throws: `ByteReader.Damaged`.
    func takeResults(
        _ buffers: [Part], of range: Range<Int>, worker: Int, giveBack: (Int, UInt32) -> Void
    ) throws -> Int {
        var ended = 0
        guard let first = buffers.first else { throw ByteReader.Damaged() }
        var reader = ResultReader(first.bytes)
        var next = 1
        var counters = CallCounters(call)
        defer { counters.count() }
        for index in range {
            let result = try reader.next()
            var long: Shipment?
            if result.entry.isInMemory > 0 {
                let end = next + Int(result.entry.isInMemory)
                guard end <= buffers.count else { throw ByteReader.Damaged() }
                long = Shipment(buffers[next], sharedStrings: buffers[(next + 1)..<end])
                next = end
            }
            guard result.entry.state != VTP_WAITING.rawValue else {
                giveBack(index, result.entry.attempts)
                continue
            }
            ended += 1
            try end(index, result, long: long, worker: worker, &counters)
        }
        return ended
    }
}

extension Shipment {
    /// Some of its bytes, which are sent without a copy.
    func outgoing(_ range: Range<Int>) -> OutgoingBuffer {
        withBytes { bytes in
            // The shipment keeps them.
            .lent(.init(owner: self, bytes: UnsafeRawBufferPointer(rebasing: bytes[range])))
        }
    }

    /// A copy of a string that goes with it; empty when that is gone.
    func copyOfSharedString(_ number: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: sharedStringLengths[number]) { buffer, count in
            if let base = buffer.baseAddress, copySharedString(number, to: base) {
                count = buffer.count
            }
        }
    }

    /// The bytes of a received part, with the strings that go with them.
    convenience init(_ part: Part, sharedStrings: ArraySlice<Part> = []) {
        self.init(
            copying: part.bytes, sharedStrings: sharedStrings.map(\.bytes),
            owner: Array(sharedStrings))
    }
}
