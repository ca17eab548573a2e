// SPDX-License-Identifier: BSD-3-Clause

internal import CVTJupyter
internal import VTSystem

/// An error of ZeroMQ, or a failure to load the library.
package struct SocketError: Error, CustomStringConvertible, Equatable {
    package let description: String
    package init(_ description: String) { self.description = description }

    /// Describes an error of the operating system, such as of a thread or a pipe.
    init(_ error: SystemError) { description = error.description }

    init(_ what: String, number: Int32) {
        description = "\(what): \(vtj_error(number).map { String(cString: $0) } ?? "?")"
    }
}

/// A ZeroMQ socket. It must be used from one thread at a time.
package final class Socket {
    /// The socket types of ZeroMQ.
    package enum Kind: Int32 {
        /// Sends and receives asynchronously, with an identity.
        case dealer = 5
        /// Receives from many peers, and sends to one by its identity.
        case router = 6
        /// Sends each message to all subscribers.
        case publisher = 1
        /// Receives the messages of publishers.
        case subscriber = 2
        /// Answers each message before it receives the next.
        case replier = 4
    }

    let handle: UnsafeMutableRawPointer

    /// The largest size of a message part. Larger values are sent in pieces.
    package static let largest = 4 << 30

    /// Makes a socket.
    ///
    /// - Parameters:
    ///   - identity: the name under which routers know the socket.
    ///   - curve: the server's public key, if the connection is encrypted.
    ///   - linger: the milliseconds that unsent messages may take when the socket is closed.
    ///   - largest: the largest part in bytes. A peer that sends a larger one is disconnected.
    ///   - queue: the number of messages that wait for a peer, or come from it, at most; nil: any.
    ///     ``trySend(_:_:)`` reports those that it has no room for.
    /// - Throws: ``SocketError``.
    package init(
        _ kind: Kind, identity: String? = nil, curve: String? = nil, linger: Int = 1000,
        largest: Int = Socket.largest, queue: Int? = nil
    ) throws(SocketError) {
        try Self.load()
        guard let handle = vtj_socket(kind.rawValue) else {
            throw SocketError("cannot make a socket", number: errno)
        }
        self.handle = handle
        try check(vtj_set_defaults(handle, Int32(linger)), "cannot set up a socket")
        try check(vtj_set_largest(handle, Int64(largest)), "cannot set up a socket")
        if let queue { try limit(kind, queue) }
        if var identity {
            try check(
                identity.withUTF8 { vtj_set_identity(handle, $0.baseAddress, $0.count) },
                "cannot name a socket")
        }
        if let curve {
            try check(vtj_set_curve(handle, curve), "cannot use the CURVE key '\(curve)'")
        }
        if kind == .subscriber {
            try check(vtj_subscribe(handle, nil, 0), "cannot subscribe")
        }
        if kind == .router {
            try check(vtj_set_handover(handle), "cannot set up a socket")
        }
    }

    deinit { vtj_close(handle) }

    private func limit(_ kind: Kind, _ queue: Int) throws(SocketError) {
        try check(vtj_set_queue(handle, Int32(clamping: queue)), "cannot set up a socket")
        try check(vtj_set_patience(handle, Self.patience), "cannot set up a socket")
        switch kind {
        case .router: try check(vtj_set_mandatory(handle), "cannot set up a socket")
        case .publisher: try check(vtj_set_all_or_none(handle, true), "cannot set up a socket")
        case .dealer, .subscriber, .replier: return
        }
    }

    /// The milliseconds after which a peer that does not read is disconnected, where the socket has a
    /// limited queue.
    private static let patience: Int32 = 60_000

    /// Loads the libraries, unless they are loaded already.
    package static func load() throws(SocketError) {
        if let failure = vtj_load() { throw SocketError(String(cString: failure)) }
    }

    /// The version of ZeroMQ, as "4.3.4"; nil where it is not installed.
    package static var libraryVersion: String? {
        var numbers: (Int32, Int32, Int32) = (0, 0, 0)
        let isThere = withUnsafeMutableBytes(of: &numbers) { numbers in
            vtj_zmq_version(numbers.assumingMemoryBound(to: Int32.self).baseAddress)
        }
        return isThere ? "\(numbers.0).\(numbers.1).\(numbers.2)" : nil
    }

    /// Connects to an endpoint such as `tcp://127.0.0.1:5555`.
    package func connect(to endpoint: String) throws(SocketError) {
        try check(vtj_connect(handle, endpoint), "cannot connect to \(endpoint)")
    }

    /// Binds to an endpoint.
    package func bind(to endpoint: String) throws(SocketError) {
        try check(vtj_bind(handle, endpoint), "cannot bind \(endpoint)")
    }

    private func check(_ status: Int32, _ what: String) throws(SocketError) {
        if status != 0 { throw SocketError(what, number: errno) }
    }

    // MARK: Messages

    /// Sends the parts of one message.
    package func send(_ frames: [[UInt8]], _ buffers: [OutgoingBuffer] = []) {
        for (index, frame) in frames.enumerated() {
            let more = index + 1 < frames.count || !buffers.isEmpty
            // A router drops a message that it cannot deliver, with all its parts.
            if vtj_send(handle, frame, frame.count, more) != 0 { return }
        }
        for (index, buffer) in buffers.enumerated() {
            if !buffer.send(on: handle, more: index + 1 < buffers.count) { return }
        }
    }

    /// Sends the parts of one message, on a socket with a limited queue.
    ///
    /// - Returns: false if the queue of the peer, or of one subscriber, is full. Nothing is sent then.
    package func trySend(_ frames: [[UInt8]], _ buffers: [OutgoingBuffer] = []) -> Bool {
        guard let first = frames.first else { return true }
        let more = frames.count > 1 || !buffers.isEmpty
        if vtj_send(handle, first, first.count, more) == 0 {
            send(Array(frames.dropFirst()), buffers)
            return true
        }
        // A router's peer may be gone.
        return errno != EAGAIN
    }

    /// Sends the parts of one message to those subscribers of a publisher that have room for it.
    package func sendToReady(_ frames: [[UInt8]], _ buffers: [OutgoingBuffer] = []) {
        _ = vtj_set_all_or_none(handle, false)
        send(frames, buffers)
        _ = vtj_set_all_or_none(handle, true)
    }

    /// Returns the parts of the next message; nil when none has arrived.
    package func receive() -> [Part]? {
        var parts: [Part] = []
        while true {
            let part = Part()
            let more = vtj_receive(handle, part.storage)
            if more < 0 { return parts.isEmpty ? nil : parts }
            parts.append(part)
            if more == 0 { return parts }
        }
    }

    /// Passes one message on to another socket; returns false when none has arrived.
    package func forward(to other: Socket) -> Bool { vtj_forward(handle, other.handle) }

    /// Makes a monitor of the socket's connection.
    package func makeMonitor() throws(SocketError) -> SocketMonitor {
        let address = UInt(bitPattern: handle)
        guard let monitor = vtj_monitor(handle, "inproc://monitor-\(address)") else {
            throw SocketError("cannot watch a socket", number: errno)
        }
        return SocketMonitor(monitor, of: self)
    }
}

