// SPDX-License-Identifier: BSD-3-Clause

/// Encodes bytes as Base64 (RFC 4648).
package func base64(_ bytes: UnsafeRawBufferPointer) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    let size = (bytes.count + 2) / 3 * 4
    return String(unsafeUninitializedCapacity: size) { text in
        var at = 0
        var start = 0
        while start < bytes.count {
            let left = bytes.count - start
            var group = UInt32(bytes[start]) << 16
            if left > 1 { group |= UInt32(bytes[start + 1]) << 8 }
            if left > 2 { group |= UInt32(bytes[start + 2]) }
            text[at] = letters[Int(group >> 18 & 63)]
            text[at + 1] = letters[Int(group >> 12 & 63)]
            text[at + 2] = left > 1 ? letters[Int(group >> 6 & 63)] : UInt8(ascii: "=")
            text[at + 3] = left > 2 ? letters[Int(group & 63)] : UInt8(ascii: "=")
            at += 4
            start += 3
        }
        return at
    }
}
