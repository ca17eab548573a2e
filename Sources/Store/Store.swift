// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import Glibc
internal import VTWorkflow

/// Results and records of runs in a directory: one SQLite file, and large results as files of
/// their own, named by their content.
///
/// A store belongs to the thread that uses it. Several processes may have the same one open.
public final class Store {
    public let directory: String
    let database: Database
    /// Told of what is damaged: it counts as not there.
    public var warn: (String) -> Void = { _ in }

    /// The form of the tables.
    static let version = 3

    /// Opens the store in a directory, and makes it if need be.
    public init(directory: String) throws {
        self.directory = directory
        if let missing = vtd_load() { throw StoreError(String(cString: missing)) }
        try Self.make(directory)
        try Self.make(directory + "/blobs")
        database = try Database(directory + "/store.sqlite")
        do {
            try prepareWhenFree()
        } catch let error as StoreError
            where Int(error.status) == VTD_NOT_A_DATABASE || Int(error.status) == VTD_CORRUPT
        {
            throw StoreError(
                "'\(directory)/store.sqlite' is damaged (\(error)); remove '\(directory)' to begin "
                    + "anew", error.status)
        }
    }

    private static func make(_ path: String) throws {
        guard mkdir(path, 0o777) != 0, errno != EEXIST else { return }
        throw StoreError("cannot make '\(path)': \(String(cString: strerror(errno)))")
    }

    /// Changing the journal does not wait for others, whatever the time limit: this does.
    private func prepareWhenFree() throws {
        let end = wallClock() + 10
        while true {
            do {
                return try prepare()
            } catch let error as StoreError where Int(error.status) == VTD_BUSY && wallClock() < end
            {
                usleep(UInt32.random(in: 1000...10_000))
            }
        }
    }

    private func prepare() throws {
        // Readers are not kept waiting. A network's file system has no memory to share for that.
        try database.run(
            "PRAGMA journal_mode = \(vtd_is_on_network(directory) ? "TRUNCATE" : "WAL")"
        ) { database.hasLog = $0.text(0) == "wal" }
        try database.run("PRAGMA synchronous = NORMAL")
        try database.run("PRAGMA wal_autocheckpoint = 400")
        var found = 0
        try database.run("PRAGMA user_version") { found = $0.integer(0) }
        if found == Self.version { return }
        guard found < Self.version else { throw newer(found) }
        try database.transaction {
            // Another process may have been here first.
            try database.run("PRAGMA user_version") { found = $0.integer(0) }
            if found == Self.version { return }
            guard found < Self.version else { throw newer(found) }
            if found < 1 { for statement in Self.schema { try database.run(statement) } }
            for form in max(found, 1)..<Self.version {
                for statement in Self.additions[form - 1] { try database.run(statement) }
            }
            try database.run("PRAGMA user_version = \(Self.version)")
        }
    }

    private func newer(_ form: Int) -> StoreError {
        StoreError(
            "'\(directory)' was made by a newer vtlua (form \(form), this one knows "
                + "\(Self.version)); use that one, or another --store")
    }

    private static let schema = [
        """
        CREATE TABLE results (
            key BLOB PRIMARY KEY, run TEXT NOT NULL, outputs BLOB, blob TEXT, size INTEGER NOT NULL,
            digest BLOB NOT NULL, printed TEXT NOT NULL, annotations BLOB NOT NULL, files BLOB,
            seconds REAL NOT NULL, made REAL NOT NULL, used REAL NOT NULL) WITHOUT ROWID
        """,
        """
        CREATE TABLE runs (
            run TEXT PRIMARY KEY, workflow TEXT NOT NULL, flow TEXT NOT NULL, flow_digest TEXT NOT NULL,
            flow_source TEXT NOT NULL, parameters TEXT NOT NULL, modules INTEGER NOT NULL,
            started REAL NOT NULL, seconds REAL, status TEXT NOT NULL, host TEXT NOT NULL,
            pid INTEGER NOT NULL, system TEXT NOT NULL, version TEXT NOT NULL)
        """,
        "CREATE INDEX runs_started ON runs (started)",
        """
        CREATE TABLE nodes (
            run TEXT NOT NULL, position INTEGER NOT NULL, node TEXT NOT NULL, module TEXT NOT NULL,
            version TEXT NOT NULL, status TEXT NOT NULL, key BLOB, obstacle TEXT, parts TEXT,
            started REAL NOT NULL, seconds REAL NOT NULL, processor REAL NOT NULL,
            peak INTEGER NOT NULL, attempts INTEGER NOT NULL, printed TEXT NOT NULL,
            annotations TEXT NOT NULL, outputs TEXT NOT NULL, error TEXT, because TEXT,
            PRIMARY KEY (run, position)) WITHOUT ROWID
        """,
        "CREATE INDEX nodes_node ON nodes (node, run)",
        "CREATE TABLE parts (digest TEXT PRIMARY KEY, parts TEXT NOT NULL) WITHOUT ROWID",
        """
        CREATE TABLE files (
            device INTEGER, inode INTEGER, size INTEGER, modified INTEGER, changed INTEGER,
            digest BLOB NOT NULL, PRIMARY KEY (device, inode)) WITHOUT ROWID
        """,
    ]

    /// What form 2 has beyond form 1, form 3 beyond form 2.
    private static let additions = [
        [
            """
            CREATE TABLE calls (
                run TEXT NOT NULL, position INTEGER NOT NULL, call INTEGER NOT NULL,
                backend TEXT NOT NULL, label TEXT, place TEXT, began REAL NOT NULL,
                workers TEXT NOT NULL, done INTEGER NOT NULL, failed INTEGER NOT NULL,
                cancelled INTEGER NOT NULL, unfinished INTEGER NOT NULL, size INTEGER NOT NULL,
                tasks BLOB NOT NULL, PRIMARY KEY (run, position, call)) WITHOUT ROWID
            """,
            "ALTER TABLE runs ADD COLUMN machine TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE runs ADD COLUMN connections TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE nodes ADD COLUMN inputs TEXT NOT NULL DEFAULT ''",
        ],
        [
            "ALTER TABLE runs ADD COLUMN directory TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE nodes ADD COLUMN files TEXT NOT NULL DEFAULT ''",
            // What took how long: rows of results that were used again are most, and not in it.
            """
            CREATE INDEX nodes_computed ON nodes (run, node, seconds) WHERE status = 'computed'
            """,
            // Each run wrote to all of its pages.
            "DROP INDEX nodes_node",
        ],
    ]

    /// What a run is about besides its plan; set before one begins.
    public var setting = Setting()

    public struct Setting: Sendable {
        /// The workflow's script.
        public var flow = ""
        public var source = ""
        /// Of the program.
        public var version = ""

        public init() {}
    }

    /// A run that is not on record yet, and when it began.
    var beginning: (run: RunDescription, started: Double)?
    // Rows of a run that wait to be written.
    var waiting: [(run: String, node: NodeRecord)] = []
    var knownParts: Set<String> = []
    /// The parts that were written last, as text, and where each of them ends in it.
    var lastParts: (parts: [KeyRecord.Part], text: [UInt8], ends: [Int]) = ([], [], [])
    /// Whether results were kept that may be in the log only.
    var hasKept = false
    /// Of earlier runs: where the nodes are that had a result.
    var knownNodes: [String: [String: Int]] = [:]
}

@available(*, unavailable)
extension Store: Sendable {}
