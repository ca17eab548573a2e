// SPDX-License-Identifier: BSD-3-Clause

public import VTParallel
internal import VTSystem
public import VTWorkflow

extension Store {
    /// Returns the last runs, at most `most`, the newest first.
    public func runs(most: Int = .max) throws -> [StoredRun] {
        try runs("ORDER BY started DESC LIMIT ?", .integer(most))
    }

    /// Returns the last runs and sweeps, at most `most`, the newest first: a run, or the first run of a
    /// sweep with the numbers of the sweep's runs by their states.
    public func groups(
        most: Int
    ) throws -> [(run: StoredRun, counts: [(status: StoredRun.Status, count: Int)])] {
        let first = try runs(
            """
            WHERE sweep = '' OR runs.rowid = (SELECT min(other.rowid) FROM runs AS other
                WHERE other.sweep = runs.sweep AND other.sweep != '') ORDER BY started DESC LIMIT ?
            """, .integer(most))
        return try first.map { run in
            if run.sweep.isEmpty { return (run, []) }
            var counts: [StoredRun.Status: Int] = [:]
            for status in try statuses(ofSweep: run.sweep) { counts[status, default: 0] += 1 }
            return (run, counts.map { ($0.key, $0.value) }.sorted { $0.1 > $1.1 })
        }
    }

    /// Returns the states of the runs of a sweep.
    private func statuses(ofSweep sweep: String) throws -> [StoredRun.Status] {
        var found: [(run: String, status: StoredRun.Status)] = []
        try database.run(
            "SELECT run, status FROM runs WHERE sweep = ? AND sweep != ''", .text(sweep)
        ) { found.append(($0.text(0), StoredRun.Status(rawValue: $0.text(1)))) }
        return try found.map { run, status in
            status == .running ? try presentStatus(of: run) : status
        }
    }

    /// Returns the run with an identifier, or the runs whose identifiers start with `name`.
    public func runs(named name: String) throws -> [StoredRun] {
        let name = name.uppercased()
        let exact = try runs("WHERE run = ?", .text(name))
        return exact.isEmpty
            ? try runs("WHERE substr(run, 1, length(?)) = ?", .text(name), .text(name)) : exact
    }

    /// Returns the runs of the sweep with an identifier, or of sweeps whose identifiers start with
    /// `name`, in the order in which they started.
    public func runs(ofSweep name: String) throws -> [StoredRun] {
        let name = name.uppercased()
        if name.isEmpty { return [] }
        return try runs(
            "WHERE sweep != '' AND substr(sweep, 1, length(?)) = ? ORDER BY started", .text(name),
            .text(name))
    }

    private func runs(_ condition: String, _ values: Database.Value...) throws -> [StoredRun] {
        var found: [StoredRun] = []
        try database.run(RunRow.selection.with(condition), values) { found.append(StoredRun($0)) }
        for index in found.indices where found[index].status == .running {
            found[index].status = try presentStatus(of: found[index].run)
        }
        return found
    }

    /// Returns the status of a run whose record says that it is running.
    private func presentStatus(of run: String) throws -> StoredRun.Status {
        let (status, hasEnded) = try recordedStatus(of: run)
        guard status == .running, hasEnded else { return status }
        // The process may have written the end of the record after the first look, and ended then.
        let last = try recordedStatus(of: run).status
        return last == .running ? .killed : last
    }

    private func recordedStatus(
        of run: String
    ) throws -> (status: StoredRun.Status, hasEnded: Bool) {
        var status = StoredRun.Status.running
        var hasEnded = false
        try database.run(RunRow.state, .text(run)) { row in
            status = StoredRun.Status(rawValue: row.text(.status))
            guard status == .running, let pid = pid_t(exactly: row.integer(.pid)) else { return }
            hasEnded =
                ProcessIdentity(row).hasEnded(
                    pid: pid, isSameHost: row.text(.host) == Self.host) ?? false
        }
        return (status, hasEnded)
    }

