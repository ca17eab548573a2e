// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
public import VTParallel
public import VTWorkflow

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
    /// Processors, memory, versions of libraries.
    public var machine: [(name: String, value: String)]
    public var connections: [RunDescription.Connection]
    /// The one that it was started in: its files' paths are relative to it.
    public var directory: String
}

/// A module's turn in a run on record.
public struct StoredNode: Sendable {
    public var position: Int
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
    public var inputs: [(name: String, value: String)]
    public var outputs: [(name: String, value: String)]
    public var error: String?
    public var because: String?
    public var files: [FileRecord]
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
                seconds, status, host, pid, system, version, machine, parts.parts, directory
            FROM runs LEFT JOIN parts ON parts.digest = runs.connections \(condition)
            """
        func take(_ row: Database.Row) {
            found.append(
                StoredRun(
                    run: row.text(0), workflow: row.text(1), flow: row.text(2), source: row.text(3),
                    digest: row.text(4), parameters: Fields.pairs(row.text(5)),
                    modules: row.count(6), started: row.seconds(7),
                    seconds: row.isNull(8) ? nil : row.seconds(8), status: row.text(9),
                    host: row.text(10), pid: row.integer(11), system: row.text(12),
                    version: row.text(13), machine: Fields.pairs(row.text(14)),
                    connections: Fields.rows(row.text(15)).compactMap { fields in
                        guard fields.count == 4 else { return nil }
                        return RunDescription.Connection(
                            source: fields[0], output: fields[1], node: fields[2],
                            input: fields[3])
                    }, directory: row.text(16)))
        }
        try database.run(sql, values, each: take)
        for index in found.indices where found[index].status == "running" {
            if isGone(found[index]) { found[index].status = "killed" }
        }
        return found
    }

    private func isGone(_ run: StoredRun) -> Bool {
        guard run.host == Self.host, let pid = pid_t(exactly: run.pid) else { return false }
        return kill(pid, 0) != 0 && errno == ESRCH
    }

    public func nodes(of run: String) throws -> [StoredNode] {
        var found: [StoredNode] = []
        try database.run(
            """
            SELECT node, module, version, status, key, obstacle, parts.parts, started, seconds,
                processor, peak, attempts, printed, annotations, outputs, error, because,
                inputs, position, files
            FROM nodes LEFT JOIN parts ON parts.digest = nodes.parts WHERE run = ? ORDER BY position
            """, .text(run)
        ) { row in
            let key = Self.key(row, 4)
            found.append(
                StoredNode(
                    position: row.integer(18), node: row.text(0), module: row.text(1),
                    version: row.text(2),
                    status: row.text(3), key: key, started: row.seconds(7),
                    seconds: row.seconds(8), processor: row.seconds(9), peak: row.count(10),
                    attempts: row.count(11), printed: row.text(12),
                    annotations: Fields.pairs(row.text(13)),
                    inputs: key.parts.filter { $0.kind == .input }.map { ($0.name, $0.shown) }
                        + Fields.pairs(row.text(17)), outputs: Fields.pairs(row.text(14)),
                    error: row.isNull(15) ? nil : row.text(15),
                    because: row.isNull(16) ? nil : row.text(16),
                    files: Fields.rows(row.text(19)).compactMap { fields in
                        guard fields.count == 5, let size = Int(fields[3]) else { return nil }
                        return FileRecord(
                            port: fields[0], isOutput: fields[1] == "output", path: fields[2],
                            size: size, digest: fields[4].isEmpty ? nil : fields[4])
                    }))
        }
        return found
    }

    /// The parallel calls of a run's nodes, by the node's position.
    public func calls(of run: String) throws -> [Int: [CallRecord]] {
        var found: [Int: [CallRecord]] = [:]
        try database.run(
            """
            SELECT position, backend, label, place, began, workers, done, failed, cancelled,
                unfinished, size, tasks
            FROM calls WHERE run = ? ORDER BY position, call
            """, .text(run)
        ) { row in
            var call = CallRecord(
                backend: row.text(1), label: row.isNull(2) ? nil : row.text(2),
                place: row.isNull(3) ? nil : row.text(3), began: row.seconds(4))
            call.workers = Fields.rows(row.text(5)).compactMap { fields in
                guard fields.count == 5, let number = Int(fields[0]), let pid = Int(fields[1]),
                    let since = Double(fields[4])
                else { return nil }
                return CallRecord.Worker(
                    number: number, pid: pid, host: fields[2], engine: Int(fields[3]),
                    since: since)
            }
            (call.done, call.failed) = (row.count(6), row.count(7))
            (call.cancelled, call.unfinished) = (row.count(8), row.count(9))
            let (size, bytes) = (row.integer(10), row.bytes(11))
            call.packed = bytes.count == size ? bytes : decompress(bytes, size: size) ?? []
            found[row.integer(0), default: []].append(call)
        }
        return found
    }

    /// The run that computed a result, where it is still kept.
    public func origin(of key: Digest) throws -> String? {
        var found: String?
        try database.run("SELECT run FROM results WHERE key = ?", .bytes(key.bytes)) {
            found = $0.text(0)
        }
        return found
    }

    public func durations(ofNodesIn workflow: String) throws -> [String: Double] {
        var runs: [String] = []
        try database.run(
            "SELECT run FROM runs WHERE workflow = ? ORDER BY started DESC LIMIT 20",
            .text(workflow)
        ) { runs.append($0.text(0)) }
        var found: [String: Double] = [:]
        for run in runs {
            try database.run(
                """
                SELECT node, seconds FROM nodes INDEXED BY nodes_computed
                WHERE run = ? AND status = 'computed'
                """, .text(run)
            ) { row in
                let node = row.text(0)
                // Of the last run in which it was computed.
                if found[node] == nil { found[node] = row.seconds(1) }
            }
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
        var runs: [String] = []
        try database.run(
            """
            SELECT run FROM runs WHERE workflow = ?
                AND started < coalesce((SELECT started FROM runs WHERE run = ?), 1e18)
            ORDER BY started DESC
            """, .text(workflow), .text(run ?? "")
        ) { runs.append($0.text(0)) }
        for run in runs {
            guard let position = try positions(in: run)[node] else { continue }
            var found: KeyRecord?
            try database.run(
                """
                SELECT key, obstacle, parts.parts FROM nodes
                JOIN parts ON parts.digest = nodes.parts WHERE run = ? AND position = ?
                """, .text(run), .integer(position)
            ) { found = Self.key($0, 0) }
            if let found { return found }
        }
        return nil
    }

    /// Nodes of a run that had a result. An index of the table would make every run write to all
    /// of its pages, and this is asked for seldom.
    private func positions(in run: String) throws -> [String: Int] {
        if let known = knownNodes[run] { return known }
        var found: [String: Int] = [:]
        try database.run(
            """
            SELECT node, position FROM nodes WHERE run = ? AND status IN ('computed', 'cached')
            """, .text(run)
        ) { found[$0.text(0)] = $0.integer(1) }
        knownNodes[run] = found
        return found
    }
}
