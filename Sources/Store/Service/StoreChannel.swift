// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// Messages over a socket. Each is a kind, a CBOR body, and pieces of memory that follow it without being
/// copied into it; a reply can carry a descriptor.
final class StoreChannel {
    /// A message that was received.
    struct Message {
        var kind: UInt32
        var body: [UInt8]
        /// The pieces; nil for an empty one.
        var pieces: [MappedBytes?]
        /// A descriptor, which the receiver closes.
        var file: Int32?
    }

    /// The sizes that a received message may have, in bytes.
    struct Bounds {
        var body = 256 << 20
        /// All pieces together.
        var pieces: Int
        var takesFile = false
        /// The time in which the other process must read a message, or each of its pieces, in
        /// nanoseconds; nil for no limit.
        var patience: Int64? = 60 * Clock.second
    }

    /// The error of malformed bytes.
    struct Malformed: Error {}

    /// The error of a connection that has ended inside a message.
    struct Ended: Error {}

    private static let headerSize = 16
    private static let mostPieces = 1 << 16

    private let socket: LocalSocket
    private let bounds: Bounds
    /// Messages that were not sent yet.
    private var unsent: [UInt8] = []
    /// Bytes that were received and not read yet.
    private var received = [UInt8](repeating: 0, count: 64 << 10)
    private var unread = 0..<0
    private var file: Int32?

    init(_ socket: LocalSocket, _ bounds: Bounds) {
        self.socket = socket
        self.bounds = bounds
    }

    deinit { if let file { close(file) } }

    // MARK: Sending

    /// Adds a message to those that ``flush()`` sends; one with pieces, or a long one, is sent at once.
    ///
    /// - Parameter file: a descriptor that goes with it: then it is sent at once.
    func add(
        _ kind: UInt32, _ body: [UInt8], pieces: [UnsafeRawBufferPointer] = [],
        passing file: Int32? = nil
    ) throws {
        append(UInt64(kind) | UInt64(pieces.count) << 32)
        append(UInt64(body.count))
        for piece in pieces { append(UInt64(piece.count)) }
        unsent += body
        if unsent.count > 64 << 10 || !pieces.isEmpty || file != nil { try flush(passing: file) }
        for piece in pieces where !piece.isEmpty { try send([piece]) }
    }

    /// Sends all messages that were added.
    func flush() throws { try flush(passing: nil) }

    private func flush(passing file: Int32?) throws {
        if unsent.isEmpty { return }
        defer { unsent.removeAll(keepingCapacity: unsent.count < 1 << 20) }
        try unsent.withUnsafeBytes { try send([$0], passing: file) }
    }

    private func append(_ number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { unsent.append(contentsOf: $0) }
    }

    private func send(_ parts: [UnsafeRawBufferPointer], passing file: Int32? = nil) throws {
        try socket.send(parts, passing: file, until: bounds.patience.map { Clock.now + $0 } ?? .max)
    }

    // MARK: Receiving

    /// Waits for a message; returns nil at the end of the connection.
    ///
    /// - Throws: ``Malformed``, `SystemError`.
    func receive() throws -> Message? {
        guard let header = try bytes(Self.headerSize, mayEnd: true) else { return nil }
        let (first, length) = (Self.number(header, 0), Self.number(header, 8))
        let count = Int(first >> 32)
        guard length <= UInt64(bounds.body), count <= Self.mostPieces else { throw Malformed() }
        let lengths = try bytes(8 * count) ?? []
        var (sizes, sum): ([Int], UInt64) = ([], 0)
        for index in 0..<count {
            let size = Self.number(lengths, 8 * index)
            guard size <= UInt64(bounds.pieces) else { throw Malformed() }
            sum += size
            guard sum <= UInt64(bounds.pieces) else { throw Malformed() }
            sizes.append(Int(size))
        }
        let body = try bytes(Int(length)) ?? []
        let pieces = try sizes.map { size -> MappedBytes? in
            if size == 0 { return nil }
            guard let memory = MappedBytes(count: size) else {
                throw StoreError("there is no memory for \(Format.binarySize(size))")
            }
            try fill(memory.bytes)
            return memory
        }
        defer { file = nil }
        return Message(
            kind: UInt32(truncatingIfNeeded: first), body: body, pieces: pieces, file: file)
    }

    private static func number(_ bytes: [UInt8], _ start: Int) -> UInt64 {
        bytes.withUnsafeBytes {
            UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        }
    }

    /// - Returns: nil at the end of the connection, if it may end here.
    private func bytes(_ count: Int, mayEnd: Bool = false) throws -> [UInt8]? {
        if mayEnd, unread.isEmpty, try !receiveSome() { return nil }
        if count == 0 { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        try bytes.withUnsafeMutableBytes { try fill($0) }
        return bytes
    }

    private func fill(_ target: UnsafeMutableRawBufferPointer) throws {
        var position = 0
        while position < target.count {
            if unread.isEmpty {
                let rest = UnsafeMutableRawBufferPointer(rebasing: target[position...])
                if rest.count >= received.count {
                    let count = try receive(rest)
                    guard count > 0 else { throw Ended() }
                    position += count
                    continue
                }
                guard try receiveSome() else { throw Ended() }
            }
            let count = min(unread.count, target.count - position)
            received.withUnsafeBytes {
                target.baseAddress?.advanced(by: position).copyMemory(
                    from: $0.baseAddress! + unread.lowerBound, byteCount: count)
            }
            position += count
            unread = unread.lowerBound + count..<unread.upperBound
        }
    }

    /// Returns false at the end of the connection.
    private func receiveSome() throws -> Bool {
        let count = try received.withUnsafeMutableBytes { try receive($0) }
        unread = 0..<count
        return count > 0
    }

    private func receive(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard bounds.takesFile else { return try socket.receive(buffer) }
        var found: Int32 = -1
        let count = try socket.receive(buffer, file: &found)
        if found >= 0 {
            if let file { close(file) }
            file = found
        }
        return count
    }
}

/// The requests of a client. Those of the first group have a reply. The others are sent with the next one
/// that has, or at once where another process may wait for their effect; if one fails, the next reply has
/// the error.
enum StoreRequest: UInt32 {
    case open = 1
    case secretKey, digest, find, outputs, elements, observations, lease, wasAbandoned, news
    case suspended, suspendedNodes, isKnown, end, durations, sync

    case set = 100
    case keepDigest, pause, keep, forget, release, abandon, keepSuspended, removeSuspended
    case begin, node, elementGroup

    var hasReply: Bool { rawValue < Self.set.rawValue }
}
