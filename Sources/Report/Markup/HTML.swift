// SPDX-License-Identifier: BSD-3-Clause

/// A piece of HTML. A literal is markup; interpolated strings are text and are escaped.
///
/// ```swift
/// let item: HTML = "<li title=\"\(title)\">\(name)</li>"
/// ```
package struct HTML: ExpressibleByStringInterpolation {
    package private(set) var text: String

    package init(stringLiteral markup: String) { text = markup }

    package init(stringInterpolation parts: StringInterpolation) { text = parts.text }

    /// Creates a piece from markup of this program. Text of the user must be interpolated.
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

        /// Appends another piece without escaping.
        package mutating func appendInterpolation(_ piece: HTML) { text += piece.text }

        package mutating func appendInterpolation(_ number: Int) { text += String(number) }

        /// Appends a coordinate, rounded to a tenth.
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
                // Control characters that HTML does not allow.
                case "\u{0}"..."\u{8}", "\u{b}", "\u{e}"..."\u{1f}", "\u{7f}":
                    text += "\u{fffd}"
                default: text.unicodeScalars.append(scalar)
                }
            }
        }
    }
}
