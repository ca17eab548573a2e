// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
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

    /// The largest size of a message in bytes. A notebook sends nothing larger.
    private static let largest = 64 << 20

    /// - Throws: ``SocketError``.
    init(
        _ connection: KernelConnection, log: @escaping @Sendable (String) -> Void
    ) throws(SocketError) {
        try Socket.load()
        self.log = log
        session = Session(
            id: randomDigits(bytes: 16), key: connection.key, username: "vtlua",
            process: Int(getpid()))
        shell = try Socket(.router, largest: Self.largest)
        control = try Socket(.router, largest: Self.largest)
        stdin = try Socket(.router, largest: Self.largest)
        iopub = try Socket(.publisher, largest: Self.largest)
        try shell.bind(to: connection.endpoint(.shell))
        try control.bind(to: connection.endpoint(.control))
        try stdin.bind(to: connection.endpoint(.stdin))
        try iopub.bind(to: connection.endpoint(.iopub))
        try Self.startHeart(connection)
    }

    /// Answers heartbeats on its own thread, so that a kernel that handles a long message does not
    /// appear dead.
    private static func startHeart(_ connection: KernelConnection) throws(SocketError) {
        let heart = try Socket(.replier, linger: 0)
        try heart.bind(to: connection.endpoint(.heartbeat))
        let box = TransferBox(heart)
        do throws(SystemError) {
            try startThread("vtlua-heart") {
                guard let heart = box.take() else { return }
                let poller = Poller([heart])
                while true {
                    poller.wait(milliseconds: 10_000)
                    while heart.forward(to: heart) {}
                }
            }
        } catch {
            throw SocketError(error)
        }
    }

    /// Returns the next request on a socket; nil when none has arrived.
    func receive(on socket: Socket) -> Message? {
        while let parts = socket.receive() {
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
        socket.send(
            session.make(type, to: message.identities, parent: message.header, content: content)
                .frames)
    }

    /// Publishes a message to all clients.
    ///
    /// - Parameter parent: the header of the request that the message belongs to.
    func publish(_ type: String, parent: [UInt8]?, content: JSON) {
        iopub.send(
            session.make(type, to: [Array(type.utf8)], parent: parent, content: content).frames)
    }
}
