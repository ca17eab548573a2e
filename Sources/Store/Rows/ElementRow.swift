// SPDX-License-Identifier: BSD-3-Clause

/// A row of the table `elements`: a group of elements of a node, with their times.
struct ElementRow: TableRow {
    static let table = "elements"

    enum Column: String, TableColumn {
        case run, position, number, pack, times
    }

    var run: String
    /// The node's position.
    var position: Int
    /// The number of the group among those of the node, from 0.
    var number: Int
    /// The digest of the row of `element_packs`.
    var pack: [UInt8]
    /// ``ElementPack/times(since:)``.
    var times: [UInt8]

    static let insertion = insertStatement("INSERT OR REPLACE")

    /// The groups of a node of a run.
    static let selection = Selection<Joined>(
        Joined.allCases,
        """
        FROM elements JOIN element_packs ON element_packs.digest = elements.pack
        WHERE run = ? AND position = ? ORDER BY number
        """)

    /// The columns of ``selection``.
    enum Joined: String, TableColumn {
        case size = "element_packs.size"
        case content = "element_packs.content"
        case times = "elements.times"
    }

    func value(of column: Column) -> Database.Value {
        switch column {
        case .run: .text(run)
        case .position: .integer(position)
        case .number: .integer(number)
        case .pack: .bytes(pack)
        case .times: .bytes(times)
        }
    }
}

/// A row of the table `element_packs`: a group of elements without their times. Runs whose elements are
/// the same share the row.
struct ElementPackRow: TableRow {
    static let table = "element_packs"

    enum Column: String, TableColumn {
        case digest, size, content
    }

    var digest: [UInt8]
    /// The uncompressed size of `content` in bytes.
    var size: Int
    /// ``ElementPack/content``, compressed where that saves space.
    var content: [UInt8]

    static let insertion = insertStatement("INSERT OR IGNORE")

    func value(of column: Column) -> Database.Value {
        switch column {
        case .digest: .bytes(digest)
        case .size: .integer(size)
        case .content: .bytes(content)
        }
    }
}
