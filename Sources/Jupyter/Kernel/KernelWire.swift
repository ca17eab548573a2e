// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc

/// A kernel's side of the wire: its sockets, bound.
///
/// It belongs to one thread.
final class KernelWire {
    /// Messages that were not taken are told of once for each reason.
    private var told: Set<String> = []
    private var session: Session
    private let iopub: Socket
    let shell: Socket
    let control: Socket
    let stdin: Socket
    private let log: @Sendable (String) -> Void

    /// A cell is text; who sends more than this is no notebook.
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

    /// Beats on a thread of its own: a long message does not make the kernel look dead.
    private static func startHeart(_ connection: KernelConnection) throws(SocketError) {
        let heart = try Socket(.replier, linger: 0)
        try heart.bind(to: connection.endpoint(.heartbeat))
        try startThread("vtlua-heart") {
            let poller = Poller([heart])
            while true {
                poller.wait(milliseconds: 10_000)
                while heart.forward(to: heart) {}
            }
        }
    }

    /// The next message on a socket of requests; nil when there is none.
    func receive(on socket: Socket) -> Message? {
        while let parts = socket.receive() {
            do throws(Rejection) {
                return try session.open(parts, isFresh: true)
            } catch {
                if told.insert("\(error)").inserted { log("a message was dropped: \(error)") }
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

    /// Tells everybody.
    ///
    /// - Parameter parent: the header of the request that it is about.
    func publish(_ type: String, parent: [UInt8]?, content: JSON) {
        iopub.send(
            session.make(type, to: [Array(type.utf8)], parent: parent, content: content).frames)
    }
}
