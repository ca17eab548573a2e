// SPDX-License-Identifier: BSD-3-Clause

internal import VTWorkflow

/// A row of the table `nodes`.
struct NodeRow: TableRow {
    static let table = "nodes"

    enum Column: String, TableColumn {
        case run, position, node, module, version, status, key, obstacle, parts, started, seconds
        case processor, peak, attempts, printed, annotations, outputs, error, because, inputs
        case files, libraries
    }

    var run: String
    var position: Int
    var node: String
    var module: String
    var version: String
    var status: StoredNode.Status
    var key: [UInt8]?
    /// The reason why the result is not kept.
    var obstacle: String?
    /// The parts of the key, as ``Fields``. Rows of earlier versions have the name of a row of
    /// `parts`.
    var parts: [UInt8]?
    var started: Double
    var seconds: Double
    var processor: Double
    var peak: Int
    var attempts: Int
    var printed: String
    /// ``CBORWriter/values(_:)``, as are `outputs` and `inputs`.
    var annotations: [UInt8]
    var outputs: [UInt8]
    var error: String?
    var because: String?
    var inputs: [UInt8]
    /// ``CBORWriter/files(_:)``.
    var files: [UInt8]
    /// The digest of a row of `libraries`.
    var libraries: [UInt8]?

    static let insertion = insertStatement("INSERT OR REPLACE")

    /// The text of a row's parts. Only a name, which is TEXT, is equal to that of a row of `parts`.
    private static let parts = "coalesce(parts.parts, CAST(nodes.parts AS TEXT))"

    /// The rows with the text of their parts, and with the list of their libraries in place of its
    /// name.
    static let selection = Selection<Column>(
        Column.allCases.filter { $0 != .run },
        as: [.parts: parts, .libraries: "libraries.libraries"],
        """
        FROM nodes LEFT JOIN parts ON parts.digest = nodes.parts
            LEFT JOIN libraries ON libraries.digest = nodes.libraries
        """)

    /// The keys of a run's nodes.
    static let keysOfRun = Selection<Column>(
        [.position, .key], "FROM nodes WHERE run = ? AND key IS NOT NULL")

    /// The key of one node.
    static let keyAtPosition = Selection<Column>(
        [.key], "FROM nodes WHERE run = ? AND position = ?")

    /// Keys and what they were made of.
    static let keys = Selection<Column>(
        [.key, .obstacle, .parts], as: [.parts: parts],
        "FROM nodes LEFT JOIN parts ON parts.digest = nodes.parts")

    /// Durations of the nodes of a run that were computed.
    static let durations = Selection<Column>(
        [.node, .seconds], "FROM nodes WHERE run = ? AND status = 'computed'")

    /// Positions of the nodes of a run that had a result.
    static let positions = Selection<Column>(
        [.node, .position], "FROM nodes WHERE run = ? AND status IN ('computed', 'cached')")

    /// The position of a node with a row of its own.
    static let positionOfNode = Selection<Column>(
        [.position], "FROM nodes WHERE run = ? AND node = ?")

    func value(of column: Column) -> Database.Value {
        switch column {
        case .run: .text(run)
        case .position: .integer(position)
        case .node: .text(node)
        case .module: .text(module)
        case .version: .text(version)
        case .status: .text(status.rawValue)
        case .key: .optional(bytes: key)
        case .obstacle: .optional(obstacle)
        case .parts: .optional(bytes: parts)
        case .started: .number(started)
        case .seconds: .number(seconds)
        case .processor: .number(processor)
        case .peak: .integer(peak)
        case .attempts: .integer(attempts)
        case .printed: .text(printed)
        case .annotations: .bytes(annotations)
        case .outputs: .bytes(outputs)
        case .error: .optional(error)
        case .because: .optional(because)
        case .inputs: .bytes(inputs)
        case .files: .bytes(files)
        case .libraries: .optional(bytes: libraries)
        }
    }
}