/// Reports changes of a socket's connection. It must be used from the socket's thread.
package final class SocketMonitor {
    /// A change of the connection's state.
    package enum Event { case connected, disconnected, refused, handshakeFailed, other }

    let handle: UnsafeMutableRawPointer
    /// Kept alive, because it must be closed after the monitor.
    private let socket: Socket

    init(_ handle: UnsafeMutableRawPointer, of socket: Socket) {
        self.handle = handle
        self.socket = socket
    }

    deinit { vtj_monitor_end(socket.handle, handle) }

    /// Returns the next change; nil when there is none.
    package func next() -> Event? {
        switch vtj_monitor_next(handle) {
        case VTJ_EVENT_NONE: nil
        case VTJ_EVENT_CONNECTED: .connected
        case VTJ_EVENT_DISCONNECTED: .disconnected
        case VTJ_EVENT_REFUSED: .refused
        case VTJ_EVENT_HANDSHAKE_FAILED: .handshakeFailed
        default: .other
        }
    }
}

/// Waits for sockets and for file descriptors.
package struct Poller {
    private var sockets: [UnsafeMutableRawPointer?]
    private var descriptors: [Int32]
    private let kept: [Socket]
    private let inflow: Inflow?

    /// Prepares to wait for these sockets and descriptors.
    package init(_ sockets: [Socket], descriptors: [Int32] = [], inflow: Inflow? = nil) {
        kept = sockets
        self.inflow = inflow
        let monitors = inflow?.monitors ?? []
        let descriptors = descriptors + (inflow.map { [$0.descriptor] } ?? [])
        self.sockets = sockets.map(\.handle) + monitors + descriptors.map { _ in nil }
        self.descriptors = sockets.map { _ in -1 } + monitors.map { _ in -1 } + descriptors
    }

    /// Waits until a socket or descriptor is readable or the time is over.
    package func wait(milliseconds: Int) {
        var ready = [Bool](repeating: false, count: sockets.count)
        _ = vtj_poll(sockets, descriptors, &ready, Int32(sockets.count), milliseconds)
    }
}

