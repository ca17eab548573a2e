// SPDX-License-Identifier: BSD-3-Clause

internal import VTWorkflow

/// A row of the table `results`.
struct ResultRow: TableRow {
    static let table = "results"

    enum Column: String, TableColumn {
        case key, run, outputs, blob, size, digest, printed, annotations, files, seconds, made
        case used
    }

    /// The columns of ``entries``.
    enum EntryColumn: String, TableColumn {
        case key = "results.key"
        case run = "results.run"
        /// The node that computed the result, if its run is on record.
        case node = "min(nodes.node)"
        case size
        case seconds = "results.seconds"
        case made, used
    }

    var key: [UInt8]
    /// The run that computed the result.
    var run: String
    /// The outputs as CBOR; nil where they are in a file.
    var outputs: [UInt8]?
    /// The name of the file that has the outputs.
    var blob: String?
    /// The size of the outputs in bytes, and their digest.
    var size: Int
    var digest: [UInt8]
    var printed: String
    var annotations: [UInt8]
    /// The digest of the files among the outputs.
    var files: [UInt8]?
    var seconds: Double
    /// The times when the result was made and last used, in seconds since 1970.
    var made: Double
    var used: Double

    static let insertion = insertStatement("INSERT OR REPLACE")

    /// The result of a key.
    static let selection = Selection<Column>(
        [
            .run, .outputs, .blob, .size, .digest, .printed, .annotations, .files, .seconds, .used,
        ],
        "FROM results WHERE key = ?")

    /// The run that computed the result of a key.
    static let origin = Selection<Column>([.run], "FROM results WHERE key = ?")

    static let keys = Selection<Column>([.key], "FROM results")

    static let blobs = Selection<Column>([.blob], "FROM results WHERE blob IS NOT NULL")

    /// All results, each with the node that computed it.
    static let entries = Selection<EntryColumn>(
        EntryColumn.allCases,
        """
        FROM results LEFT JOIN nodes ON nodes.run = results.run AND nodes.key = results.key
        GROUP BY results.key ORDER BY made
        """)

    func value(of column: Column) -> Database.Value {
        switch column {
        case .key: .bytes(key)
        case .run: .text(run)
        case .outputs: .optional(bytes: outputs)
        case .blob: .optional(blob)
        case .size: .integer(size)
        case .digest: .bytes(digest)
        case .printed: .text(printed)
        case .annotations: .bytes(annotations)
        case .files: .optional(bytes: files)
        case .seconds: .number(seconds)
        case .made: .number(made)
        case .used: .number(used)
        }
    }
}

extension StoredResult {
    /// The result in a row of ``ResultRow/selection``; without outputs where they are in a file.
    init(_ row: SelectedRow<ResultRow.Column>) {
        self.init(
            outputs: row.bytes(.outputs), printed: row.text(.printed),
            annotations: row.bytes(.annotations),
            files: row.optionalBytes(.files).map { Digest(bytes: $0) },
            seconds: row.seconds(.seconds))
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
