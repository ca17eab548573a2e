// SPDX-License-Identifier: BSD-3-Clause

internal import VTWorkflow

/// A row of the table `results`.
struct ResultRow: TableRow {
    static let table = "results"

    enum Column: String, TableColumn {
        case key, observed, run, outputs, blob, size, digest, digests, printed, annotations,
            products
        case place, notices, named, seconds, made, used
        case arrays
        case arrayBytes = "array_bytes"
    }

    /// The columns of ``entries``.
    enum EntryColumn: String, TableColumn {
        case key = "CAST(results.key || results.observed AS BLOB)"
        case run = "results.run"
        /// The node that computed the result, if its run is on record.
        case node = "min(nodes.node)"
        case size = "size + array_bytes"
        case seconds = "results.seconds"
        case made, used
    }

    var key: [UInt8]
    /// The name of a row of `observations`; empty for none.
    var observed: [UInt8]
    /// The run that computed the result.
    var run: String
    /// The outputs as CBOR; nil where they are in a file.
    var outputs: [UInt8]?
    /// The name of the file that has the outputs.
    var blob: String?
    /// The size of the outputs in bytes, and their digest.
    var size: Int
    var digest: [UInt8]
    var result: StoredResult
    /// The times when the result was made and last used, in seconds since 1970.
    var made: Double
    var used: Double

    static let insertion = insertStatement("INSERT OR REPLACE")

    /// The results of a key, the last used first.
    static let selection = Selection<Column>(
        [
            .run, .observed, .outputs, .digest, .digests, .printed, .annotations, .products,
            .place, .notices, .named, .seconds, .used, .arrays,
        ],
        "FROM results WHERE key = ? ORDER BY used DESC, made DESC")

    /// The file that has the outputs of a result.
    static let file = Selection<Column>(
        [.blob, .size, .digest], "FROM results WHERE key = ? AND observed = ?")

    /// The run that computed the result of a key.
    static let origin = Selection<Column>([.run], "FROM results WHERE key = ? AND observed = ?")

    static let names = Selection<Column>([.key, .observed], "FROM results")

    /// The products of results among which `/files/` occurs in a path.
    static let madeFiles = Selection<Column>(
        [.products], "FROM results WHERE instr(products, CAST('/files/' AS BLOB))")

    static let blobs = Selection<Column>(
        [.blob, .arrays], "FROM results WHERE blob IS NOT NULL OR arrays <> x''")

    /// All results, each with the node that computed it.
    static let entries = Selection<EntryColumn>(
        EntryColumn.allCases,
        """
        FROM results LEFT JOIN nodes ON nodes.run = results.run AND nodes.key = CAST(results.key || results.observed AS BLOB)
        GROUP BY results.key, results.observed ORDER BY made
        """)

    func value(of column: Column) -> Database.Value {
        switch column {
        case .key: .bytes(key)
        case .observed: .bytes(observed)
        case .run: .text(run)
        case .outputs: .optional(bytes: outputs)
        case .blob: .optional(blob)
        case .size: .integer(size)
        case .digest: .bytes(digest)
        case .digests: .bytes(result.digests)
        case .printed: .text(result.printed)
        case .annotations: .bytes(result.annotations)
        case .products: .bytes(result.products)
        case .place: .bytes(result.place)
        case .notices: .text(result.notices)
        case .named: .integer(result.hasNames ? 1 : 0)
        case .seconds: .number(result.seconds)
        case .made: .number(made)
        case .used: .number(used)
        case .arrays: .bytes(ArrayRows.bytes(of: result.arrays))
        case .arrayBytes: .integer(result.arrays.reduce(0) { $0 + $1.size })
        }
    }
}

extension StoredResult {
    /// The result in a row of ``ResultRow/selection``; without outputs where they are in a file.
    init(_ row: SelectedRow<ResultRow.Column>, key: Digest) {
        self.init(
            name: Digest(bytes: key.bytes + row.bytes(.observed)),
            outputs: row.optionalBytes(.outputs),
            arrays: ArrayRows.arrays(in: row.bytes(.arrays)), digests: row.bytes(.digests),
            printed: row.text(.printed), annotations: row.bytes(.annotations),
            products: row.bytes(.products), place: row.bytes(.place), notices: row.text(.notices),
            hasNames: row.integer(.named) != 0, seconds: row.seconds(.seconds))
    }
}

extension StoredEntry {
    init(_ row: SelectedRow<ResultRow.EntryColumn>) {
        self.init(
            key: Digest(bytes: row.bytes(.key)).hexadecimal, run: row.text(.run),
            node: row.optionalText(.node), size: row.count(.size), seconds: row.seconds(.seconds),
            made: row.seconds(.made), used: row.seconds(.used))
    }
}
