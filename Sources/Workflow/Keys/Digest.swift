// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// Computes the digests that persistent keys are made of.
public protocol ContentHasher: AnyObject {
    /// Returns the digest of bytes.
    func digest(_ bytes: [UInt8]) -> Digest
    /// Returns the digest of a file's content.
    func digest(ofFile path: String) throws -> Digest
}

/// A digest of bytes: 32 bytes that are equal for equal bytes, and different for all others.
public struct Digest: Hashable, Sendable {
    /// The digest as 32 bytes.
    public var bytes: [UInt8]

    /// Creates a digest from its bytes.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// The digest as lower-case hexadecimal digits.
    public var hexadecimal: String { Hex.text(bytes) }

    /// The first 16 hexadecimal digits: enough where two digests are compared.
    package var short: String { Hex.text(bytes.prefix(8)) }
}
