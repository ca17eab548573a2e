// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
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
        for name in names where try result(named: name) == nil { damaged += 1 }
        return (names.count, damaged)
    }

    /// Removes results that were not used for a number of seconds, and files without a result.
    ///
    /// - Returns: the number of removed results, and the size of removed files in bytes.
    public func collect(olderThan seconds: Double) throws -> (results: Int, bytes: Int) {
        try database.run("DELETE FROM results WHERE used < ?", .number(Clock.wall - seconds))
        let results = database.changes
        try removeUnusedObservations()
        let bytes = try removeOrphans()
        try database.emptyLog()
        return (results, bytes)
    }

    private func removeUnusedObservations() throws {
        try database.run(
            "DELETE FROM observations WHERE digest NOT IN (SELECT observed FROM results)")
    }

    /// Removes all results.
    ///
    /// - Parameter record: true to remove the records of runs as well.
    /// - Returns: the number of removed results, and the size of removed files in bytes.
    public func clear(record: Bool) throws -> (results: Int, bytes: Int) {
        try database.run("DELETE FROM results")
        let results = database.changes
        try removeUnusedObservations()
        try database.run("DELETE FROM digests")
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

    /// Removes files without a result. A file is written before its row, so that a young one is left.
    ///
    /// - Parameter age: the smallest age of a removed file, in seconds.
    /// - Returns: the size of the removed files, in bytes.
    private func removeOrphans(age: Double = 3600) throws -> Int {
        var wanted: Set<String> = []
        try database.run(ResultRow.blobs) { wanted.insert($0.text(.blob)) }
        var bytes = 0
        for folder in Directory.entries(of: directory + "/blobs") where folder.isDirectory {
            for file in Directory.entries(of: "\(directory)/blobs/\(folder.name)")
            where !wanted.contains(file.name) {
                let path = "\(directory)/blobs/\(folder.name)/\(file.name)"
                var about = stat()
                guard stat(path, &about) == 0,
                    Clock.wall - Double(about.st_mtim.tv_sec) >= age, unlink(path) == 0
                else { continue }
                bytes += about.st_size
            }
        }
        return bytes
    }
}
