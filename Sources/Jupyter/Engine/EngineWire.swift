// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc

/// An engine's side of the wire: its sockets, under one identity.
///
/// It belongs to one thread.
package final class EngineWire {
    /// Whence a request came, and where its reply goes.
    package enum Channel: CaseIterable { case control, mux, task, broadcast }

    package struct Request {
        package var channel: Channel
        package var message: Message
    }

    /// What the Hub says.
    package enum News {
        case registered(id: Int)
        case refused(String)
        /// The identities of all engines that it knows.
        case engines([String])
        case connected, disconnected, nothingListens, handshakeFailed
    }

    /// Messages that were not taken, by reason.
    package struct Dropped: Sendable {
        package var signature = 0
        package var replayed = 0
        package var malformed = 0
    }

    /// What begins the identity of an engine of ours.
    package static let prefix = "vtlua-"

    package let uuid: String
    package private(set) var id: Int?
    package private(set) var dropped = Dropped()
    package let heart: Heart
    private let info: ConnectionInfo
    private var session: Session
    private let registration: Socket
    private let monitor: SocketMonitor
    private var channels: [Channel: Socket] = [:]
    private let iopub: Socket

    /// - Throws: ``SocketError``.
    package init(
        _ info: ConnectionInfo, uuid: String, username: String,
        continuing dropped: Dropped = .init()
    ) throws(SocketError) {
        self.info = info
        self.uuid = uuid
        self.dropped = dropped
        session = Session(id: uuid, key: info.key, username: username, process: Int(getpid()))
        registration = try Socket(.dealer, identity: uuid, curve: info.curve)
        monitor = try registration.makeMonitor()
        for (channel, name) in [(Channel.control, "control"), (.mux, "mux"), (.task, "task")] {
            let socket = try Socket(.dealer, identity: uuid, curve: info.curve)
            try socket.connect(to: info.endpoint(name))
            channels[channel] = socket
        }
        iopub = try Socket(.publisher, identity: uuid, curve: info.curve)
        try iopub.connect(to: info.endpoint("iopub"))
        heart = try Heart(info, uuid: uuid)
        try registration.connect(to: info.endpoint("registration"))
    }

    deinit { heart.stop() }

    /// All sockets that something may come on.
    package var sockets: [Socket] { [registration] + channels.values }
    package var isRegistered: Bool { id != nil }
    /// Where the controller is.
    package var address: String { info.address }

    // MARK: The Hub

    /// - Parameter wanted: an id that it would like to have.
    package func register(wanted: Int?) {
        var content: JSON = ["uuid": .string(uuid)]
        if let wanted { content = ["uuid": .string(uuid), "id": .int(wanted)] }
        registration.send(session.make("registration_request", content: content).frames)
    }

    /// Asks which engines there are.
    package func askForEngines() {
        registration.send(session.make("connection_request").frames)
    }

    package func unregister() {
        guard let id else { return }
        registration.send(
            session.make("unregistration_request", content: ["id": .int(id)]).frames)
        publish("shutdown_reply", topic: "shutdown", content: ["restart": false])
        self.id = nil
    }

    /// What the Hub has said, or nil when there is nothing new.
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

    /// The next request on a channel; nil when there is none.
    package func receive(_ channel: Channel) -> Request? {
        while let parts = channels[channel]?.receive() {
            if let message = open(parts, isFresh: true) {
                return Request(channel: channel, message: message)
            }
        }
        return nil
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

    /// Answers on the channel that the request came from.
    package func reply(
        to request: Request, _ type: String, metadata: JSON = [:], content: JSON,
        _ buffers: [OutgoingBuffer] = []
    ) {
        let message = session.make(
            type, to: request.message.identities, parent: request.message.header,
            metadata: metadata, content: content)
        channels[request.channel]?.send(message.frames, buffers)
    }

    /// Tells everybody.
    ///
    /// - Parameter parent: the header of the request that it is about.
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
