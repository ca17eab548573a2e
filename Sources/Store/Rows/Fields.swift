// SPDX-License-Identifier: BSD-3-Clause

/// A list of rows of texts, in one text: the ASCII characters RS and US separate rows and fields.
struct Fields {
    private(set) var text: [UInt8] = []
    private static let row: UInt8 = 0x1e
    private static let field: UInt8 = 0x1f

    init() {}

    /// A list with rows of a name and a value each.
    init(_ pairs: [(name: String, value: String)]) {
        for (name, value) in pairs { add(name, value) }
    }

    /// The first `end` bytes of another list, which must end with a row.
    init(_ text: [UInt8], upTo end: Int) { self.text = Array(text[..<end]) }

    /// Adds a row.
    mutating func add(_ fields: String...) {
        if !text.isEmpty { text.append(Self.row) }
        for (index, field) in fields.enumerated() {
            if index > 0 { text.append(Self.field) }
            append(field)
        }
    }

    mutating func add(_ first: String, _ second: String) {
        if !text.isEmpty { text.append(Self.row) }
        append(first)
        text.append(Self.field)
        append(second)
    }

    private mutating func append(_ field: String) {
        var field = field
        field.withUTF8 { bytes in
            if bytes.contains(where: { $0 == Self.row || $0 == Self.field }) {
                text += bytes.lazy.filter { $0 != Self.row && $0 != Self.field }
            } else {
                text += bytes
            }
        }
    }

    /// Splits a text into rows of fields.
    static func rows(_ text: String) -> [[String]] {
        text.isEmpty
            ? []
            : text.split(separator: "\u{1e}", omittingEmptySubsequences: false).map {
                $0.split(separator: "\u{1f}", omittingEmptySubsequences: false).map(String.init)
            }
    }

    /// Splits a text into pairs. Rows that have not two fields are left out.
    static func pairs(_ text: String) -> [(name: String, value: String)] {
        rows(text).compactMap { $0.count == 2 ? ($0[0], $0[1]) : nil }
    }
}
