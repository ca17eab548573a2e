// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// The hash SHA-256.
package enum SHA256 {
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
