// SPDX-License-Identifier: BSD-3-Clause

internal import VTRuntime
internal import VTSystem

extension String {
    /// True if the text can follow a dot in Lua.
    var isLuaName: Bool {
        guard let first = utf8.first, first.isNameStart else { return false }
        return utf8.allSatisfy(\.isNamePart) && !LuaToken.keywords.contains(self)
    }

    /// Returns the text as it is written between two quotes of this kind.
    func escapedForLuaString(_ quote: UInt8) -> String {
        let quote = Unicode.Scalar(quote)
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if let byte = scalar.byte {
                text.append(
                    contentsOf: "\\x\(String(byte, radix: 16, uppercase: true))".unicodeScalars)
            } else if scalar == quote || scalar == "\\" {
                text.append("\\")
                text.append(scalar)
            } else if scalar.value == 0 || scalar.value == 127 {
                text.append(contentsOf: (scalar.value == 0 ? "\\x00" : "\\x7F").unicodeScalars)
            } else {
                text.append(contentsOf: String(scalar).escapedForTerminal.unicodeScalars)
            }
        }
        return String(text)
    }

    /// The text as a Lua literal in double quotes.
    package var quotedForLua: String { quotedForLua(asBytes: false) }

    /// Returns the text as a Lua literal.
    ///
    /// - Parameter asBytes: true if characters outside of ASCII stand for single bytes.
    func quotedForLua(asBytes: Bool) -> String {
        var text = "\""
        let scalars = Array(unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case _ where scalar.value < 32 || scalar.value == 127 || asBytes && scalar.value > 127:
                let digits = "\(scalar.value)"
                let isFollowed =
                    index + 1 < scalars.count && (48...57).contains(scalars[index + 1].value)
                text += "\\"
                if isFollowed { text += String(repeating: "0", count: 3 - digits.count) }
                text += digits
            case _ where scalar.isUnsafeForTerminals:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
