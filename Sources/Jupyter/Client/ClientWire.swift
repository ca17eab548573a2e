// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc

/// A client's side of the wire: its sockets, and the messages on them.
///
/// It belongs to one thread at a time.
package final class ClientWire {
    package enum Channel: String, CaseIterable, Sendable {
        /// The Hub.
        case registration
        /// Straight to an engine.
        case mux
        /// By the controller's scheduler to any.
        case task
        /// Beside an engine's tasks.
        case control
        /// What the Hub tells everybody.
        case notification
        /// What engines tell everybody.
        case iopub
    }

    /// What became of the connection.
    package enum Event { case connected, disconnected, refused, handshakeFailed }

    package let info: ConnectionInfo
    package let id: String
    private var session: Session
    private var open: [Channel: Socket] = [:]
    private var monitors: [Channel: SocketMonitor] = [:]
    /// What became of the connection to the Hub, as far as it tells why nothing comes.
    private var seen: Event?

    /// Connects; that nothing answers is not known yet.
    ///
    /// - Throws: ``SocketError``.
    package init(_ info: ConnectionInfo) throws(SocketError) {
        self.info = info
        try Socket.load()
        id = EngineWire.prefix + "client-" + randomDigits(bytes: 12)
        session = Session(
            id: id, key: info.key, username: environmentVariable("USER") ?? "vtlua",
            process: Int(getpid()))
        for channel in [Channel.registration, .mux, .task, .control, .notification] {
            try connect(channel)
        }
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

    /// Hears what engines tell everybody, from some moment on.
    package func listen() throws(SocketError) {
        if open[.iopub] == nil { try connect(.iopub) }
    }

    /// Closes all sockets.
    package func close() {
        monitors = [:]
        open = [:]
    }

    package var sockets: [Socket] { Array(open.values) }

    /// Sends a request and gives its id.
    ///
    /// - Parameter engine: whom it is for, on the channels that go to engines.
    @discardableResult
    package func send(
        _ type: String, on channel: Channel, to engine: String? = nil, metadata: JSON = [:],
        content: JSON = [:], _ buffers: [OutgoingBuffer] = []
    ) -> String {
        let message = session.make(
            type, to: engine.map { [Array($0.utf8)] } ?? [], metadata: metadata, content: content)
        open[channel]?.send(message.frames, buffers)
        return message.id
    }

    /// The next message; nil when there is none now.
    package func receive(_ channel: Channel) -> Message? {
        while let parts = open[channel]?.receive() {
            // What is not signed as it has to be is dropped.
            if let message = try? session.open(parts) { return message }
        }
        return nil
    }

    /// What became of a connection since; nil when there is nothing new.
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

    /// Asks the Hub for the engines, and waits for its answer: identities by id.
    ///
    /// - Parameter check: called every now and then while it waits.
    /// - Throws: ``ConnectionError`` when none comes, with the likely reason; what `check` throws.
    package func connect(timeout: Double, check: () throws -> Void = {}) throws -> [Int: String] {
        Self.engines(try ask("connection_request", timeout: timeout, check: check))
    }

    /// Asks the Hub something, and waits for its answer.
    ///
    /// - Parameters:
    ///   - isStarting: whether a controller that does not listen yet is waited for.
    ///   - check: called every now and then while it waits.
    /// - Throws: ``ConnectionError`` when none comes, with the likely reason, or the Hub refuses;
    ///   what `check` throws.
    package func ask(
        _ type: String, content: JSON = [:], timeout: Double, isStarting: Bool = false,
        check: () throws -> Void
    ) throws -> JSON {
        let id = send(type, on: .registration, content: content)
        let end = monotonicSeconds() + timeout
        let poller = Poller(sockets)
        while monotonicSeconds() < end {
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
            // It does not begin to listen by itself.
            if seen == .refused, !isStarting { break }
        }
        throw ConnectionError(info.explanation(of: noReplyReason(timeout)))
    }

    /// A failed handshake is preceded by a connection, and followed by the next attempt's.
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

    /// Identities by id, of a connection_reply.
    package static func engines(_ content: JSON) -> [Int: String] {
        var engines: [Int: String] = [:]
        for member in content["engines"].members ?? [] {
            if let id = Int(member.name), let uuid = member.value.string { engines[id] = uuid }
        }
        return engines
    }

    /// How it looks that nothing has come from the Hub.
    private func noReplyReason(_ timeout: Double) -> NoReplyReason {
        switch seen {
        case .refused: .nothingListens
        case .handshakeFailed: .handshakeFailed
        default: .noReply(seconds: timeout)
        }
    }
}

/// Seconds that only go up.
package func monotonicSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
}
