// SPDX-License-Identifier: BSD-3-Clause

/// The schema of the database, as the statements that each version adds to the one before.
enum Migrations {
    /// The version that this program writes, stored as SQLite's `user_version`.
    static var version: Int { all.count }

    /// The statements that lead from version `index` to version `index + 1`. An empty file has
    /// version 0.
    static let all: [[String]] = [
        [
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
        ],
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
            // For durations. Most rows have cached results: the index does not cover them.
            """
            CREATE INDEX nodes_computed ON nodes (run, node, seconds) WHERE status = 'computed'
            """,
            // Each run wrote to all pages of the index.
            "DROP INDEX nodes_node",
        ],
        [
            // Lists of values are CBOR from here on, in the columns that had texts. Rows that were
            // written before keep their texts: see RecordColumns.swift.
            "ALTER TABLE runs ADD COLUMN outputs BLOB NOT NULL DEFAULT x''",
            "ALTER TABLE runs ADD COLUMN source TEXT NOT NULL DEFAULT ''",
            // The start of the process in clock ticks since the system was started, the name of the
            // system's start, and the namespace of the process number.
            "ALTER TABLE runs ADD COLUMN began INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE runs ADD COLUMN boot TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE runs ADD COLUMN space TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE nodes ADD COLUMN libraries BLOB",
            """
            CREATE TABLE libraries (digest BLOB PRIMARY KEY, libraries BLOB NOT NULL) WITHOUT ROWID
            """,
            """
            CREATE TABLE packs (
                digest BLOB PRIMARY KEY, size INTEGER NOT NULL, nodes BLOB NOT NULL) WITHOUT ROWID
            """,
            """
            CREATE TABLE cached (
                run TEXT NOT NULL, part INTEGER NOT NULL, pack BLOB NOT NULL, size INTEGER NOT NULL,
                times BLOB NOT NULL, PRIMARY KEY (run, part)) WITHOUT ROWID
            """,
        ],
        [
            // Keys by value, with observations: earlier results have other keys.
            "DROP TABLE results",
            """
            CREATE TABLE results (
                key BLOB NOT NULL, observed BLOB NOT NULL, run TEXT NOT NULL, outputs BLOB, blob TEXT,
                size INTEGER NOT NULL, digest BLOB NOT NULL, digests BLOB NOT NULL,
                printed TEXT NOT NULL, annotations BLOB NOT NULL, products BLOB NOT NULL,
                place BLOB NOT NULL, notices TEXT NOT NULL, named INTEGER NOT NULL,
                seconds REAL NOT NULL, made REAL NOT NULL, used REAL NOT NULL,
                PRIMARY KEY (key, observed)) WITHOUT ROWID
            """,
            """
            CREATE TABLE observations (digest BLOB PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID
            """,
            "CREATE TABLE digests (name BLOB PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID",
        ],
        [
            // The durations of the computed nodes of a run, in one value. Each node wrote to the index.
            "ALTER TABLE runs ADD COLUMN durations BLOB",
            "DROP INDEX nodes_computed",
        ],
        [
            """
            CREATE TABLE elements (
                run TEXT NOT NULL, position INTEGER NOT NULL, number INTEGER NOT NULL,
                pack BLOB NOT NULL, times BLOB NOT NULL,
                PRIMARY KEY (run, position, number)) WITHOUT ROWID
            """,
            """
            CREATE TABLE element_packs (
                digest BLOB PRIMARY KEY, size INTEGER NOT NULL, content BLOB NOT NULL) WITHOUT ROWID
            """,
        ],
        [
            "ALTER TABLE runs ADD COLUMN sweep TEXT NOT NULL DEFAULT ''",
            "CREATE INDEX runs_sweep ON runs (sweep) WHERE sweep != ''",
        ],
        [
            // Large arrays are files of their own.
            "ALTER TABLE results ADD COLUMN arrays BLOB NOT NULL DEFAULT x''",
            "ALTER TABLE results ADD COLUMN array_bytes INTEGER NOT NULL DEFAULT 0",
        ],
        [
            """
            CREATE TABLE suspended (
                key BLOB PRIMARY KEY, node TEXT NOT NULL, workflow TEXT NOT NULL, run TEXT NOT NULL,
                handle BLOB NOT NULL, shown TEXT NOT NULL, since REAL NOT NULL) WITHOUT ROWID
            """
        ],
    ]
}
