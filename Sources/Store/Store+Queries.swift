// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
public import Workflow

/// A run on record.
public struct StoredRun: Sendable {
    public var run: String
    public var workflow: String
    /// The script's path and text.
    public var flow: String
    public var source: String
    public var digest: String
    public var parameters: [(name: String, value: String)]
    public var modules: Int
    /// Seconds since 1970.
    public var started: Double
    public var seconds: Double?
    /// `done`, `failed`, `cancelled`, `running`; `killed` where the process is gone.
    public var status: String
    public var host: String
    public var pid: Int
    public var system: String
    public var version: String
}

/// A module's turn in a run on record.
public struct StoredNode: Sendable {
    public var node: String
    public var module: String
    public var version: String
    public var status: String
    public var key: KeyRecord
    public var started: Double
    public var seconds: Double
    public var processor: Double
    public var peak: Int
    public var attempts: Int
    public var printed: String
    public var annotations: [(name: String, value: String)]
    public var outputs: [(name: String, value: String)]
    public var error: String?
    public var because: String?
}

extension Store {
    /// The newest first.
    public func runs(most: Int = .max) throws -> [StoredRun] {
        try runs("ORDER BY started DESC LIMIT ?", .integer(most))
    }

    /// A run by its name, or by the beginning of it.
    public func runs(named name: String) throws -> [StoredRun] {
        let name = name.uppercased()
        let exact = try runs("WHERE run = ?", .text(name))
        return exact.isEmpty
            ? try runs("WHERE substr(run, 1, length(?)) = ?", .text(name), .text(name)) : exact
    }

    private func runs(_ condition: String, _ values: Database.Value...) throws -> [StoredRun] {
        var found: [StoredRun] = []
        let sql = """
            SELECT run, workflow, flow, flow_source, flow_digest, parameters, modules, started,
                seconds, status, host, pid, system, version FROM runs \(condition)
            """
        func take(_ row: Database.Row) {
            found.append(
                StoredRun(
                    run: row.text(0), workflow: row.text(1), flow: row.text(2), source: row.text(3),
                    digest: row.text(4), parameters: Fields.pairs(row.text(5)),
                    modules: row.integer(6), started: row.number(7),
                    seconds: row.isNull(8) ? nil : row.number(8), status: row.text(9),
                    host: row.text(10), pid: row.integer(11), system: row.text(12),
                    version: row.text(13)))
        }
        try database.run(sql, values, each: take)
        for index in found.indices where found[index].status == "running" {
            if isGone(found[index]) { found[index].status = "killed" }
        }
        return found
    }

    private func isGone(_ run: StoredRun) -> Bool {
        run.host == Self.host && kill(pid_t(run.pid), 0) != 0 && errno == ESRCH
    }

    public func nodes(of run: String) throws -> [StoredNode] {
        var found: [StoredNode] = []
        try database.run(
            """
            SELECT node, module, version, status, key, obstacle, parts.parts, started, seconds,
                processor, peak, attempts, printed, annotations, outputs, error, because
            FROM nodes LEFT JOIN parts ON parts.digest = nodes.parts WHERE run = ? ORDER BY position
            """, .text(run)
        ) { row in
            found.append(
                StoredNode(
                    node: row.text(0), module: row.text(1), version: row.text(2),
                    status: row.text(3), key: Self.key(row, 4), started: row.number(7),
                    seconds: row.number(8), processor: row.number(9), peak: row.integer(10),
                    attempts: row.integer(11), printed: row.text(12),
                    annotations: Fields.pairs(row.text(13)), outputs: Fields.pairs(row.text(14)),
                    error: row.isNull(15) ? nil : row.text(15),
                    because: row.isNull(16) ? nil : row.text(16)))
        }
        return found
    }

    /// Key, obstacle and parts, from a column on.
    private static func key(_ row: Database.Row, _ column: Int32) -> KeyRecord {
        KeyRecord(
            key: row.isNull(column) ? nil : Digest(bytes: row.bytes(column)),
            parts: Fields.rows(row.text(column + 2)).compactMap { fields in
                guard fields.count == 4, let kind = KeyRecord.Part.Kind(rawValue: fields[0]) else {
                    return nil
                }
                return KeyRecord.Part(
                    kind: kind, name: fields[1], digest: fields[2], shown: fields[3])
            },
            obstacle: row.isNull(column + 1) ? nil : row.text(column + 1))
    }

    public func lastKey(
        of node: String, workflow: String, before run: String?
    ) throws -> KeyRecord? {
        var found: KeyRecord?
        try database.run(
            """
            SELECT key, obstacle, parts.parts FROM nodes JOIN runs USING (run)
            JOIN parts ON parts.digest = nodes.parts
            WHERE node = ? AND workflow = ? AND nodes.status IN ('computed', 'cached')
                AND runs.started < coalesce((SELECT started FROM runs WHERE run = ?), 1e18)
            ORDER BY runs.started DESC LIMIT 1
            """, .text(node), .text(workflow), .text(run ?? "")
        ) { found = Self.key($0, 0) }
        return found
    }
}
