// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import VTWorkflow

/// A result that is kept.
public struct StoredEntry: Sendable {
    public var key: String
    /// The run that computed it, and the node.
    public var run: String
    public var node: String?
    public var size: Int
    /// Seconds that computing took.
    public var seconds: Double
    public var made: Double
    public var used: Double
}

extension Store {
    public func entries() throws -> [StoredEntry] {
        var found: [StoredEntry] = []
        try database.run(
            """
            SELECT results.key, results.run, min(nodes.node), size, results.seconds, made, used
            FROM results LEFT JOIN nodes ON nodes.run = results.run AND nodes.key = results.key
            GROUP BY results.key ORDER BY made
            """
        ) { row in
            found.append(
                StoredEntry(
                    key: Digest(bytes: row.bytes(0)).hexadecimal, run: row.text(1),
                    node: row.isNull(2) ? nil : row.text(2), size: row.count(3),
                    seconds: row.seconds(4), made: row.seconds(5), used: row.seconds(6)))
        }
        return found
    }

    /// Reads every result; what is damaged is removed.
    ///
    /// - Returns: how many were looked at, and how many were damaged.
    public func verify() throws -> (checked: Int, damaged: Int) {
        var keys: [Digest] = []
        try database.run("SELECT key FROM results") { keys.append(Digest(bytes: $0.bytes(0))) }
        var damaged = 0
        for key in keys where try find(key) == nil { damaged += 1 }
        return (keys.count, damaged)
    }

    /// Removes results that nobody has used for some time, and files that belong to none.
    ///
    /// - Returns: how many results, and bytes of files.
    public func collect(olderThan seconds: Double) throws -> (results: Int, bytes: Int) {
        try database.run("DELETE FROM results WHERE used < ?", .number(wallClock() - seconds))
        let results = database.changes
        let bytes = try removeOrphans()
        try database.emptyLog()
        return (results, bytes)
    }

    /// Forgets all results; the record of runs stays, unless it is to go, too.
    public func clear(record: Bool) throws -> (results: Int, bytes: Int) {
        try database.run("DELETE FROM results")
        let results = database.changes
        if record {
            try database.transaction {
                for table in ["runs", "nodes", "calls", "parts"] {
                    try database.run("DELETE FROM \(table)")
                }
            }
            knownParts = []
        }
        let bytes = try removeOrphans(age: 0)
        try database.run("VACUUM")
        try database.emptyLog()
        return (results, bytes)
    }

    /// A file is written before its row: young ones may be about to get theirs.
    private func removeOrphans(age: Double = 3600) throws -> Int {
        var wanted: Set<String> = []
        try database.run("SELECT blob FROM results WHERE blob IS NOT NULL") {
            wanted.insert($0.text(0))
        }
        var bytes = 0
        for folder in Directory.entries(of: directory + "/blobs") where folder.isDirectory {
            for file in Directory.entries(of: "\(directory)/blobs/\(folder.name)")
            where !wanted.contains(file.name) {
                let path = "\(directory)/blobs/\(folder.name)/\(file.name)"
                var about = stat()
                guard stat(path, &about) == 0,
                    wallClock() - Double(about.st_mtim.tv_sec) >= age, unlink(path) == 0
                else { continue }
                bytes += about.st_size
            }
        }
        return bytes
    }
}
