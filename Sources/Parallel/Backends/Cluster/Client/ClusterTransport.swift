// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter

/// The sockets of a client. They belong to the client's thread.
final class ClusterTransport {
    let wire: ClientWire

    init(_ wire: ClientWire) { self.wire = wire }
}
