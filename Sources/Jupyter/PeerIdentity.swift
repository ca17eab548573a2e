// SPDX-License-Identifier: BSD-3-Clause

/// The identities by which the Hub and the routers of a cluster know this program.
package enum PeerIdentity {
    /// The beginning of the identity of every engine and client of this program.
    package static let prefix = "vtlua-"
    /// The beginning of the identity of every client.
    package static let client = prefix + "client-"
}
