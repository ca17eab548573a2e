// SPDX-License-Identifier: BSD-3-Clause

/// A row of the table `packs`: cached nodes of a run, with the nodes that computed their results.
/// Runs whose cached nodes are the same share the row; see ``Pack``.
struct PackRow: TableRow {
    static let table = "packs"

    enum Column: String, TableColumn {
        case digest, size, nodes
    }

    var digest: [UInt8]
    /// The uncompressed size of `nodes` in bytes.
    var size: Int
    var nodes: [UInt8]

    static let insertion = insertStatement("INSERT OR IGNORE")

    func value(of column: Column) -> Database.Value {
        switch column {
        case .digest: .bytes(digest)
        case .size: .integer(size)
        case .nodes: .bytes(nodes)
        }
    }
}

/// A row of the table `cached`: a part of a run's cached nodes, with their times.
struct CachedRow: TableRow {
    static let table = "cached"

    enum Column: String, TableColumn {
        case run, part, pack, size, times
    }

    var run: String
    /// The number of the part, from 1.
    var part: Int
    /// The digest of the row of `packs`.
    var pack: [UInt8]
    /// The uncompressed size of `times` in bytes.
    var size: Int
    var times: [UInt8]

    static let insertion = insertStatement("INSERT OR REPLACE")

    /// The packs of a run.
    static let selection = Selection<Joined>(
        Joined.allCases,
        """
        FROM cached JOIN packs ON packs.digest = cached.pack WHERE run = ? ORDER BY part
        """)

    /// The columns of ``selection``.
    enum Joined: String, TableColumn {
        case size = "packs.size"
        case nodes = "packs.nodes"
        case timesSize = "cached.size"
        case times = "cached.times"
    }

    func value(of column: Column) -> Database.Value {
        switch column {
        case .run: .text(run)
        case .part: .integer(part)
        case .pack: .bytes(pack)
        case .size: .integer(size)
        case .times: .bytes(times)
        }
    }
}