    /// Returns the nodes of a run, in the order of the plan.
    public func nodes(of run: String) throws -> [StoredNode] {
        var found = try cachedNodes(of: run)
        try database.run(Self.nodesOfRun, .text(run)) { found.append(StoredNode($0)) }
        return found.sorted { $0.position < $1.position }
    }

    private static let nodesOfRun = NodeRow.selection.with("WHERE run = ? ORDER BY position")

    /// Returns the parallel calls of a run's nodes, by the position of the node.
    public func calls(of run: String) throws -> [Int: [CallRecord]] {
        var found: [Int: [CallRecord]] = [:]
        try database.run(CallRow.selection, .text(run)) { row in
            found[row.integer(.position), default: []].append(
                CallRecord(row, decompress: decompress))
        }
        return found
    }

    /// Returns the run that computed a result; nil if the store no longer has the result.
    public func origin(of key: Digest) throws -> String? {
        var found: String?
        try database.run(ResultRow.origin, .bytes(key.key), .bytes(key.observed)) {
            found = $0.text(.run)
        }
        return found
    }

    /// Returns the durations of a workflow's nodes when they were last computed in one of the last 20
    /// runs, in seconds.
    public func durations(ofNodesIn workflow: String) throws -> [String: Double] {
        var found: [String: Double] = [:]
        var runs: [(run: String, durations: [UInt8]?)] = []
        try database.run(Self.lastRuns, .text(workflow)) {
            runs.append(($0.text(.run), $0.isNull(.durations) ? nil : $0.bytes(.durations)))
        }
        // The last run in which a node was computed counts.
        for run in runs {
            if let durations = run.durations {
                found.merge(CBORReader.durations(durations)) { last, _ in last }
            } else {
                // The run did not end, computed nothing, or is of an earlier version.
                try database.run(NodeRow.durations, .text(run.run)) { row in
                    let node = row.text(.node)
                    if found[node] == nil { found[node] = row.seconds(.seconds) }
                }
            }
        }
        return found
    }

    private static let lastRuns = Selection<RunRow.Column>(
        [.run, .durations], "FROM runs WHERE workflow = ? ORDER BY started DESC LIMIT 20")

    private static let runsBefore = Selection<RunRow.Column>(
        [.run],
        """
        FROM runs WHERE workflow = ?
            AND started < coalesce((SELECT started FROM runs WHERE run = ?), 1e18)
        ORDER BY started DESC
        """)

    /// Returns the identifiers of the runs that a query finds.
    private func names(
        _ selection: Selection<RunRow.Column>, _ values: Database.Value...
    ) throws -> [String] {
        var found: [String] = []
        try database.run(selection, values) { found.append($0.text(.run)) }
        return found
    }

    /// Returns the identifiers of the runs of a workflow that started before a run, the newest first.
    func runs(of workflow: String, before run: String) throws -> [String] {
        try names(Self.runsBefore, .text(workflow), .text(run))
    }

    /// Returns the key that a node had when it last had a result, in a run before `run`; in any run
    /// if that is nil.
    public func lastKey(
        of node: String, workflow: String, before run: String?
    ) throws -> KeyRecord? {
        for run in try names(Self.runsBefore, .text(workflow), .text(run ?? "")) {
            guard let place = try places(in: run)[node] else { continue }
            var found: KeyRecord?
            try database.run(Self.keyOfNode, .text(place.run), .integer(place.position)) {
                found = KeyRecord($0)
            }
            if let found { return found }
        }
        return nil
    }

    private static let keyOfNode = NodeRow.keys.with(
        "WHERE run = ? AND position = ? AND nodes.parts IS NOT NULL")

    /// Returns the places of the records of a run's nodes that had a result. An index of the table
    /// would make every run write to all of its pages, and this query is rare.
    private func places(in run: String) throws -> [String: (run: String, position: Int)] {
        if let known = knownNodes[run] { return known }
        var found: [String: (run: String, position: Int)] = [:]
        try database.run(NodeRow.positions, .text(run)) {
            found[$0.text(.node)] = (run, $0.integer(.position))
        }
        try forEachCached(of: run) { node, _ in found[node.name] = node.origin }
        knownNodes[run] = found
        return found
    }
}
