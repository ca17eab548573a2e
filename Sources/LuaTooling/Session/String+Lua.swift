// SPDX-License-Identifier: BSD-3-Clause

internal import VTRuntime

extension String {
    /// Whether it can stand behind a dot in Lua.
    var isLuaName: Bool {
        guard let first = utf8.first, first.isNameStart else { return false }
        return utf8.allSatisfy(\.isNamePart) && !LuaToken.keywords.contains(self)
    }

    /// As Lua code writes it, in double quotes.
    package var quotedForLua: String { quotedForLua(asBytes: false) }

    /// - Parameter asBytes: whether letters beyond ASCII are bytes that are no text.
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
            // Some terminals take these for controls, too.
            case _ where (0x80...0x9F).contains(scalar.value):
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
