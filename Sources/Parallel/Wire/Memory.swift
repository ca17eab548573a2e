// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import CVTSystem
internal import Synchronization
internal import VTShipping
internal import VTSystem

// Large payloads go through memory that both processes map, in segments that are reused: new pages
// cost more than filling them. A segment begins with a page whose first word is the number of its
// content until the other side has read that; then it is 0. A reader that comes late, or releases an
// earlier content late, changes nothing for the next one.

private let headerSize = 4096

extension [Int] {
    /// The places of pieces of these lengths in a segment: one after another, each at a multiple of 64 bytes,
    /// which the elements of an array need.
    fileprivate var places: [Int] {
        var next = 0
        return map { length in
            defer { next = next &+ (Swift.max(0, length) &+ 63) & ~63 }
            return Swift.max(0, next)
        }
    }

    /// The bytes that these pieces take; negative or 0 if they are more than any memory has.
    var room: Int {
        guard let last, let place = places.last else { return 0 }
        return place &+ last
    }
}

/// A segment of the other process, mapped until it is released.
///
/// Unchecked: the other process does not write to it meanwhile.
final class Memory: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    private let count: Int
    /// The number of the content.
    private let number: Int64

    /// Maps a segment; nil when that fails, when it is smaller than `count` bytes, or when its content
    /// has another number than this one.
    init?(_ descriptor: Int32, count: Int, number: Int? = nil) {
        var status = stat()
        guard count > 0, fstat(descriptor, &status) == 0,
            Int(status.st_size) - headerSize >= count,
            let base = vty_memory_map(descriptor, headerSize + count, true)
        else { return nil }
        let found = vtp_load(base.assumingMemoryBound(to: Int64.self))
        if let number, Int64(number) != found {
            vty_memory_unmap(base, headerSize + count)
            return nil
        }
        self.base = base
        self.count = count
        self.number = found
    }

    deinit {
        vtp_clear(base.assumingMemoryBound(to: Int64.self), number)
        vty_memory_unmap(base, headerSize + count)
    }

    var start: UnsafeMutableRawPointer { base + headerSize }
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Pieces of these lengths, at the places of ``Swift/Array/places``; those that do not fit are empty.
    func split(_ lengths: [Int]) -> [UnsafeRawBufferPointer] {
        zip(lengths.places, lengths).map { place, length in
            let piece = bytes.dropFirst(place).prefix(max(0, length))
            return UnsafeRawBufferPointer(rebasing: piece)
        }
    }
}

/// A segment of this process, which the other process reads.
final class Segment {
    /// Payloads of this many bytes or more travel in a segment: a socket would copy them in small
    /// pieces.
    static let smallest = 256 << 10

    let descriptor: Int32
    private let base: UnsafeMutableRawPointer
    let capacity: Int
    /// The number of the content.
    private(set) var number = 0
    fileprivate var used = Clock.now

    /// The number of the last content of this process. It begins with the time, so that a process
    /// with the same number as an earlier one has other contents.
    private static let last = Atomic<Int>(Int(Clock.wall * 1e6))

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

    /// A segment with the strings that go with a shipment and the bytes behind them, which is not
    /// used again; nil when there is no memory.
    static func single(_ bytes: UnsafeRawBufferPointer, sharedStringsOf shipment: Shipment)
        -> Segment?
    {
        let lengths = shipment.sharedStringLengths + [bytes.count]
        guard let segment = Segment(capacity: max(1, lengths.room)),
            segment.fill(bytes, shipment.sharedStringLengths.indices.map { $0 }, of: shipment)
        else { return nil }
        segment.take()
        return segment
    }

    /// Copies some of the strings that go with a shipment, and the bytes behind them.
    fileprivate func fill(
        _ bytes: UnsafeRawBufferPointer, _ numbers: [Int], of shipment: Shipment
    ) -> Bool {
        let lengths = shipment.sharedStringLengths
        let places = (numbers.map { lengths[$0] } + [bytes.count]).places
        for (number, place) in zip(numbers, places) {
            guard shipment.copySharedString(number, to: start + place) else { return false }
        }
        if let base = bytes.baseAddress { memcpy(start + places[numbers.count], base, bytes.count) }
        return true
    }

