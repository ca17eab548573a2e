// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// Computes the digests that persistent keys are made of.
public protocol ContentHasher: AnyObject {
    /// Returns the digest of bytes.
    func digest(_ bytes: [UInt8]) -> Digest
    /// Returns the digest of bytes in memory.
    func digest(of bytes: UnsafeRawBufferPointer) -> Digest
    /// Returns the digest of the content of the file at a path, given as bytes.
    func digest(ofFile path: [UInt8]) throws -> Digest
    /// Returns a digest that was kept under a name with ``keep(_:under:)``; nil if there is none.
    func digest(under name: Digest) throws -> Digest?
    /// Keeps a digest that is costly to compute again.
    func keep(_ digest: Digest, under name: Digest) throws
    /// Random bytes that belong to the place where digests are kept.
    var secretKey: [UInt8] { get }
}

extension ContentHasher {
    /// Returns the digest of a copy of the bytes.
    public func digest(of bytes: UnsafeRawBufferPointer) -> Digest { digest(Array(bytes)) }
    /// The random bytes of this process.
    public var secretKey: [UInt8] { processKey }
}

private let processKey = (0..<32).map { _ in UInt8.random(in: .min ... .max) }

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

/// A hasher for runs without a store. Bytes are their own digest, and a file that is larger than 64 KiB
/// counts by its size and times.
final class PlainHasher: ContentHasher {
    private static let contentLimit = 64 << 10

    func digest(_ bytes: [UInt8]) -> Digest { Digest(bytes: bytes) }

    func digest(ofFile path: [UInt8]) throws -> Digest {
        guard let status = FileStatus(path), status.kind == .regular else {
            throw Fingerprint.Impossible(type: "missing file")
        }
        if status.size <= Self.contentLimit, status.isSettled || status.size <= 4096,
            let content = try? File.read(path.text, limit: Self.contentLimit + 1),
            content.count <= Self.contentLimit
        {
            return Digest(bytes: Array(content))
        }
        return Digest(bytes: status.bytes)
    }

    func digest(under name: Digest) -> Digest? { nil }
    func keep(_ digest: Digest, under name: Digest) {}
}
