// SPDX-License-Identifier: BSD-3-Clause

internal import Synchronization
internal import VTSystem

/// The kernel's side of the protocol: its bound sockets.
///
/// It must be used from one thread.
final class KernelWire {
    /// The reasons for which a rejected message was already reported.
    private var reported: Set<String> = []
    private var session: Session
    private let iopub: Socket
    let shell: Socket
    let control: Socket
    let stdin: Socket
    private let log: @Sendable (String) -> Void

    /// The connections of all sockets but that of heartbeats.
    let inflow: Inflow
    /// The number of messages that were not sent to a client, because it did not read earlier ones.
    private var unsent = 0
    /// The time from which on the number is reported.
    private var reportAt: Int64 = 0
    /// The time since which there is no room for long publications; nil while there is.
    private var fullSince: Int64?
    /// The bytes of publications that ZeroMQ still has.
    private let published = PublishedBytes()

    /// The largest size of a message in bytes. A notebook sends nothing larger.
    private static let largest = 64 << 20
    /// The largest number of messages that wait for a client, or come from it.
    private static let queue = 1000
    /// The largest number of bytes of publications that wait for clients.
    private static let mostPublished = 256 << 20
    /// The bytes that a client sends on iopub in the course of time: subscriptions.
    private static let mostSubscribed = 16 << 20
    private static let reportInterval = 10 * Clock.second
    /// The time in which a client whose queue is full must read something.
    private static let patience = Clock.second
    /// The time until which no client is waited for, because one has not read.
    private var impatientUntil: Int64 = 0

    /// - Throws: ``SocketError``.
    init(
        _ connection: KernelConnection, log: @escaping @Sendable (String) -> Void
    ) throws(SocketError) {
        try Socket.load()
        self.log = log
        session = Session(
            id: randomDigits(bytes: 16), key: connection.key, username: "vtlua",
            process: Int(getpid()))
        shell = try Socket(.router, largest: Self.largest, queue: Self.queue)
        control = try Socket(.router, largest: Self.largest, queue: Self.queue)
        stdin = try Socket(.router, largest: Self.largest, queue: Self.queue)
        iopub = try Socket(.publisher, largest: Self.largest, queue: Self.queue)
        inflow = try Inflow()
        for socket in [shell, control, stdin] {
            try inflow.add(socket, most: Self.largest + (1 << 20))
        }
        try inflow.add(iopub, most: Self.mostSubscribed)
        try shell.bind(to: connection.endpoint(.shell))
        try control.bind(to: connection.endpoint(.control))
        try stdin.bind(to: connection.endpoint(.stdin))
        try iopub.bind(to: connection.endpoint(.iopub))
        try Self.startHeart(connection)
    }

    /// Answers heartbeats on its own thread, so that a kernel that handles a long message does not
    /// appear dead.
    private static func startHeart(_ connection: KernelConnection) throws(SocketError) {
        let heart = try Socket(.replier, linger: 0, largest: 1024, queue: 16)
        let inflow = try Inflow()
        try inflow.add(heart, most: 1 << 20)
        try heart.bind(to: connection.endpoint(.heartbeat))
        let box = TransferBox((heart, inflow))
        do throws(SystemError) {
            try startThread("vtlua-heart") {
                guard let (heart, inflow) = box.take() else { return }
                let poller = Poller([heart], inflow: inflow)
                while true {
                    poller.wait(milliseconds: inflow.check() ? Inflow.interval : 10_000)
                    while let parts = heart.receive() {
                        inflow.note(parts)
                        // A heartbeat has one part.
                        heart.send(parts.prefix(8).map(\.array))
                    }
                }
            }
        } catch {
            throw SocketError(error)
        }
    }

    /// Returns the next request on a socket; nil when none has arrived.
    func receive(on socket: Socket) -> Message? {
        while let parts = socket.receive() {
            inflow.note(parts)
            do throws(Rejection) {
                return try session.open(parts, isFresh: true)
            } catch {
                if reported.insert("\(error)").inserted { log("a message was dropped: \(error)") }
            }
        }
        return nil
    }

    func send(
        _ type: String, on socket: Socket, to message: Message, content: JSON
    ) {
        let message = session.make(
            type, to: message.identities, parent: message.header, content: content)
        count(socket.trySend(message.frames))
    }

    /// Publishes a message to all clients.
    ///
    /// - Parameter parent: the header of the request that the message belongs to.
    func publish(_ type: String, parent: [UInt8]?, content: JSON) {
        let message = session.make(type, to: [Array(type.utf8)], parent: parent, content: content)
        guard hasRoom(for: message.frames.last?.count ?? 0) else { return count(false) }
        // The content is last, and may be long.
        let content = message.frames.suffix(1).map(published.lend)
        let frames = Array(message.frames.dropLast())
        // A client that reads gets everything: the code that publishes waits for it.
        let end = Clock.now + (Clock.now < impatientUntil ? 0 : Self.patience)
        while !iopub.trySend(frames, content) {
            if Clock.now < end {
                usleep(1000)
                continue
            }
            impatientUntil = Clock.now + Self.reportInterval
            iopub.sendToReady(frames, content)
            return count(false)
        }
        count(true)
    }

    /// Returns false if clients that read too slowly make ZeroMQ keep too much. They are disconnected
    /// then, so that others get later messages. There is always room for short messages.
    private func hasRoom(for size: Int) -> Bool {
        guard size > PublishedBytes.small, published.count + size > Self.mostPublished else {
            fullSince = nil
            return true
        }
        let since = fullSince ?? Clock.now
        fullSince = since
        inflow.closeSlow(iopub, any: Clock.now - since > 5 * Clock.second)
        return false
    }

    /// Counts messages that are not sent to a client that reads too slowly. Their number is reported
    /// from time to time.
    private func count(_ isSent: Bool) {
        if !isSent { unsent += 1 }
        if unsent > 0, Clock.now >= reportAt { reportUnsent() }
    }

    /// Reports the number of messages that were dropped.
    func reportUnsent() {
        guard unsent > 0 else { return }
        log(
            "\(unsent) \(unsent == 1 ? "message was" : "messages were") dropped: a client reads too "
                + "slowly")
        unsent = 0
        reportAt = Clock.now + Self.reportInterval
    }
}

/// Counts the bytes of messages that ZeroMQ has not sent yet: those that it shares among clients count
/// once.
private final class PublishedBytes: Sendable {
    private let total = Atomic<Int>(0)

    var count: Int { total.load(ordering: .relaxed) }

    /// Below this size, bytes are copied and not counted.
    static let small = 4096

    func lend(_ bytes: [UInt8]) -> OutgoingBuffer {
        guard bytes.count > Self.small else { return .bytes(bytes) }
        let loan = Loan(bytes, of: self)
        return .lent(.init(owner: loan, bytes: UnsafeRawBufferPointer(loan.bytes)))
    }

    /// Bytes that ZeroMQ uses, released on its thread.
    private final class Loan: @unchecked Sendable {  // the bytes do not change
        let bytes: UnsafeMutableRawBufferPointer
        private let counter: PublishedBytes

        init(_ content: [UInt8], of counter: PublishedBytes) {
            bytes = .allocate(byteCount: content.count, alignment: 1)
            bytes.copyBytes(from: content)
            self.counter = counter
            counter.total.wrappingAdd(bytes.count, ordering: .relaxed)
        }

        deinit {
            counter.total.wrappingSubtract(bytes.count, ordering: .relaxed)
            bytes.deallocate()
        }
    }
}
