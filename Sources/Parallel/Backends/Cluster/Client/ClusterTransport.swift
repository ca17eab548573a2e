// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter

/// The sockets of a client, and the memory that engines on this machine read.
///
/// It belongs to the client's thread.
final class ClusterTransport {
    let wire: ClientWire
    var segments = Segments()

    init(_ wire: ClientWire) { self.wire = wire }
}
