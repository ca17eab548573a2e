// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTSystem

/// Decides whether the controller is still there, by the messages and events of its sockets.
struct ControllerWatch {
    private var disconnected: [ClientWire.Channel: Int64] = [:]
    private var askedAt: Int64?
    private var hubAt = Clock.now
    private var anyAt = Clock.now
    private var returned = false

    /// The longest wait for a controller whose connection was closed, in nanoseconds.
    private static let patience = 10 * Clock.second
    /// The longest wait for a controller that is connected and silent. After an interruption of 8 s
    /// the network may need as long again to send what was held up.
    private static let mostSilence = 30 * Clock.second
    /// The nanoseconds between two requests to the Hub.
    private static let interval = 4 * Clock.second

    mutating func noteMessageOfHub() {
        hubAt = Clock.now
        anyAt = hubAt
        askedAt = nil
        // A connection alone is no sign: a relay's process may still hold a dead Hub's port.
        disconnected[.registration] = nil
    }

    mutating func noteMessage() { anyAt = Clock.now }

    mutating func note(_ event: ClientWire.Event, on channel: ClientWire.Channel) {
        switch event {
        case .disconnected: disconnected[channel] = disconnected[channel] ?? Clock.now
        case .connected:
            guard disconnected[channel] != nil else { return }
            if channel != .registration { disconnected[channel] = nil }
            returned = true
            askedAt = nil
            hubAt = 0
        case .refused, .handshakeFailed: break
        }
    }

    /// True if the Hub must be asked now. Reading it notes the request.
    var shouldAsk: Bool {
        mutating get {
            let now = Clock.now
            guard askedAt == nil, now - hubAt > Self.interval else { return false }
            askedAt = now
            return true
        }
    }

    /// True if a connection was lost and restored since it was read last.
    var hasReturned: Bool {
        mutating get {
            defer { returned = false }
            return returned
        }
    }

    /// The reason why the controller is considered gone; nil while it is there.
    var verdict: String? {
        let now = Clock.now
        if let since = disconnected.values.min(), now - since > Self.patience {
            return "the connection was lost and not restored for 10 s"
        }
        // A busy Hub answers late; its relays do not.
        if let askedAt, now - askedAt > Self.mostSilence, now - anyAt > Self.mostSilence {
            return "it sent nothing for 30 s"
        }
        return nil
    }
}
