// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem
internal import VTWorkflow

extension Store {
    /// Returns all results, the oldest first.
    public func entries() throws -> [StoredEntry] {
        var found: [StoredEntry] = []
        try database.run(ResultRow.entries) { found.append(StoredEntry($0)) }
        return found
    }

    /// Reads every result, and removes those that are damaged.
    ///
    /// - Returns: the number of results, and the number of damaged ones.
    public func verify() throws -> (checked: Int, damaged: Int) {
        var names: [Digest] = []
        try database.run(ResultRow.names) { row in
            names.append(Digest(bytes: row.bytes(.key) + row.bytes(.observed)))
        }
        var damaged = 0
        for name in names where try result(named: name).map(isWhole) != true { damaged += 1 }
        return (names.count, damaged)
    }

    /// Reads the arrays of a result; removes it if one is damaged.
    private func isWhole(_ result: StoredResult) throws -> Bool {
        for array in result.arrays where try elements(of: array, readingAll: true) == nil {
            try forget(result.name)
            return false
        }
        return true
    }

    /// The number of things that were removed from a store.
    public struct Removal: Sendable {
        /// The number of results.
        public var results = 0
        /// The number of records of runs.
        public var runs = 0
        /// The size of the files of results, in bytes.
        public var bytes = 0
    }

    /// The records of runs that are removed: those that are older than ``age``, but not the newest
    /// ``newest`` of all.
    public struct RecordLimit: Sendable {
        /// The largest age of a record that stays, in seconds.
        public var age: Double
        /// The number of the newest records that stay, whatever their age.
        public var newest: Int

        /// Creates a limit.
        public init(age: Double, newest: Int) {
            (self.age, self.newest) = (age, newest)
        }
    }

    /// Removes results that were not used for a number of seconds, and files without a result.
    ///
    /// - Parameter records: the records of runs that are removed as well; nil: none.
    public func collect(
        olderThan seconds: Double, records: RecordLimit? = nil
    ) throws -> Removal {
        var removal = Removal()
        try database.run("DELETE FROM results WHERE used < ?", .number(Clock.wall - seconds))
        removal.results = database.changes
        if let records {
            removal.runs = try removeRecords(records)
            // The file shrinks where no other process uses it at the moment.
            if removal.runs > 0 { try? database.run("VACUUM") }
        }
        try removeUnusedObservations()
        removal.bytes = try removeOrphans() + removeUnusedFiles()
        try database.emptyLog()
        return removal
    }

    private func removeUnusedObservations() throws {
        try database.run(
            "DELETE FROM observations WHERE digest NOT IN (SELECT observed FROM results)")
    }

    /// Removes all results.
    ///
    /// - Parameter record: true to remove the records of runs as well.
    public func clear(record: Bool) throws -> Removal {
        var removal = Removal()
        try database.run("DELETE FROM results")
        removal.results = database.changes
        try removeUnusedObservations()
        try database.run("DELETE FROM digests")
        if record {
            try database.transaction {
                try database.run("DELETE FROM runs")
                removal.runs = database.changes
                for table in [
                    "nodes", "calls", "parts", "cached", "packs", "libraries", "elements",
                    "element_packs",
                ] {
                    try database.run("DELETE FROM \(table)")
                }
            }
            (knownParts, knownLibraries) = ([], [])
        }
        removal.bytes = try removeOrphans(age: 0) + removeUnusedFiles(age: 0)
        try database.run("VACUUM")
        try database.emptyLog()
        return removal
    }

    /// Removes records of runs. The record of a run that is going on stays.
    ///
    /// - Returns: the number of removed records.
    private func removeRecords(_ limit: RecordLimit) throws -> Int {
        let oldest = Clock.wall - limit.age
        let old = try runs().dropFirst(limit.newest).filter {
            $0.started < oldest && $0.status != .running
        }
        if old.isEmpty { return 0 }
        try database.transaction {
            for run in old {
                for table in ["runs", "cached", "calls", "elements"] {
                    try database.run("DELETE FROM \(table) WHERE run = ?", .text(run.run))
                }
            }
            try removeUnreferenced()
        }
        return old.count
    }

    /// Removes what only removed runs referred to, inside a transaction.
    private func removeUnreferenced() throws {
        try database.run("DELETE FROM packs WHERE digest NOT IN (SELECT pack FROM cached)")
        try database.run(
            "DELETE FROM element_packs WHERE digest NOT IN (SELECT pack FROM elements)")
        // The record of a node stays as long as a cached node of another run refers to it, or a
        // result, to which later runs may refer.
        try database.run(
            "CREATE TEMP TABLE wanted (run TEXT, position INTEGER, PRIMARY KEY (run, position))")
        for run in try runs() {
            try forEachCached(of: run.run) { node, _ in
                try database.run(
                    "INSERT OR IGNORE INTO wanted VALUES (?, ?)", .text(node.origin.run),
                    .integer(node.origin.position))
            }
        }
        try database.run(
            """
            DELETE FROM nodes WHERE run NOT IN (SELECT run FROM runs)
                AND NOT EXISTS (SELECT 1 FROM wanted
                    WHERE wanted.run = nodes.run AND wanted.position = nodes.position)
                AND NOT EXISTS (SELECT 1 FROM results
                    WHERE CAST(results.key || results.observed AS BLOB) = nodes.key AND results.run = nodes.run)
            """)
        database.finalizeStatements()
        try database.run("DROP TABLE wanted")
        try database.run(
            """
            DELETE FROM parts WHERE digest NOT IN (
                SELECT parts FROM nodes WHERE parts IS NOT NULL
                UNION SELECT connections FROM runs UNION SELECT source FROM runs)
            """)
        try database.run(
            """
            DELETE FROM libraries WHERE digest NOT IN (
                SELECT libraries FROM nodes WHERE libraries IS NOT NULL)
            """)
    }
}
