// SPDX-License-Identifier: BSD-3-Clause

// Code need not be UTF-8: a Lua string may contain any bytes. A prompt handles code as text, in which
// each byte that is not UTF-8 is one of the last 128 characters of Unicode, which have no meaning.
// These characters themselves are handled as bytes, so that nothing is ambiguous.

extension String {
    /// The text for code of any bytes.
    package init(source bytes: some Collection<UInt8>) {
        let whole = String(decoding: bytes, as: UTF8.self)
        guard !whole.utf8.elementsEqual(bytes) || whole.unicodeScalars.contains(where: \.isByte)
        else {
            self = whole
            return
        }
        var text = String.UnicodeScalarView()
        var rest = Array(bytes)[...]
        while let first = rest.first {
            let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            if let valid = String(validating: rest.prefix(length), as: UTF8.self),
                let scalar = valid.unicodeScalars.first, !scalar.isByte
            {
                text.append(scalar)
                rest = rest.dropFirst(length)
            } else {
                text.append(Unicode.Scalar(byte: first))
                rest = rest.dropFirst()
            }
        }
        self = String(text)
    }

    /// The bytes of the code that ``init(source:)`` has read.
    package var sourceBytes: [UInt8] {
        guard unicodeScalars.contains(where: \.isByte) else { return Array(utf8) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count)
        for scalar in unicodeScalars {
            if let byte = scalar.byte {
                bytes.append(byte)
            } else {
                bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        return bytes
    }

    /// The code for a terminal, with U+FFFD for bytes that are not UTF-8.
    package var shownSource: String { String(decoding: sourceBytes, as: UTF8.self) }
}

extension Unicode.Scalar {
    fileprivate init(byte: UInt8) {
        // Valid for each byte: 0x10FF80 to 0x10FFFF for those that are not ASCII.
        self = Unicode.Scalar(0x10FF00 + UInt32(byte)) ?? "\u{FFFD}"
    }

    /// True if the character stands for a byte that is not UTF-8.
    package var isByte: Bool { value >= 0x10FF80 }

    /// The byte that the character stands for; nil for all others.
    package var byte: UInt8? { isByte ? UInt8(truncatingIfNeeded: value) : nil }
}

extension StringProtocol {
    /// The lines of some code as Lua counts them: LF, CR, CR LF and LF CR are one line end each.
    package var sourceLines: [SubSequence] {
        var lines: [SubSequence] = []
        let bytes = utf8
        var start = bytes.startIndex
        var position = start
        while position < bytes.endIndex {
            let byte = bytes[position]
            let next = bytes.index(after: position)
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
                position = next
                continue
            }
            lines.append(self[start..<position])
            position = next
            if next < bytes.endIndex, bytes[next] != byte,
                bytes[next] == UInt8(ascii: "\n") || bytes[next] == UInt8(ascii: "\r")
            {
                position = bytes.index(after: next)
            }
            start = position
        }
        lines.append(self[start...])
        return lines
    }
}
