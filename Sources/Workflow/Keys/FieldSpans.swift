// SPDX-License-Identifier: BSD-3-Clause

/// Where the fields of a table stand in a fingerprint, so that a person can be told which of them
/// has changed.
struct FieldSpans {
    struct Field {
        var name: String
        var bytes: Range<Int>
        var shown: String
    }

    /// A table of more fields is told of as a whole.
    static let most = 32

    /// Of the table's content; tables inside are deeper.
    let depth: Int
    var fields: [Field] = []
    /// Where the number of fields stands.
    var counts: Range<Int>?

    init(depth: Int) { self.depth = depth }

    /// What is left from `start` on without these: elements of a list, other keys, the metatable.
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