    private var word: UnsafeMutablePointer<Int64> { base.assumingMemoryBound(to: Int64.self) }

    /// True if the other process has read it.
    var isFree: Bool { vtp_load(word) == 0 }
    fileprivate func take() {
        number = Self.last.add(1, ordering: .relaxed).newValue
        vtp_store(word, Int64(number))
        used = Clock.now
    }
    /// Makes it free again, when it was not sent.
    func giveBack() { vtp_store(word, 0) }

    var start: UnsafeMutableRawPointer { base + headerSize }
}

/// The segments of one end of a link.
struct Segments {
    private var kept: [Segment] = []

    /// The number of segments that are kept for the next payload, and their time in nanoseconds.
    private static let most = 3
    private static let patience = 2 * Clock.second

    /// A segment filled with the bytes; nil when there is no memory.
    mutating func fill(_ bytes: UnsafeRawBufferPointer) -> Segment? {
        guard let segment = take(bytes.count) else { return nil }
        if let base = bytes.baseAddress { memcpy(segment.start, base, bytes.count) }
        return segment
    }

    /// The same with the strings that go with a shipment.
    mutating func fill(sharedStringsOf shipment: Shipment) -> Segment? {
        let numbers = shipment.copiedStrings
        let lengths = shipment.sharedStringLengths
        guard let segment = take(numbers.map { lengths[$0] }.room) else { return nil }
        guard segment.fill(.init(start: nil, count: 0), numbers, of: shipment) else {
            segment.giveBack()
            return nil
        }
        return segment
    }

    private mutating func take(_ count: Int) -> Segment? {
        // A receiver may keep the whole segment for as long as it uses the content.
        let most = max(Segment.smallest, count) * 4
        if let segment = kept.first(where: {
            $0.isFree && $0.capacity >= count && $0.capacity <= most
        }) {
            segment.take()
            return segment
        }
        trim(until: Self.most - 1)
        guard let segment = Segment(capacity: max(count, Segment.smallest)) else { return nil }
        segment.take()
        kept.append(segment)
        return segment
    }

    /// Drops all but the `count` newest segments. The memory of one that is being read stays mapped
    /// in the reader.
    private mutating func trim(until count: Int) {
        kept.sort { $0.used < $1.used }
        kept.removeFirst(max(0, kept.count - count))
    }

    /// Drops the segments that were not used for a while.
    mutating func trim() {
        if kept.isEmpty { return }
        let limit = Clock.now - Self.patience
        kept.removeAll { $0.used < limit }
    }
}

/// A segment of another process that can be passed on to a third.
final class SharedMemory: Sendable {
    let descriptor: Int32
    private let memory: Memory

    /// Takes over the descriptor. Nil when it cannot be mapped, or has another content; it is closed
    /// then.
    init?(_ descriptor: Int32, count: Int, number: Int) {
        guard let memory = Memory(descriptor, count: count, number: number) else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.memory = memory
    }

    deinit { close(descriptor) }

    /// Opens memory of another process, by the number of its descriptor there; -1 when that is not
    /// possible. It must be memory that a `Segment` has made: any other file could be damaged when it
    /// is released, or end this process by becoming shorter.
    static func open(process: Int, descriptor: Int) -> Int32 {
        let path = "/proc/\(process)/fd/\(descriptor)"
        guard File.target(ofLink: path)?.hasPrefix("/memfd:vtlua") == true else { return -1 }
        let file = VTSystem.open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0, !vty_memory_keeps_size(file) else { return file }
        close(file)
        return -1
    }

    func split(_ lengths: [Int]) -> [UnsafeRawBufferPointer] { memory.split(lengths) }
}