/// One part of a received message.
///
/// Unchecked: a part does not change after it was received.
package final class Part: @unchecked Sendable {
    fileprivate let storage = UnsafeMutablePointer<vtj_part>.allocate(capacity: 1)

    fileprivate init() { storage.initialize(to: vtj_part()) }

    /// Makes a part from bytes, for tests and for messages within the process.
    ///
    /// - Throws: ``SocketError`` if there is not enough memory.
    package convenience init(_ bytes: [UInt8]) throws(SocketError) {
        self.init()
        guard vtj_part_copy(storage, bytes, bytes.count) == 0 else {
            throw SocketError("cannot make a message", number: errno)
        }
    }

    deinit {
        vtj_part_close(storage)
        storage.deallocate()
    }

    /// The bytes, valid while the part exists.
    package var bytes: UnsafeRawBufferPointer {
        var count = 0
        let start = vtj_part_bytes(storage, &count)
        return UnsafeRawBufferPointer(start: start, count: count)
    }

    /// The descriptor of the connection that the part came on; -1 where it is not known.
    var source: Int32 { vtj_part_source(storage) }

    /// A copy of the bytes.
    package var array: [UInt8] { Array(bytes) }
}

/// Bytes to be sent without a copy where that is cheaper.
package enum OutgoingBuffer: Sendable, BytesLending {
    /// Bytes that the buffer owns.
    case bytes([UInt8])
    /// Bytes that their owner keeps unchanged until they were sent.
    case lent(Lent)

    /// Borrowed bytes and the object that keeps them alive.
    package struct Lent: @unchecked Sendable {  // the bytes do not change while the owner lives
        package var owner: any AnyObject & Sendable
        package var bytes: UnsafeRawBufferPointer
        package init(owner: any AnyObject & Sendable, bytes: UnsafeRawBufferPointer) {
            self.owner = owner
            self.bytes = bytes
        }
    }

    /// The number of bytes.
    package var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .lent(let lent): lent.bytes.count
        }
    }

    package func lendBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        switch self {
        case .bytes(let bytes): bytes.withUnsafeBytes(body)
        case .lent(let lent): withExtendedLifetime(lent.owner) { body(lent.bytes) }
        }
    }

    /// Below this size, a copy costs less than freeing the bytes on another thread.
    private static let small = 4096

    fileprivate func send(on socket: UnsafeMutableRawPointer, more: Bool) -> Bool {
        if case .lent(let lent) = self, lent.bytes.count > Self.small {
            let owner = Unmanaged.passRetained(lent.owner as AnyObject)
            return vtj_send_owned(
                socket, UnsafeMutableRawPointer(mutating: lent.bytes.baseAddress),
                lent.bytes.count,
                { _, owner in
                    // Passed in below, and never nil.
                    if let owner { Unmanaged<AnyObject>.fromOpaque(owner).release() }
                }, owner.toOpaque(), more) == 0
        }
        var isSent = false
        lendBytes { isSent = vtj_send(socket, $0.baseAddress, $0.count, more) == 0 }
        return isSent
    }
}
