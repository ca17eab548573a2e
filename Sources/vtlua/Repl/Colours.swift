// SPDX-License-Identifier: BSD-3-Clause

import VTLuaTooling
import VTRuntime

/// Colours for Lua code and messages on a terminal.
enum Colours {
    /// The style of characters, as a terminal's colour code.
    enum Style: String {
        case plain = "", keyword = "35", string = "32", number = "36", comment = "90", error = "31"
        case prompt = "34", faint = "2"

        var on: String { self == .plain ? "" : "\u{1B}[\(rawValue)m" }
    }

    static let off = "\u{1B}[0m"

    static func paint(_ text: String, _ style: Style, _ isOn: Bool) -> String {
        isOn && style != .plain ? style.on + text + off : text
    }

    /// Text without control sequences for colours.
    static func without(_ text: some StringProtocol) -> String {
        var isColour = false
        return String(
            text.filter { letter in
                if letter == "\u{1B}" { isColour = true }
                defer { if letter.isASCII, letter.isLetter { isColour = false } }
                return !isColour
            })
    }

    /// The style of each character.
    static func styles(of letters: [Character]) -> [Style] {
        let text = String(letters)
        var ofBytes = [Style](repeating: .plain, count: text.utf8.count)
        for token in LuaToken.tokens(of: text.utf8) {
            let style = style(of: token)
            if style == .plain { continue }
            for index in token.range { ofBytes[index] = style }
        }
        var styles: [Style] = []
        styles.reserveCapacity(letters.count)
        var place = 0
        for letter in letters {
            styles.append(place < ofBytes.count ? ofBytes[place] : .plain)
            place += letter.utf8.count
        }
        return styles
    }

    /// Code with control sequences for colours.
    static func paint(code: String) -> String {
        let bytes = Array(code.utf8)
        var painted = ""
        var place = 0
        for token in LuaToken.tokens(of: bytes) {
            painted += String(decoding: bytes[place..<token.range.lowerBound], as: UTF8.self)
            painted += paint(
                String(decoding: bytes[token.range], as: UTF8.self), style(of: token), true)
            place = token.range.upperBound
        }
        return painted + String(decoding: bytes[place...], as: UTF8.self)
    }

    private static func style(of token: LuaToken) -> Style {
        switch token.kind {
        case .keyword: .keyword
        case .string: .string
        case .number: .number
        case .comment: .comment
        case .name, .symbol: .plain
        }
    }
}
