// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// Unregisters an engine at the Hub after the engine's process has died. It is connected in
/// advance, so that no time is lost then.
package final class EngineUnregistration {
    private let socket: Socket
    private let mux: Socket
    private var session: Session

    /// Connects to the Hub.
    ///
    /// - Throws: ``SocketError``.
    package init(_ info: ConnectionInfo) throws(SocketError) {
        socket = try Socket(.dealer, curve: info.curve)
        session = Session(
            id: PeerIdentity.prefix + "watcher-" + randomDigits(bytes: 12), key: info.key,
            username: "vtlua", process: Int(getpid()))
        try socket.connect(to: info.endpoint("registration"))
        mux = try Socket(.dealer, curve: info.curve)
        try mux.connect(to: info.endpoint("mux"))
    }

    /// Notifies a client that the engine with an identity has ended.
    ///
    /// - Parameter running: the client's call and the number of its task that was running; nil: none.
    package func notify(_ client: String, uuid: String, running: (job: Int, task: Int)?) {
        var content: [JSON.Member] = [("uuid", .string(uuid)), ("died", true)]
        if let running {
            content += [("job", .integer(running.job)), ("task", .integer(running.task))]
        }
        let message = session.make(
            "vtlua_left", to: [Array(client.utf8)], content: .object(content))
        mux.send(message.frames)
    }

    /// Unregisters the engine with this id.
    package func send(_ id: Int) {
        socket.send(session.make("unregistration_request", content: ["id": .integer(id)]).frames)
        // The process is about to end, and would take unsent messages with it.
        usleep(500_000)
    }
}
