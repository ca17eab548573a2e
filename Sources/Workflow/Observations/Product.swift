// SPDX-License-Identifier: BSD-3-Clause

/// A file or directory that a computation has made, or that its outputs name. Its result is used again only
/// while the product is there, unchanged.
struct Product: Hashable {
    /// The name of the path; see ``PlacedPath``.
    var name: [UInt8]
    /// The digest of the content; empty for a directory whose existence alone counts.
    var digest: [UInt8]
    /// False for one that the outputs name, and that the computation has only found.
    var isMade = true

    /// A list of products as bytes.
    static func bytes(of products: [Product]) -> [UInt8] {
        ObservationSet(
            products.map {
                Observation(kind: $0.isMade ? .file : .output, name: $0.name, seen: $0.digest)
            }
        ).bytes
    }

    /// Reads ``bytes(of:)``; nil where they are damaged.
    static func products(in bytes: [UInt8]) -> [Product]? {
        ObservationSet(bytes)?.observations.map {
            Product(name: $0.name, digest: $0.seen, isMade: $0.kind != .output)
        }
    }
}
