// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTSystem

/// What tells whether the controller is still there.
struct ControllerWatch {
    private var disconnected: [ClientWire.Channel: Int64] = [:]
    private var askedAt: Int64?
    private var hubAt = Clock.now
    private var anyAt = Clock.now
    private var returned = false

    /// Nobody waits longer for a controller that was there before.
    private static let patience = 10 * Clock.second
    /// So often the Hub is asked.
    private static let interval = 4 * Clock.second

    mutating func heardHub() {
        hubAt = Clock.now
        anyAt = hubAt
        askedAt = nil
        // What is connected need not answer: a relay's process may still hold a dead Hub's port.
        disconnected[.registration] = nil
    }

    mutating func heardSomething() { anyAt = Clock.now }

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

    /// Whether the Hub is to be asked now: it is, then.
    var shouldAsk: Bool {
        mutating get {
            let now = Clock.now
            guard askedAt == nil, now - hubAt > Self.interval else { return false }
            askedAt = now
            return true
        }
    }

    /// Whether a connection was lost and is back: once.
    var hasReturned: Bool {
        mutating get {
            defer { returned = false }
            return returned
        }
    }

    /// Why the controller is taken to be gone.
    var verdict: String? {
        let now = Clock.now
        if let since = disconnected.values.min(), now - since > Self.patience {
            return "the connection was lost, and has not come back for 10 s"
        }
        // A Hub that has much to do answers late; its relays do not.
        if let askedAt, now - askedAt > Self.patience, now - anyAt > Self.patience {
            return "nothing was heard of it for 10 s"
        }
        return nil
    }
}
