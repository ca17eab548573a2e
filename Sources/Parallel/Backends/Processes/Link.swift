// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import CVTSystem
internal import Glibc
internal import VTShipping
internal import VTSystem

/// One end of the socket between a process and its child.
///
/// Unchecked: one thread at a time sends, and one receives; the two share no variable.
final class Link: @unchecked Sendable {
    /// The other end is gone, or has sent a malformed message.
    struct Broken: Error {
        var reason: String
    }

    let socket: Int32
    private var input = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private var start = 0
    private var end = 0
    private var descriptors: Deque<Int32> = []
    private var segments = Segments()

    init(_ socket: Int32) { self.socket = socket }

    deinit {
        for descriptor in descriptors { close(descriptor) }
        close(socket)
        input.deallocate()
    }

    /// Ends the connection, which the other end notices.
    func shutDown() { shutdown(socket, Int32(SHUT_RDWR)) }

    /// Releases memory that was not used for a while. The caller has sent nothing for some time.
    func rest() { segments.trim() }

    // MARK: Sending

    /// The most bytes of a message that go through the socket: 1 GiB. A damaged process may
    /// announce any length, and memory is reserved for it.
    static let mostBytes = 1 << 30

    /// - Parameters:
    ///   - payload: the bytes that follow the body, in memory of their own where they are large.
    ///   - source: the shipment of the payload, if strings go with it.
    func send(
        _ header: FrameHeader, _ body: [UInt8] = [],
        payload: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        of source: Shipment? = nil
    ) throws(Broken) {
        var header = header
        var memory: [Int32] = []
        var inline = payload
        if payload.count >= Segment.smallest, let segment = segments.fill(payload) {
            memory.append(segment.descriptor)
            header.memory = UInt64(payload.count)
            inline = UnsafeRawBufferPointer(start: nil, count: 0)
        }
        var lengths: [UInt64] = []
        if let source, source.hasReferences {
            if source.descriptor >= 0 {
                memory.append(source.descriptor)
            } else if !source.copiedStrings.isEmpty {
                guard let segment = segments.fill(sharedStringsOf: source) else {
                    throw Broken(reason: "not enough memory for a large string")
                }
                memory.append(segment.descriptor)
            }
            lengths = source.sharedStringLengths.map { UInt64($0) }
            header.sharedStrings = UInt64(lengths.count)
            for number in lengths.indices {
                let descriptor = source.descriptor(ofSharedString: number)
                guard descriptor >= 0 else { continue }
                lengths[number] |= Self.sharedMemoryMark
                memory.append(descriptor)
            }
        }
        header.descriptors = UInt32(memory.count)
        let length = 8 * lengths.count + body.count + inline.count
        guard length <= Self.mostBytes else {
            throw Broken(
                reason:
                    "a message of \(length) bytes is too long; at most \(Self.mostBytes) are sent")
        }
        header.length = UInt64(length)
        let status = withUnsafeBytes(of: &header) { head in
            lengths.withUnsafeBytes { lengths in
                body.withUnsafeBytes { body in
                    let parts = [head, lengths, body, inline].map { bytes in
                        iovec(
                            iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                            iov_len: bytes.count)
                    }
                    return vty_send(
                        socket, parts, Int32(parts.count), memory, Int32(memory.count),
                        Clock.now + Self.patience)
                }
            }
        }
        if status != 0 { throw Broken(reason: String(cString: strerror(status))) }
    }

    /// Marks the length of a string that is memory which both processes write.
    private static let sharedMemoryMark: UInt64 = 1 << 63

