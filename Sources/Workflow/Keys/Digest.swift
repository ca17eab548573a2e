// SPDX-License-Identifier: BSD-3-Clause

/// Computes the digests that persistent keys are made of.
public protocol ContentHasher: AnyObject {
    /// Returns the digest of bytes.
    func digest(_ bytes: [UInt8]) -> Digest
    /// Returns the digest of a file's content.
    func digest(ofFile path: String) throws -> Digest
}

/// 32 bytes that stand for others.
public struct Digest: Hashable, Sendable {
    public var bytes: [UInt8]

    public init(bytes: [UInt8]) { self.bytes = bytes }

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

    /// Enough to tell two of them apart that lie side by side.
    package var short: String { digits(of: 8) }
}
