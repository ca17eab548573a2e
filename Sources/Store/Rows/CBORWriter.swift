// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// Writes CBOR (RFC 8949) items of records: numbers, strings, arrays and null.
struct CBORWriter {
    private(set) var bytes: [UInt8] = []
    /// True to write `***` in the place of each secret in texts.
    var masksSecrets = false

    private mutating func head(_ major: UInt8, _ number: UInt64) {
        switch number {
        case 0..<24: bytes.append(major << 5 | UInt8(number))
        case 24...0xFF: bytes += [major << 5 | 24, UInt8(number)]
        case 0x100...0xFFFF: bytes += [major << 5 | 25, UInt8(number >> 8), UInt8(number & 0xFF)]
        default:
            bytes.append(major << 5 | 27)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
            }
        }
    }

    /// Begins an array of `count` items.
    mutating func array(_ count: Int) { head(4, UInt64(count)) }

    mutating func add(_ number: Int) {
        number < 0 ? head(1, UInt64(~number)) : head(0, UInt64(number))
    }

    mutating func add(_ number: Double) {
        bytes.append(7 << 5 | 27)
        withUnsafeBytes(of: number.bitPattern.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ text: String) {
        var text = masksSecrets ? Secrets.masked(text) : text
        text.withUTF8 { utf8 in
            head(3, UInt64(utf8.count))
            bytes += utf8
        }
    }

    mutating func add(_ content: [UInt8]) {
        head(2, UInt64(content.count))
        bytes += content
    }

    mutating func add(_ flag: Bool) { add(flag ? 1 : 0) }

    mutating func addNull() { bytes.append(0xF6) }

    mutating func add(_ text: String?) { if let text { add(text) } else { addNull() } }
    mutating func add(_ number: Int?) { if let number { add(number) } else { addNull() } }
    mutating func add(_ content: [UInt8]?) { if let content { add(content) } else { addNull() } }
}
