// SPDX-License-Identifier: BSD-3-Clause

/// A piece of a page. Literals are markup; whatever is put into one is text, and is escaped.
///
/// ```swift
/// let item: HTML = "<li title=\"\(title)\">\(name)</li>"
/// ```
struct HTML: ExpressibleByStringInterpolation {
    private(set) var text: String

    init(stringLiteral markup: String) { text = markup }

    init(stringInterpolation parts: StringInterpolation) { text = parts.text }

    /// Markup that was made elsewhere: our own, never a person's.
    init(markup: String) { text = markup }

    static func + (one: HTML, other: HTML) -> HTML { HTML(markup: one.text + other.text) }

    static func += (page: inout HTML, piece: HTML) { page.text += piece.text }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text: String

        init(literalCapacity: Int, interpolationCount: Int) {
            text = ""
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        mutating func appendLiteral(_ markup: String) { text += markup }

        /// Another piece, as it is.
        mutating func appendInterpolation(_ piece: HTML) { text += piece.text }

        mutating func appendInterpolation(_ number: Int) { text += String(number) }

        /// A coordinate, to a tenth.
        mutating func appendInterpolation(_ number: Double) {
            let tenths = Int((number * 10).rounded())
            text += tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
        }

        mutating func appendInterpolation(_ value: String) {
            for scalar in value.unicodeScalars {
                switch scalar {
                case "&": text += "&amp;"
                case "<": text += "&lt;"
                case ">": text += "&gt;"
                case "\"": text += "&quot;"
                case "'": text += "&#39;"
                // What no page may hold.
                case "\u{0}"..."\u{8}", "\u{b}", "\u{e}"..."\u{1f}", "\u{7f}":
                    text += "\u{fffd}"
                default: text.unicodeScalars.append(scalar)
                }
            }
        }
    }
}
