// SPDX-License-Identifier: BSD-3-Clause

extension StringProtocol {
    /// The text in one line that a terminal cannot misread: control characters, line and paragraph
    /// separators, and the characters that reverse the direction of text (Unicode bidirectional
    /// controls) are written as escapes of Lua, such as `\n` and `\u{1b}`.
    ///
    /// Text decoded from bytes that are not UTF-8 has U+FFFD for them, which stays.
    package var escapedForTerminal: String { escaped(quotes: false) }

    /// The text as in a literal of Lua, without the quotes around it: also `"` and `\` are escaped.
    package var escapedForQuotes: String { escaped(quotes: true) }

    private func escaped(quotes: Bool) -> String {
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": text.append(contentsOf: "\\n".unicodeScalars)
            case "\r": text.append(contentsOf: "\\r".unicodeScalars)
            case "\t": text.append(contentsOf: "\\t".unicodeScalars)
            case "\"" where quotes, "\\" where quotes:
                text.append("\\")
                text.append(scalar)
            case _ where scalar.isUnsafeForTerminals:
                text.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default: text.append(scalar)
            }
        }
        return String(text)
    }
}

extension Sequence<UInt8> {
    /// The bytes as text in which control characters, and bytes that are not UTF-8, are escapes of
    /// Lua such as `\xE9`.
    package var escapedForLua: String {
        var text = ""
        var rest = Array(self)[...]
        while let first = rest.first {
            let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            if let valid = String(validating: rest.prefix(length), as: UTF8.self),
                !valid.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
            {
                text += valid
                rest = rest.dropFirst(length)
            } else {
                text += "\\x" + (first < 16 ? "0" : "")
                text += String(first, radix: 16, uppercase: true)
                rest = rest.dropFirst()
            }
        }
        return text
    }
}

extension Unicode.Scalar {
    /// True if a terminal may obey the character instead of showing it: C0 and C1 controls, DEL,
    /// line and paragraph separators, and bidirectional controls.
    package var isUnsafeForTerminals: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
