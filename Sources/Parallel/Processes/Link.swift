// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import Glibc
internal import Shipping

/// One end of the socket between a process and its child.
///
/// Unchecked: one thread at a time sends, and one receives; the two share nothing.
final class Link: @unchecked Sendable {
    /// The other end is gone, or what comes from it makes no sense.
    struct Broken: Error {
        var reason: String
    }

    private let socket: Int32
    private var input = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private var start = 0
    private var end = 0
    private var descriptors: [Int32] = []

    init(_ socket: Int32) { self.socket = socket }

    deinit {
        for descriptor in descriptors { close(descriptor) }
        close(socket)
        input.deallocate()
    }

    /// Makes the other end see the end.
    func shutDown() { shutdown(socket, Int32(SHUT_RDWR)) }

    // MARK: Sending

    /// Bytes from this size on go through memory that both map: the socket would copy them in
    /// small pieces.
    static let largest = 256 << 10

    /// - Parameter payload: what follows the body; in memory of its own where it is large.
    func send(
        _ header: FrameHeader, _ body: [UInt8] = [],
        payload: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) throws(Broken) {
        var header = header
        header.length = UInt64(body.count + payload.count)
        var memory: Int32 = -1
        if payload.count >= Self.largest {
            memory = vtp_memory_of(payload.baseAddress, payload.count)
            if memory >= 0 {
                header.length = UInt64(body.count)
                header.descriptors = 1
                header.memory = UInt64(payload.count)
            }
        }
        defer { if memory >= 0 { close(memory) } }
        let status = withUnsafeMutableBytes(of: &header) { head in
            body.withUnsafeBytes { body in
                var parts = [
                    iovec(iov_base: head.baseAddress, iov_len: head.count),
                    iovec(
                        iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress),
                        iov_len: body.count),
                ]
                if memory < 0 {
                    parts.append(
                        iovec(
                            iov_base: UnsafeMutableRawPointer(mutating: payload.baseAddress),
                            iov_len: payload.count))
                }
                return vtp_send(
                    socket, parts, Int32(parts.count), &memory, memory >= 0 ? 1 : 0,
                    vtp_now() + Self.patience)
            }
        }
        if status != 0 { throw Broken(reason: String(cString: strerror(status))) }
    }

    /// Sends messages that were put together before.
    func send(raw bytes: [UInt8]) throws(Broken) {
        let status = bytes.withUnsafeBytes { bytes in
            var part = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                iov_len: bytes.count)
            return vtp_send(socket, &part, 1, nil, 0, vtp_now() + Self.patience)
        }
        if status != 0 { throw Broken(reason: String(cString: strerror(status))) }
    }

    /// The other end reads all the time, unless it was stopped.
    private static let patience = 60 * Clock.second

    // MARK: Receiving

    /// A message. Its body is valid until the next one is asked for.
    struct Frame {
        var header: FrameHeader
        var body: UnsafeRawBufferPointer
        var memory: Shipment?

        var kind: FrameHeader.Kind? { FrameHeader.Kind(rawValue: header.kind) }
    }

    enum Arrival {
        case frame(Frame)
        case nothing
    }

    /// Whether a whole message is here already.
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

    /// The next message; `nothing` when none has come by the deadline.
    func receive(until deadline: Int64) throws(Broken) -> Arrival {
        while true {
            if let frame = try takeFrame() { return .frame(frame) }
            let count = try fill(wait: false)
            if count == 0 {
                if spin() { continue }
                if vtp_now() >= deadline { return .nothing }
                _ = vtp_readable(socket, deadline)
                if try fill(wait: false) == 0, vtp_now() >= deadline { return .nothing }
            }
        }
    }

    /// Looks for some microseconds whether something comes: waking from sleep takes longer.
    private func spin() -> Bool {
        let limit = vtp_now() + Self.spinTime
        while vtp_now() < limit {
            for _ in 0..<8 { vtp_relax() }
            if let count = try? fill(wait: false), count > 0 { return true }
        }
        return false
    }

    private static let spinTime: Int64 = 10_000

    private func takeFrame() throws(Broken) -> Frame? {
        guard let header = peek() else { return nil }
        guard FrameHeader.Kind(rawValue: header.kind) != nil, header.length < 1 << 40 else {
            throw Broken(reason: "it sent something that is no message")
        }
        let size = Self.headerSize + Int(header.length)
        guard end - start >= size else {
            makeRoom(size)
            return nil
        }
        var frame = Frame(
            header: header,
            body: UnsafeRawBufferPointer(
                rebasing: UnsafeRawBufferPointer(input)[(start + Self.headerSize)..<(start + size)]
            ))
        if header.descriptors > 0 { frame.memory = try takeMemory(Int(header.memory)) }
        start += size
        return frame
    }

    private func takeMemory(_ count: Int) throws(Broken) -> Shipment {
        guard let descriptor = descriptors.first else {
            throw Broken(reason: "memory is missing")
        }
        descriptors.removeFirst()
        defer { close(descriptor) }
        guard let base = vtp_memory_map(descriptor, count, false, true) else {
            throw Broken(reason: "memory cannot be mapped")
        }
        return Shipment(adopting: base, count: count) { vtp_memory_unmap($0, count) }
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

    /// Reads what there is; 0 when there is nothing now.
    private func fill(wait: Bool) throws(Broken) -> Int {
        if end == input.count || start == end { makeRoom(start == end ? 1 : end - start + 1) }
        guard let base = input.baseAddress else { return 0 }
        var received = [Int32](repeating: -1, count: 16)
        var count: Int32 = 16
        let read = vtp_receive(socket, base + end, input.count - end, &received, &count, wait)
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