    /// Sends a shipment, or a part of it, as the payload.
    func send(
        _ header: FrameHeader, _ body: [UInt8] = [], _ shipment: Shipment, _ part: Range<Int>
    ) throws(Broken) {
        var failure: Broken?
        shipment.withBytes { bytes in
            do throws(Broken) {
                try send(
                    header, body, payload: UnsafeRawBufferPointer(rebasing: bytes[part]),
                    of: shipment)
            } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// The longest time that a message may take to be sent: the other end always reads, unless it
    /// was stopped.
    private static let patience = 60 * Clock.second

    // MARK: Receiving

    /// A message. Its body is valid until the next message is received.
    struct Frame {
        var header: FrameHeader
        var body: UnsafeRawBufferPointer
        /// The payload, where it is in memory of its own.
        var memory: Memory?
        /// The strings that go with the payload, and what keeps them.
        var sharedStrings: [Shipment.Attachment] = []
        var owner: Memory?

        /// The payload as a shipment: the rest of the body, or the memory.
        func payload(_ reader: inout ByteReader) throws -> Shipment {
            let bytes = try memory?.bytes ?? reader.readBytes(reader.left)
            if !sharedStrings.isEmpty {
                return Shipment(copying: bytes, attachments: sharedStrings, owner: owner)
            }
            guard let memory else { return Shipment(copying: bytes) }
            return Shipment(adopting: memory.start, count: bytes.count) { [memory] _ in
                withExtendedLifetime(memory) {}
            }
        }

        var kind: FrameHeader.Kind? { FrameHeader.Kind(rawValue: header.kind) }
    }

    enum Arrival {
        case frame(Frame)
        case nothing
    }

    /// True if a whole message has arrived.
    var hasFrame: Bool {
        guard let header = peek() else { return false }
        return end - start >= Self.headerSize + Int(clamping: header.length)
    }

    private static let headerSize = MemoryLayout<FrameHeader>.size

    private func peek() -> FrameHeader? {
        guard end - start >= Self.headerSize else { return nil }
        return UnsafeRawBufferPointer(input).loadUnaligned(
            fromByteOffset: start, as: FrameHeader.self)
    }

    /// Waits for the next message; `nothing` when none has arrived by the deadline.
    func receive(until deadline: Int64) throws(Broken) -> Arrival {
        while true {
            if let frame = try takeFrame() { return .frame(frame) }
            let count = try fill(wait: false)
            if count == 0 {
                if spin() { continue }
                if Clock.now >= deadline { return .nothing }
                _ = vty_readable(socket, deadline)
                if try fill(wait: false) == 0, Clock.now >= deadline { return .nothing }
            }
        }
    }

    /// The next message, if it has arrived.
    func receiveNow() throws(Broken) -> Frame? {
        while true {
            if let frame = try takeFrame() { return frame }
            if try fill(wait: false) == 0 { return nil }
        }
    }

    /// Polls for some microseconds: waking from sleep takes longer.
    private func spin() -> Bool {
        let limit = Clock.now + Self.spinTime
        while Clock.now < limit {
            Processors.relax()
            if let count = try? fill(wait: false), count > 0 { return true }
        }
        return false
    }

    private static let spinTime: Int64 = 10_000

    private func takeFrame() throws(Broken) -> Frame? {
        guard let header = peek() else { return nil }
        guard FrameHeader.Kind(rawValue: header.kind) != nil else {
            throw Broken(reason: "it sent a malformed message")
        }
        guard header.length <= UInt64(Self.mostBytes) else {
            throw Broken(
                reason: "it sent a message of \(header.length) bytes; at most "
                    + "\(Self.mostBytes) are accepted")
        }
        let size = Self.headerSize + Int(header.length)
        guard end - start >= size else {
            makeRoom(size)
            return nil
        }
        var body = UnsafeRawBufferPointer(
            rebasing: UnsafeRawBufferPointer(input)[(start + Self.headerSize)..<(start + size)])
        start += size
        let memory = header.memory > 0 ? try takeMemory(header.memory) : nil
        guard header.sharedStrings > 0 else {
            return Frame(header: header, body: body, memory: memory)
        }
        guard header.sharedStrings <= body.count / 8 else {
            throw Broken(reason: "it sent a malformed message")
        }
        let lengths = (0..<Int(header.sharedStrings)).map {
            body.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)
        }
        body = UnsafeRawBufferPointer(rebasing: body[(8 * lengths.count)...])
        let copied = lengths.filter { $0 < Self.sharedMemoryMark }.map { Int($0) }
        let owner = copied.isEmpty ? nil : try takeMemory(UInt64(max(1, copied.room)))
        var pieces = (owner?.split(copied) ?? [])[...]
        var strings: [Shipment.Attachment] = []
        for length in lengths {
            if length < Self.sharedMemoryMark {
                strings.append(.bytes(pieces.removeFirst()))
            } else if let descriptor = descriptors.popFirst(),
                let memory = SharedMemoryBlock(descriptor: descriptor)
            {
                strings.append(.memory(memory))
            } else {
                throw Broken(reason: "a shared array cannot be mapped")
            }
        }
        return Frame(
            header: header, body: body, memory: memory, sharedStrings: strings, owner: owner)
    }

    private func takeMemory(_ count: UInt64) throws(Broken) -> Memory {
        guard let descriptor = descriptors.popFirst() else {
            throw Broken(reason: "memory is missing")
        }
        defer { close(descriptor) }
        guard let memory = Memory(descriptor, count: Int(clamping: count)) else {
            throw Broken(reason: "memory cannot be mapped")
        }
        return memory
    }

    private func makeRoom(_ size: Int) {
        if start > 0 {
            let held = end - start
            if held > 0, let base = input.baseAddress { memmove(base, base + start, held) }
            start = 0
            end = held
        }
        guard input.count < size else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(size, 2 * input.count), alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[0..<end]))
        input.deallocate()
        input = larger
    }

    /// Reads the bytes that have arrived, and returns their number; 0 when there are none now.
    private func fill(wait: Bool) throws(Broken) -> Int {
        if end == input.count || start == end { makeRoom(start == end ? 1 : end - start + 1) }
        guard let base = input.baseAddress else { return 0 }
        var received = [Int32](repeating: -1, count: Int(VTY_MOST_DESCRIPTORS))
        var count = Int32(VTY_MOST_DESCRIPTORS)
        let read = vty_receive(socket, base + end, input.count - end, &received, &count, wait)
        descriptors += received.prefix(Int(count))
        if read > 0 {
            end += read
            return read
        }
        if read == 0 { throw Broken(reason: "it has ended") }
        if errno == EAGAIN || errno == EWOULDBLOCK { return 0 }
        throw Broken(reason: String(cString: strerror(errno)))
    }
}
