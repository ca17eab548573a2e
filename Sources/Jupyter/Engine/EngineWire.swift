// SPDX-License-Identifier: BSD-3-Clause

package import VTSystem

/// The engine's side of the protocol: its sockets, which share one identity.
///
/// It must be used from one thread.
package final class EngineWire {
    /// The channel that a request came on; its reply goes there too.
    package enum Channel: CaseIterable { case control, mux, task, broadcast }

    /// A request, and the channel that it came on.
    package struct Request {
        package var channel: Channel
        package var message: Message
    }

    /// A message from the Hub, or a change of the connection to it.
    package enum News {
        /// The Hub has registered the engine under this id.
        case registered(id: Int)
        /// The Hub has refused the registration, with this reason.
        case refused(String)
        /// The identities of all engines that it knows.
        case engines([String])
        /// The state of the connection has changed.
        case connected, disconnected, nothingListens, handshakeFailed
    }

    /// The numbers of rejected messages, by reason.
    package struct Dropped: Sendable {
        /// Messages whose signature does not match.
        package var signature = 0
        /// Messages that were received before.
        package var replayed = 0
        /// Messages that could not be parsed.
        package var malformed = 0
        /// Messages that were signed for another engine.
        package var misdirected = 0
    }

    /// The identity of the engine.
    package let uuid: String
    /// The engine's id at the Hub; nil until it is registered.
    package private(set) var id: Int?
    /// Messages that were rejected so far.
    package private(set) var dropped = Dropped()
    /// The thread that answers heartbeats.
    package let heart: Heart
    private let info: ConnectionInfo
    private var session: Session
    private let registration: Socket
    private let monitor: SocketMonitor
    private var channels: [Channel: Socket] = [:]
    private let iopub: Socket
    /// Shared with the other engines of this machine; nil where that is not possible.
    private let signatures: SharedSignatures?

    /// Connects to the controller.
    ///
    /// - Parameter earlier: the connection of this engine under another identity: messages that it has
    ///   received are not accepted again.
    /// - Throws: ``SocketError``.
    package init(
        _ info: ConnectionInfo, uuid: String, username: String,
        continuing earlier: EngineWire? = nil
    ) throws(SocketError) {
        self.info = info
        self.uuid = uuid
        session = Session(id: uuid, key: info.key, username: username, process: Int(getpid()))
        if let earlier {
            dropped = earlier.dropped
            session.continueReceiving(earlier.session)
        }
        signatures = earlier?.signatures ?? SharedSignatures(info.key)
        registration = try Socket(.dealer, identity: uuid, curve: info.curve)
        monitor = try registration.makeMonitor()
        for (channel, name) in [(Channel.control, "control"), (.mux, "mux"), (.task, "task")] {
            let socket = try Socket(.dealer, identity: uuid, curve: info.curve)
            try socket.connect(to: info.endpoint(name))
            channels[channel] = socket
        }
        iopub = try Socket(.publisher, identity: uuid, curve: info.curve)
        try iopub.connect(to: info.endpoint("iopub"))
        heart = try Heart(info, uuid: uuid, lastPing: earlier?.heart.lastPing)
        try registration.connect(to: info.endpoint("registration"))
    }

    deinit { heart.stop() }

    /// The sockets on which messages arrive.
    package var sockets: [Socket] { [registration] + channels.values }
    package var isRegistered: Bool { id != nil }
    /// The controller's address, for messages.
    package var address: String { info.address }

    // MARK: The Hub

    /// Asks the Hub for registration.
    ///
    /// - Parameter wanted: the id that the engine would like to get.
    package func register(wanted: Int?) {
        var content: JSON = ["uuid": .string(uuid)]
        if let wanted { content = ["uuid": .string(uuid), "id": .integer(wanted)] }
        registration.send(session.make("registration_request", content: content).frames)
    }

    /// Asks the Hub for the identities of all engines.
    package func askForEngines() {
        registration.send(session.make("connection_request").frames)
    }

    /// Unregisters the engine at the Hub and announces its end.
    package func unregister() {
        guard let id else { return }
        registration.send(
            session.make("unregistration_request", content: ["id": .integer(id)]).frames)
        publish("shutdown_reply", topic: "shutdown", content: ["restart": false])
        self.id = nil
    }

    /// Returns the next message or change of the connection; nil when there is none.
    package func news() -> News? {
        switch monitor.next() {
        case .connected: return .connected
        case .disconnected: return .disconnected
        case .handshakeFailed: return .handshakeFailed
        case .refused: return .nothingListens
        case .other, nil: break
        }
        guard let parts = registration.receive(), let message = open(parts) else { return nil }
        let content = message.content
        switch message.type {
        case "registration_reply":
            guard content["status"].string == "ok", let id = content["id"].int else {
                return .refused(content["evalue"].string ?? "no reason given")
            }
            self.id = id
            connectBroadcast(id)
            return .registered(id: id)
        case "connection_reply":
            return .engines((content["engines"].members ?? []).compactMap(\.value.string))
        default: return nil
        }
    }

    private func connectBroadcast(_ id: Int) {
        guard !info.broadcast.isEmpty, channels[.broadcast] == nil else { return }
        let port = info.broadcast[id % info.broadcast.count]
        guard let socket = try? Socket(.dealer, identity: uuid, curve: info.curve),
            (try? socket.connect(to: info.endpoint(port))) != nil
        else { return }
        channels[.broadcast] = socket
    }

    // MARK: Requests

    /// Returns the next request on a channel; nil when there is none.
    package func receive(_ channel: Channel) -> Request? {
        while let parts = channels[channel]?.receive() {
            guard let message = open(parts, isFresh: true) else { continue }
            let request = Request(channel: channel, message: message)
            if !isReplay(request) { return request }
            dropped.replayed += 1
        }
        return nil
    }

    /// Returns true if the signed part of a request does not name other receivers. Clients of this
    /// program name the engine; those of ipyparallel do where they choose engines by the scheduler or
    /// broadcast, and otherwise cannot.
    package func isReceiver(of request: Request) -> Bool {
        let isReceiver =
            request.message.names(uuid) ?? !(request.isDirect && request.message.isOfOurClient)
        if !isReceiver { dropped.misdirected += 1 }
        return isReceiver
    }

    /// Returns true if another engine of this machine has received a request that names none.
    private func isReplay(_ request: Request) -> Bool {
        guard let signatures, request.message.names(uuid) == nil else { return false }
        return !signatures.add(request.message.signature, isDirect: request.isDirect)
    }

    private func open(_ parts: [Part], isFresh: Bool = false) -> Message? {
        do throws(Rejection) {
            return try session.open(parts, isFresh: isFresh)
        } catch {
            switch error {
            case .badSignature: dropped.signature += 1
            case .replayed: dropped.replayed += 1
            case .malformed: dropped.malformed += 1
            }
            return nil
        }
    }

    /// Replies on the channel that the request came on.
    package func reply(
        to request: Request, _ type: String, metadata: JSON = [:], content: JSON,
        _ buffers: [OutgoingBuffer] = []
    ) {
        let message = session.make(
            type, to: request.message.identities, parent: request.message.header,
            metadata: metadata, content: content)
        channels[request.channel]?.send(message.frames, buffers)
    }

    /// Sends a message to a client of VTLua on `mux`, after the replies on it.
    package func notify(_ client: String, _ type: String, content: JSON) {
        let message = session.make(
            type, to: [Array(client.utf8)], metadata: ["engine": .string(uuid)], content: content)
        channels[.mux]?.send(message.frames)
    }

    /// Broadcasts a message to all clients.
    ///
    /// - Parameter parent: the header of the request that the message belongs to.
    package func publish(
        _ type: String, topic: String, parent: [UInt8]? = nil, content: JSON
    ) {
        let topic = "engine.\(id ?? -1).\(topic)"
        let message = session.make(
            type, to: [Array(topic.utf8)], parent: parent, metadata: ["engine": .string(uuid)],
            content: content)
        iopub.send(message.frames)
    }
}

extension EngineWire.Request {
    /// True if the sender has chosen the engine.
    fileprivate var isDirect: Bool { channel == .mux || channel == .control }
}

extension Message {
    /// Returns true if the signed part names this engine, false if it names others; nil if it names
    /// none.
    fileprivate func names(_ engine: String) -> Bool? {
        if !metadata["target"].isNull { return metadata["target"].string == engine }
        if metadata["is_broadcast"].bool ?? false { return id.hasSuffix("_\(engine)") }
        guard let targets = metadata["targets"].array, !targets.isEmpty else { return nil }
        return targets.contains { ($0.array?.first ?? $0).string == engine }
    }

    /// True if a client of this program has sent it.
    fileprivate var isOfOurClient: Bool {
        session.hasPrefix(PeerIdentity.client) || content["lang"].string == "lua"
    }
}
