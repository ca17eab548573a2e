// SPDX-License-Identifier: BSD-3-Clause

/// A writer of JSON for a script of the page. It writes no spaces, and escapes all characters that
/// could end the HTML element.
struct ScriptData {
    private(set) var text = ""
    private var isFirst = true

    mutating func object(_ fields: (inout ScriptData) -> Void) { nest("{", "}", fields) }

    mutating func array(_ elements: (inout ScriptData) -> Void) { nest("[", "]", elements) }

    mutating func key(_ name: String) {
        separate()
        write(name)
        text += ":"
        isFirst = true
    }

    mutating func add(_ number: Int) {
        separate()
        text += String(number)
    }

    mutating func add(_ value: String) {
        separate()
        write(value)
    }

    mutating func addNull() {
        separate()
        text += "null"
    }

    private mutating func nest(
        _ opening: String, _ closing: String, _ body: (inout ScriptData) -> Void
    ) {
        separate()
        text += opening
        isFirst = true
        body(&self)
        text += closing
        isFirst = false
    }

    private mutating func separate() {
        if !isFirst { text += "," }
        isFirst = false
    }

    private mutating func write(_ value: String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "<", ">", "&", "\u{0}"..."\u{1f}", "\u{7f}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
