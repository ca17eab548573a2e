// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// The hash SHA-256.
package enum SHA256 {
    /// Returns the authentication code of bytes, HMAC-SHA256 with a key of up to 64 bytes.
    package static func authentication(
        of bytes: UnsafeRawBufferPointer, key: [UInt8]
    ) -> [UInt8] {
        let block = 64
        precondition(key.count <= block, "a longer key must be hashed first")
        func padded(_ byte: UInt8) -> [UInt8] {
            (0..<block).map { (key.indices.contains($0) ? key[$0] : 0) ^ byte }
        }
        let inner = digest(of: padded(0x36), bytes)
        return inner.withUnsafeBytes { digest(of: padded(0x5C), $0) }
    }

    /// Returns the digest of two texts, one after the other.
    private static func digest(of first: [UInt8], _ second: UnsafeRawBufferPointer) -> [UInt8] {
        var hash = vty_sha256()
        vty_sha256_start(&hash)
        first.withUnsafeBytes { vty_sha256_add(&hash, $0.baseAddress, $0.count) }
        if !second.isEmpty { vty_sha256_add(&hash, second.baseAddress, second.count) }
        return [UInt8](unsafeUninitializedCapacity: 32) { bytes, count in
            vty_sha256_end(&hash, bytes.baseAddress)
            count = 32
        }
    }

    /// Returns the digest of a text in 64 hexadecimal digits.
    package static func hexadecimal(of text: String) -> String {
        var hash = vty_sha256()
        vty_sha256_start(&hash)
        var text = text
        text.withUTF8 { vty_sha256_add(&hash, $0.baseAddress, $0.count) }
        return Hex.text(
            [UInt8](unsafeUninitializedCapacity: 32) { bytes, count in
                vty_sha256_end(&hash, bytes.baseAddress)
                count = 32
            })
    }
}
