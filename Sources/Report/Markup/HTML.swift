// SPDX-License-Identifier: BSD-3-Clause

/// A piece of a page. Literals are markup; whatever is put into one is text, and is escaped.
///
/// ```swift
/// let item: HTML = "<li title=\"\(title)\">\(name)</li>"
/// ```
package struct HTML: ExpressibleByStringInterpolation {
    package private(set) var text: String

    package init(stringLiteral markup: String) { text = markup }

    package init(stringInterpolation parts: StringInterpolation) { text = parts.text }

    /// Markup that was made elsewhere: our own, never a person's.
    package init(markup: String) { text = markup }

    package static func + (one: HTML, other: HTML) -> HTML { HTML(markup: one.text + other.text) }

    package static func += (page: inout HTML, piece: HTML) { page.text += piece.text }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text: String

        package init(literalCapacity: Int, interpolationCount: Int) {
            text = ""
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        package mutating func appendLiteral(_ markup: String) { text += markup }

        /// Another piece, as it is.
        package mutating func appendInterpolation(_ piece: HTML) { text += piece.text }

        package mutating func appendInterpolation(_ number: Int) { text += String(number) }

        /// A coordinate, to a tenth.
        package mutating func appendInterpolation(_ number: Double) {
            let tenths = Int((number * 10).rounded())
            text += tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
        }

        package mutating func appendInterpolation(_ value: String) {
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
