// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc

/// Tells the Hub that an engine is gone, for one that cannot any more. It is connected beforehand,
/// so that it takes no time then.
package final class EngineUnregistration {
    private let socket: Socket
    private var session: Session

    /// - Throws: ``SocketError``.
    package init(_ info: ConnectionInfo) throws(SocketError) {
        socket = try Socket(.dealer, curve: info.curve)
        session = Session(
            id: EngineWire.prefix + "watcher-" + randomDigits(bytes: 12), key: info.key,
            username: "vtlua", process: Int(getpid()))
        try socket.connect(to: info.endpoint("registration"))
    }

    /// Tells of the engine with this id.
    package func send(_ id: Int) {
        socket.send(session.make("unregistration_request", content: ["id": .int(id)]).frames)
        // The process is about to end, and what was not sent with it.
        usleep(500_000)
    }
}
