// SPDX-License-Identifier: BSD-3-Clause

/// The name of an element of a node, such as `blur[17]`, or `blur[2][5]` for two levels.
package struct ElementName {
    /// The name of the node.
    package var node: String
    /// The position on each level, from 1.
    package var place: [Int]

    /// Returns nil for a name without a place.
    package init?(_ text: String) {
        var rest = text[...]
        var place: [Int] = []
        while rest.hasSuffix("]"), let start = rest.lastIndex(of: "["),
            let position = Int(rest[rest.index(after: start)...].dropLast()), position > 0
        {
            place.insert(position, at: 0)
            rest = rest[..<start]
        }
        if place.isEmpty || rest.isEmpty { return nil }
        node = String(rest)
        self.place = place
    }
}
