// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import VTWorkflow

extension Store {
    public func entries() throws -> [StoredEntry] {
        var found: [StoredEntry] = []
        try database.run(ResultRow.entries) { found.append(StoredEntry($0)) }
        return found
    }

    /// Reads every result; what is damaged is removed.
    ///
    /// - Returns: how many were looked at, and how many were damaged.
    public func verify() throws -> (checked: Int, damaged: Int) {
        var keys: [Digest] = []
        try database.run(ResultRow.keys) { keys.append(Digest(bytes: $0.bytes(.key))) }
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
        try database.run(ResultRow.blobs) { wanted.insert($0.text(.blob)) }
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
