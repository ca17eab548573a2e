// SPDX-License-Identifier: BSD-3-Clause

internal import VTWorkflow

/// A row of the table `runs`.
struct RunRow: TableRow {
    static let table = "runs"

    enum Column: String, TableColumn {
        case run, workflow, flow
        case flowDigest = "flow_digest"
        case flowSource = "flow_source"
        case parameters, modules, started, seconds, status, host, pid, system, version, machine
        case connections, directory, outputs, source, began, boot, space, durations, sweep
    }

    var run: String
    var workflow: String
    /// The path of the script.
    var flow: String
    /// The digest of the script's text, in hexadecimal digits.
    var flowDigest: String
    /// ``CBORWriter/values(_:)``.
    var parameters: [UInt8]
    var modules: Int
    var started: Double
    var seconds: Double?
    var status: StoredRun.Status
    var host: String
    var pid: Int
    var system: String
    var version: String
    /// ``Fields`` of a name and a value each.
    var machine: [UInt8]
    /// The name of a row of `parts`.
    var connections: String
    var directory: String
    /// ``CBORWriter/outputs(_:)``.
    var outputs: [UInt8]
    /// The name of a row of `parts` that has the text of the script. The column `flow_source` has
    /// the text in rows of earlier versions.
    var source: String
    var process: ProcessIdentity
    /// ``CBORWriter/durations(_:)``; nil before the end of the run, and where nothing was computed.
    var durations: [UInt8]?
    /// The identifier of the sweep that the run is part of; empty for other runs.
    var sweep = ""

    static let insertion = insertStatement("INSERT")

    /// The rows with the texts of their connections and their script in place of their names.
    static let selection = Selection<Column>(
        Column.allCases.filter { $0 != .durations },
        as: [
            .connections: "parts.parts",
            .flowSource: "coalesce(sources.parts, runs.flow_source)",
        ],
        """
        FROM runs LEFT JOIN parts ON parts.digest = runs.connections
            LEFT JOIN parts AS sources ON sources.digest = runs.source
        """)

    /// The time when a run started.
    static let start = Selection<Column>([.started], "FROM runs WHERE run = ?")

    /// The columns that show whether a run is still going on.
    static let state = Selection<Column>(
        [.status, .host, .pid, .began, .boot, .space], "FROM runs WHERE run = ?")

    func value(of column: Column) -> Database.Value {
        switch column {
        case .run: .text(run)
        case .workflow: .text(workflow)
        case .flow: .text(flow)
        case .flowDigest: .text(flowDigest)
        case .flowSource: .text("")
        case .parameters: .bytes(parameters)
        case .modules: .integer(modules)
        case .started: .number(started)
        case .seconds: .optional(seconds)
        case .status: .text(status.rawValue)
        case .host: .text(host)
        case .pid: .integer(pid)
        case .system: .text(system)
        case .version: .text(version)
        case .machine: .utf8(machine)
        case .connections: .text(connections)
        case .directory: .text(directory)
        case .outputs: .bytes(outputs)
        case .source: .text(source)
        case .began: .integer(process.began)
        case .boot: .text(process.boot)
        case .space: .text(process.space)
        case .durations: .optional(bytes: durations)
        case .sweep: .text(sweep)
        }
    }
}

extension RunRow {
    /// The text of connections, for a row of `parts`.
    static func text(of connections: [RunDescription.Connection]) -> [UInt8] {
        var fields = Fields()
        for connection in connections {
            fields.add(connection.source, connection.output, connection.node, connection.input)
        }
        return fields.text
    }
}

extension ProcessIdentity {
    /// The process in a row of ``RunRow/state``.
    init(_ row: SelectedRow<RunRow.Column>) {
        self.init(
            began: row.integer(.began), boot: row.text(.boot), space: row.text(.space))
    }
}

extension StoredRun {
    /// The run in a row of ``RunRow/selection``.
    init(_ row: SelectedRow<RunRow.Column>) {
        self.init(
            run: row.text(.run), workflow: row.text(.workflow), flow: row.text(.flow),
            source: row.text(.flowSource), digest: row.text(.flowDigest),
            parameters: row.values(.parameters), modules: row.count(.modules),
            started: row.seconds(.started),
            seconds: row.isNull(.seconds) ? nil : row.seconds(.seconds),
            status: Status(rawValue: row.text(.status)), host: row.text(.host),
            pid: row.integer(.pid), system: row.text(.system), version: row.text(.version),
            machine: Fields.pairs(row.text(.machine)),
            connections: Fields.rows(row.text(.connections)).compactMap { fields in
                guard fields.count == 4 else { return nil }
                return RunDescription.Connection(
                    source: fields[0], output: fields[1], node: fields[2], input: fields[3])
            }, outputs: CBORReader.outputs(row.bytes(.outputs)), directory: row.text(.directory),
            sweep: row.text(.sweep))
    }
}
