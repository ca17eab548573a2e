// SPDX-License-Identifier: BSD-3-Clause

/// The byte ranges of a table's fields in a fingerprint: they make each field a part of a key, so
/// that `vtlua why` can name the field that has changed.
struct FieldSpans {
    struct Field {
        var name: String
        /// The range of the key and the value in the fingerprint.
        var bytes: Range<Int>
        /// A short text for the value.
        var shown: String
    }

    /// The largest number of fields. A table with more fields is one part.
    static let limit = 32

    /// The depth of the table's content in the walk; tables inside are deeper.
    let depth: Int
    var fields: [Field] = []
    /// The range of the number of fields.
    var counts: Range<Int>?

    init(depth: Int) { self.depth = depth }

    /// Returns the bytes from `start` on without those of the fields: the elements of a list, other
    /// keys and the metatable.
    func rest(of bytes: [UInt8], from start: Int) -> [UInt8] {
        var rest: [UInt8] = []
        var position = start
        for taken in ([counts].compactMap(\.self) + fields.map(\.bytes)) {
            rest += bytes[position..<taken.lowerBound]
            position = taken.upperBound
        }
        return rest + bytes[position...]
    }
}
