// SPDX-License-Identifier: BSD-3-Clause

package import VTSystem

/// The client's side of the protocol: its sockets and the messages on them.
///
/// It must be used from one thread at a time.
package final class ClientWire {
    /// The channels between a client and a cluster.
    package enum Channel: String, CaseIterable, Sendable {
        /// Requests to the Hub.
        case registration
        /// Tasks for one engine.
        case mux
        /// Tasks that the controller's scheduler assigns to an engine.
        case task
        /// Control requests to an engine, handled outside its task queue.
        case control
        /// Notifications from the Hub to all clients.
        case notification
        /// Output that engines broadcast.
        case iopub
    }

    /// A change of a connection's state.
    package enum Event { case connected, disconnected, refused, handshakeFailed }

    /// The controller's ports and key.
    package let info: ConnectionInfo
    /// The identity of the client, unique to each connection.
    package let id: String
    private var session: Session
    private var open: [Channel: Socket] = [:]
    private var monitors: [Channel: SocketMonitor] = [:]
    /// The state of the connection to the Hub, which explains a missing reply.
    private var seen: Event?
    /// The session of the Hub, another one after a restart of the controller.
    private var hub: String?
    /// The number of restarts of the controller that its replies have shown.
    package private(set) var restarts = 0

    /// Connects. A controller that does not listen is noticed later.
    ///
    /// - Throws: ``SocketError``.
    package init(_ info: ConnectionInfo, id: String) throws(SocketError) {
        self.info = info
        self.id = id
        session = Session(
            id: id, key: info.key, username: environmentVariable("USER") ?? "vtlua",
            process: Int(getpid()))
        for channel in [Channel.registration, .mux, .task, .control, .notification] {
            try connect(channel)
        }
    }

    /// Returns an identity for a client that no other has.
    ///
    /// - Throws: ``SocketError``.
    package static func makeID() throws(SocketError) -> String {
        try Socket.load()
        return PeerIdentity.client + randomDigits(bytes: 12)
    }

    private func connect(_ channel: Channel) throws(SocketError) {
        let isBroadcast = channel == .notification || channel == .iopub
        let socket = try Socket(
            isBroadcast ? .subscriber : .dealer, identity: isBroadcast ? nil : id,
            curve: info.curve)
        if channel == .registration || channel == .mux {
            monitors[channel] = try socket.makeMonitor()
        }
        try socket.connect(to: info.endpoint(channel.rawValue))
        open[channel] = socket
    }

    /// Subscribes to the output of engines, from some moment on.
    package func listen() throws(SocketError) {
        if open[.iopub] == nil { try connect(.iopub) }
    }

    /// Closes all sockets.
    package func close() {
        monitors = [:]
        open = [:]
    }

    /// All open sockets.
    package var sockets: [Socket] { Array(open.values) }

    /// Sends a request and returns its id.
    ///
    /// - Parameter engine: the identity of the receiver, on the channels that go to engines. It is
    ///   signed as `target` of the metadata, so that no other engine accepts the request.
    @discardableResult
    package func send(
        _ type: String, on channel: Channel, to engine: String? = nil, metadata: JSON = [:],
        content: JSON = [:], _ buffers: [OutgoingBuffer] = []
    ) -> String {
        var metadata = metadata
        if let engine {
            metadata = .object((metadata.members ?? []) + [("target", .string(engine))])
        }
        let message = session.make(
            type, to: engine.map { [Array($0.utf8)] } ?? [], metadata: metadata, content: content)
        open[channel]?.send(message.frames, buffers)
        return message.id
    }

    /// Gives the thread that sends the messages a moment, before the process ends.
    package func flush() { usleep(30_000) }

    /// Returns the next message; nil when none has arrived.
    package func receive(_ channel: Channel) -> Message? {
        while let parts = open[channel]?.receive() {
            // A message without a valid signature is dropped.
            guard let message = try? session.open(parts) else { continue }
            if channel == .registration { note(hub: message.session) }
            return message
        }
        return nil
    }

    private func note(hub session: String) {
        if let hub, hub != session { restarts += 1 }
        hub = session
    }

    /// Returns the next change of a connection's state; nil when there is none.
    package func event(_ channel: Channel) -> Event? {
        while let event = monitors[channel]?.next() {
            switch event {
            case .connected: return .connected
            case .disconnected: return .disconnected
            case .refused: return .refused
            case .handshakeFailed: return .handshakeFailed
            case .other: continue
            }
        }
        return nil
    }

    // MARK: Connecting

    /// Asks the Hub for the engines and waits for the answer.
    ///
    /// - Parameter check: called periodically while waiting.
    /// - Returns: the engines' identities by id.
    /// - Throws: ``ConnectionError`` with the likely reason if there is no answer; any error of
    ///   `check`.
    package func connect(timeout: Double, check: () throws -> Void = {}) throws -> [Int: String] {
        Self.engines(try ask("connection_request", timeout: timeout, check: check))
    }

    /// Sends a request to the Hub and waits for the answer.
    ///
    /// - Parameters:
    ///   - isStarting: true to wait for a controller that does not listen yet.
    ///   - check: called periodically while waiting.
    /// - Throws: ``ConnectionError`` if the Hub refuses, or with the likely reason if it does not
    ///   answer;   any error of `check`.
    package func ask(
        _ type: String, content: JSON = [:], timeout: Double, isStarting: Bool = false,
        check: () throws -> Void
    ) throws -> JSON {
        let id = send(type, on: .registration, content: content)
        let end = Clock.seconds + timeout
        let poller = Poller(sockets)
        while Clock.seconds < end {
            try check()
            poller.wait(milliseconds: 20)
            look()
            while let message = receive(.registration) {
                guard message.parentID == id else { continue }
                guard message.content["status"].string != "error" else {
                    throw ConnectionError(
                        "the controller at \(info.address) refuses: "
                            + (message.content["evalue"].string ?? "no reason given"))
                }
                return message.content
            }
            // A port that refuses now will not accept connections later.
            if seen == .refused, !isStarting { break }
        }
        throw ConnectionError(info.explanation(of: noReplyReason(timeout)))
    }

    /// Updates the state of the connection. A failed handshake comes after a connection, and before
    /// the next attempt's.
    package func look() {
        while let event = event(.registration) {
            switch event {
            case .handshakeFailed: seen = event
            case .refused where seen != .handshakeFailed: seen = event
            case .connected where seen == .refused: seen = event
            case .connected, .refused, .disconnected: break
            }
        }
    }

    /// Returns the engines' identities by id, from a `connection_reply`.
    package static func engines(_ content: JSON) -> [Int: String] {
        var engines: [Int: String] = [:]
        for member in content["engines"].members ?? [] {
            if let id = Int(member.key), let uuid = member.value.string { engines[id] = uuid }
        }
        return engines
    }

    /// The likely reason why the Hub has not answered.
    private func noReplyReason(_ timeout: Double) -> NoReplyReason {
        switch seen {
        case .refused: .nothingListens
        case .handshakeFailed: .handshakeFailed
        default: .noReply(seconds: timeout)
        }
    }
}
