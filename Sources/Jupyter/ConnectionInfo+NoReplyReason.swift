// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// The reason why a controller does not reply, as far as the connection shows it.
package enum NoReplyReason: Sendable, Equatable {
    /// The connection was refused.
    case nothingListens
    /// The server has another CURVE key.
    case handshakeFailed
    /// There is a connection or a connection attempt, but no answer within the time.
    case noReply(seconds: Double)
}

extension ConnectionInfo {
    /// Returns the likely reason and what to do about it, for messages.
    package func explanation(of noReplyReason: NoReplyReason) -> String {
        if let unknown = unknownHost {
            return "the controller's host '\(unknown)' cannot be resolved here (`location` in the "
                + "connection file); start the controller with: vtlua cluster start "
                + "--controller-arg=--location=ADDRESS"
        }
        switch noReplyReason {
        case .nothingListens where isLoopback && !isHere:
            return "nothing listens at \(address): the controller runs on \(location), and can be "
                + "reached from there alone; start it there with: vtlua cluster start --ip 0.0.0.0"
        case .nothingListens:
            return "nothing listens at \(address): the connection file is stale or the controller "
                + "is gone; start one with: vtlua cluster start"
        case .handshakeFailed:
            return "the controller at \(address) does not accept the CURVE key of the connection "
                + "file; it is another controller's"
        case .noReply(let timeout):
            var seconds = "\(timeout)"
            if seconds.hasSuffix(".0") { seconds.removeLast(2) }
            return "no reply from the controller at \(address) after \(seconds) s: wrong key, "
                + "stale connection file, or the controller is gone"
        }
    }

    /// True if the controller's address is one that stays on this machine.
    package var isLoopback: Bool {
        interface.hasPrefix("tcp://127.") || interface == "tcp://localhost"
            || interface == "tcp://[::1]"
    }

    /// The name of the controller's host, if it has no address here.
    private var unknownHost: String? {
        guard interface.hasPrefix("tcp://") else { return nil }
        var host = String(interface.dropFirst("tcp://".count))
        if host.hasPrefix("[") { host = String(host.dropFirst().prefix { $0 != "]" }) }
        var found: UnsafeMutablePointer<addrinfo>?
        defer { if let found { freeaddrinfo(found) } }
        return getaddrinfo(host, nil, nil, &found) == 0 ? nil : host
    }
}
