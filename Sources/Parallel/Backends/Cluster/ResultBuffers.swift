// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTJupyter
internal import VTShipping
internal import VTSystem

/// The results of a batch as buffers of a reply. Where the client is on this machine, large ones are
/// in memory that it maps.
struct ResultBuffers {
    private var entries = ResultEntries()
    private var more: [OutgoingBuffer] = []
    /// The places of the results that are in memory, in order.
    private(set) var places: [JSON] = []
    /// The memory of these.
    private(set) var segments: [Segment] = []

    /// Results of this many bytes or more are buffers of their own.
    private static let large = 32 << 10
    /// The number of buffers of a result that is in memory.
    fileprivate static let mark = UInt32.max

    /// - Parameter sharesMemory: true if the client can map memory of this process.
    init(_ batch: TaskBatch, sharesMemory: Bool = false) {
        for index in 0..<batch.count { add(batch, index, sharesMemory) }
    }

    var buffers: [OutgoingBuffer] { [.bytes(entries.writer.bytes)] + more }

    private mutating func add(_ batch: TaskBatch, _ index: Int, _ sharesMemory: Bool) {
        guard batch.state(index) == VTP_DONE, let shipment = batch.result(index)?.shipment else {
            return entries.add(batch, index, shipment: nil)
        }
        if sharesMemory, shipment.weight >= Segment.smallest, lend(shipment) {
            entries.add(batch, index, shipment: nil, pieces: Int(Self.mark))
        } else if shipment.count < Self.large, !shipment.hasReferences {
            shipment.withBytes { entries.add(batch, index, shipment: $0) }
        } else {
            entries.add(batch, index, shipment: nil, pieces: addLarge(shipment))
        }
    }

    /// Copies a result to memory of its own; false when there is none.
    private mutating func lend(_ shipment: Shipment) -> Bool {
        guard
            let segment = shipment.withBytes({ Segment.single($0, sharedStringsOf: shipment) })
        else { return false }
        let lengths = shipment.sharedStringLengths + [shipment.count]
        let place = TaskHeading.Place.memory(
            process: Int(getpid()), descriptor: Int(segment.descriptor),
            number: segment.number, lengths: lengths)
        places.append(place.json)
        segments.append(segment)
        return true
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

/// The results of a reply that are in an engine's memory, mapped.
struct ResultMemory {
    private var shipments: ArraySlice<Shipment> = []

    /// Maps the memory at the places of a reply.
    ///
    /// - Throws: ``Refusal`` when one cannot be mapped.
    init(_ places: JSON) throws(Refusal) {
        for json in places.array ?? [] {
            guard
                case .memory(let process, let descriptor, let number, let lengths)? =
                    try TaskHeading.Place(json)
            else { throw .malformed }
            shipments.append(
                try Shipment(process: process, descriptor: descriptor, number: number, lengths))
        }
    }

    fileprivate mutating func next() -> Shipment? { shipments.popFirst() }
}

extension Shipment {
    /// Maps memory of another process of the same user: strings, and the bytes after them.
    ///
    /// - Throws: ``Refusal``.
    convenience init(
        process: Int, descriptor: Int, number: Int, _ lengths: [Int]
    ) throws(Refusal) {
        let file = SharedMemory.open(process: process, descriptor: descriptor)
        guard file >= 0 else { throw Refusal(.unreachableMemory) }
        let all = lengths.room
        guard all >= 0, let memory = SharedMemory(file, count: max(1, all), number: number)
        else {
            throw Refusal(.unreachableMemory)
        }
        // The strings come first, so that a worker can have the same memory.
        let pieces = memory.split(lengths)
        guard let bytes = pieces.last else { throw .malformed }
        self.init(
            copying: bytes, sharedStrings: Array(pieces.dropLast()), owner: memory,
            descriptor: memory.descriptor)
    }
}

extension TaskBatch {
    /// Takes the results of some tasks from the buffers of a reply, and from memory.
    ///
    /// - Parameter giveBack: called with tasks that were not run, and their attempts so far.
    /// - Returns: the number of tasks that have ended.
    /// - Throws: `ByteReader.Damaged`.
    func takeResults(
        _ buffers: [Part], _ memory: ResultMemory, of range: Range<Int>, worker: Int,
        giveBack: (Int, UInt32) -> Void
    ) throws -> Int {
        var memory = memory
        var ended = 0
        guard let first = buffers.first else { throw ByteReader.Damaged() }
        var reader = ResultReader(first.bytes)
        var next = 1
        var counters = CallCounters(call)
        defer { counters.count() }
        for index in range {
            let result = try reader.next()
            var long: Shipment?
            if result.entry.isInMemory == ResultBuffers.mark {
                guard let next = memory.next() else { throw ByteReader.Damaged() }
                long = next
            } else if result.entry.isInMemory > 0 {
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
