// SPDX-License-Identifier: BSD-3-Clause

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
    public var hexadecimal: String { digits(of: bytes.count) }

    private func digits(of count: Int) -> String {
        let count = min(count, bytes.count)
        return String(unsafeUninitializedCapacity: 2 * count) { text in
            for index in 0..<count {
                text[2 * index] = Self.digit(bytes[index] >> 4)
                text[2 * index + 1] = Self.digit(bytes[index] & 15)
            }
            return 2 * count
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// The first 16 hexadecimal digits: enough where two digests are compared.
    package var short: String { digits(of: 8) }
}
