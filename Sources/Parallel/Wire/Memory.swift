// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import CVTSystem
internal import Glibc
internal import VTShipping
internal import VTSystem

// Large things go through memory that both processes map, in segments that are used again: to get
// new pages from the system costs more than to fill them. A segment begins with a page whose first
// word tells whether the other side is still reading.

private let headerSize = 4096

/// A segment that came from the other process, mapped until nobody reads it any more.
///
/// Unchecked: the other process does not write it meanwhile.
final class Memory: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    private let count: Int

    /// Nil when it cannot be mapped, or is smaller than was said.
    init?(_ descriptor: Int32, count: Int) {
        var status = stat()
        guard count > 0, fstat(descriptor, &status) == 0,
            Int(status.st_size) - headerSize >= count,
            let base = vty_memory_map(descriptor, headerSize + count, true)
        else { return nil }
        self.base = base
        self.count = count
    }

    deinit {
        vtp_store(base.assumingMemoryBound(to: Int64.self), 0)
        vty_memory_unmap(base, headerSize + count)
    }

    var start: UnsafeMutableRawPointer { base + headerSize }
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Pieces of these lengths, one after another; what does not fit is empty.
    func split(_ lengths: [Int]) -> [UnsafeRawBufferPointer] {
        var rest = bytes[...]
        return lengths.map { length in
            let piece = rest.prefix(max(0, length))
            rest = rest.dropFirst(piece.count)
            return UnsafeRawBufferPointer(rebasing: piece)
        }
    }
}

/// A segment of this process's own, for the other one to read.
final class Segment {
    /// Payloads of this many bytes or more travel in a segment: a socket would copy them in small
    /// pieces.
    static let smallest = 256 << 10

    let descriptor: Int32
    private let base: UnsafeMutableRawPointer
    let capacity: Int
    fileprivate var used = Clock.now

    fileprivate init?(capacity: Int) {
        let size = headerSize + capacity
        descriptor = vty_memory_make(size)
        guard descriptor >= 0 else { return nil }
        guard let base = vty_memory_map(descriptor, size, true) else {
            close(descriptor)
            return nil
        }
        self.base = base
        self.capacity = capacity
    }

    deinit {
        vty_memory_unmap(base, headerSize + capacity)
        close(descriptor)
    }

    private var word: UnsafeMutablePointer<Int64> { base.assumingMemoryBound(to: Int64.self) }

    fileprivate var isFree: Bool { vtp_load(word) == 0 }
    fileprivate func take() {
        vtp_store(word, 1)
        used = Clock.now
    }
    /// When it was filled for nothing.
    func giveBack() { vtp_store(word, 0) }

    var start: UnsafeMutableRawPointer { base + headerSize }
}

/// The segments of one end of a link.
struct Segments {
    private var kept: [Segment] = []

    /// So many are kept for the next large thing, and those for so long.
    private static let most = 3
    private static let patience = 2 * Clock.second

    /// A segment filled with the bytes; nil when there is no memory to be had.
    mutating func fill(_ bytes: UnsafeRawBufferPointer) -> Segment? {
        guard let segment = take(bytes.count) else { return nil }
        if let base = bytes.baseAddress { memcpy(segment.start, base, bytes.count) }
        return segment
    }

    /// The same with the strings that go with a shipment.
    mutating func fill(sharedStringsOf shipment: Shipment) -> Segment? {
        let lengths = shipment.sharedStringLengths
        guard let segment = take(lengths.reduce(0, +)) else { return nil }
        var place = segment.start
        for (number, length) in lengths.enumerated() {
            guard shipment.copySharedString(number, to: place) else {
                segment.giveBack()
                return nil
            }
            place += length
        }
        return segment
    }

    /// The strings that go with the shipment, and behind them the bytes.
    mutating func fill(_ bytes: UnsafeRawBufferPointer, sharedStringsOf shipment: Shipment)
        -> Segment?
    {
        let lengths = shipment.sharedStringLengths
        guard let segment = take(bytes.count + lengths.reduce(0, +)) else { return nil }
        var place = segment.start
        for (number, length) in lengths.enumerated() {
            guard shipment.copySharedString(number, to: place) else {
                segment.giveBack()
                return nil
            }
            place += length
        }
        if let base = bytes.baseAddress { memcpy(place, base, bytes.count) }
        return segment
    }

    private mutating func take(_ count: Int) -> Segment? {
        if let segment = kept.first(where: { $0.isFree && $0.capacity >= count }) {
            segment.take()
            return segment
        }
        trim(until: Self.most - 1)
        guard let segment = Segment(capacity: max(count, Segment.smallest)) else { return nil }
        segment.take()
        kept.append(segment)
        return segment
    }

    /// Lets go of the oldest ones beyond so many. One that is being read lives on with its reader.
    private mutating func trim(until count: Int) {
        kept.sort { $0.used < $1.used }
        kept.removeFirst(max(0, kept.count - count))
    }

    /// Lets go of those that nobody has needed for a while.
    mutating func trim() {
        if kept.isEmpty { return }
        let limit = Clock.now - Self.patience
        kept.removeAll { $0.used < limit }
    }
}

/// A segment of another process, which can be handed on.
final class SharedMemory: Sendable {
    let descriptor: Int32
    private let memory: Memory

    /// Takes the descriptor over. Nil, and it is closed, when it cannot be mapped.
    init?(_ descriptor: Int32, count: Int) {
        guard let memory = Memory(descriptor, count: count) else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.memory = memory
    }

    deinit { close(descriptor) }

    func split(_ lengths: [Int]) -> [UnsafeRawBufferPointer] { memory.split(lengths) }
}
