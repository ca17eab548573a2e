// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import VTSystem
public import VTWorkflow

extension Store: ResultStore {
    /// Returns the BLAKE2b digest of bytes.
    public func digest(_ bytes: [UInt8]) -> Digest { Digest(hashing: bytes) }

    /// Returns the BLAKE2b digest of bytes in memory.
    public func digest(of bytes: UnsafeRawBufferPointer) -> Digest { Digest(hashing: bytes) }

    /// Returns the BLAKE2b digest of a file's content. The store remembers the digest of a large file
    /// until its device, inode, size or times change.
    ///
    /// - Throws: ``StoreError`` if the path does not name a file that can be read.
    public func digest(ofFile path: [UInt8]) throws -> Digest {
        let file = try RegularFile(path)
        var row = FileRow(file.status)
        if let known = try exclusively({ try self.digest(of: row) }) { return known }
        let digest = try file.digest()
        if file.isWorthNoting {
            row.digest = digest.bytes
            try exclusively { try database.insert(row, FileRow.insertion) }
        }
        return digest
    }

    func digest(of file: FileRow) throws -> Digest? {
        var known: Digest?
        try database.run(
            FileRow.selection, .integer(file.device), .integer(file.inode), .integer(file.size),
            .integer(file.modified), .integer(file.changed)
        ) { known = Digest(bytes: $0.bytes(.digest)) }
        return known
    }

    /// Returns a digest that was kept under a name; nil if there is none.
    public func digest(under name: Digest) throws -> Digest? {
        var found: Digest?
        try exclusively {
            try database.run("SELECT digest FROM digests WHERE name = ?", .bytes(name.bytes)) {
                found = Digest(bytes: $0.bytes(0))
            }
        }
        return found
    }

    /// Keeps a digest that is costly to compute again.
    public func keep(_ digest: Digest, under name: Digest) throws {
        try exclusively {
            try database.run(
                "INSERT OR REPLACE INTO digests (name, digest) VALUES (?, ?)", .bytes(name.bytes),
                .bytes(digest.bytes))
        }
    }

    /// Returns the results of a key, the last used first. A damaged one is removed.
    public func find(_ key: Digest) throws -> [StoredResult] {
        if unwrittenKeys.contains(key.bytes) { try writeResults() }
        var found: [StoredResult] = []
        var old: [Digest] = []
        var damaged: [Digest] = []
        let yesterday = Clock.wall - 86_400
        try database.read(ResultRow.selection, .bytes(key.bytes)) { row in
            let result = StoredResult(row, key: key)
            lastFound = (result.name, row.text(.run))
            if let outputs = result.outputs, digest(outputs).bytes != row.bytes(.digest) {
                damaged.append(result.name)
                return
            }
            if row.seconds(.used) < yesterday { old.append(result.name) }
            found.append(result)
        }
        for name in damaged { try forget(name) }
        // The time of the last use is for `vtlua cache gc`. A day's precision saves writes.
        for name in old {
            try database.run(
                "UPDATE results SET used = ? WHERE key = ? AND observed = ?", .number(Clock.wall),
                .bytes(name.key), .bytes(name.observed))
        }
        return found
    }

    /// Returns the result of a name, with its outputs; nil if there is none, or if it is damaged.
    public func result(named name: Digest) throws -> StoredResult? {
        let key = Digest(bytes: name.key)
        guard var result = try find(key).first(where: { $0.name == name }) else { return nil }
        if result.outputs == nil {
            guard let outputs = try outputs(of: result) else { return nil }
            result.outputs = outputs
        }
        return result
    }

    /// Returns the outputs of a result; nil if they are missing or damaged.
    public func outputs(of result: StoredResult) throws -> [UInt8]? {
        if let outputs = result.outputs { return outputs }
        if unwrittenKeys.contains(result.name.key) { try writeResults() }
        guard let file = try outputsFile(of: result.name) else { return nil }
        guard let bytes = readBlob(file.blob, size: file.size) else {
            try forget(result.name, "damaged or missing")
            return nil
        }
        guard digest(bytes).bytes == file.digest else {
            try forget(result.name)
            return nil
        }
        return bytes
    }

    /// Returns the file that has the outputs of a result; nil if there is none.
    func outputsFile(
        of name: Digest
    ) throws -> (blob: String, size: Int, digest: [UInt8])? {
        var file: (blob: String, size: Int, digest: [UInt8])?
        try database.run(ResultRow.file, .bytes(name.key), .bytes(name.observed)) { row in
            if let blob = row.optionalText(.blob) {
                file = (blob, row.integer(.size), row.bytes(.digest))
            }
        }
        return file
    }

    /// Returns a set of observations by its digest; nil if the store does not have it.
    public func observations(_ digest: [UInt8]) throws -> [UInt8]? {
        if unwritten.contains(where: { $0.row.observed == digest }) { try writeResults() }
        var found: [UInt8]?
        try database.run("SELECT content FROM observations WHERE digest = ?", .bytes(digest)) {
            found = $0.bytes(0)
        }
        return found
    }

    /// Ends the transaction of earlier reads, and writes the record of a run that has begun.
    public func pause() throws {
        if log.beginning != nil || !log.nodes.isEmpty || !unwritten.isEmpty || !ended.isEmpty {
            try database.transaction {
                try insertPending()
                if log.beginning != nil { try writeWaiting() } else { try writeNodes() }
            }
        }
        try releaseWritten()
        try database.endReading()
    }

    /// The same before a module computes, except where short runs are grouped.
    public func willCompute() throws {
        if mayWait { return try database.endReading() }
        try pause()
    }

    /// The largest size, in bytes, of outputs that are in the row. Larger ones are in a file, unless
    /// something else has its name.
    private static let largestRow = 16 << 10

    /// The number of results with different observations that are kept under one key.
    private static let mostObserved = 16

    /// Stores a result that a run has computed. A result with the same name is replaced.
    public func keep(_ result: StoredResult, observations: [UInt8], run: String) throws {
        hasKept = true
        for array in result.arrays { try write(array) }
        let outputs = result.outputs ?? []
        let digest = digest(outputs)
        var blob: String?
        if outputs.count > Self.largestRow {
            blob = try writeBlob(outputs, named: digest.hexadecimal)
        }
        let now = Clock.wall
        let row = ResultRow(
            key: result.name.key, observed: result.name.observed, run: run,
            outputs: blob == nil ? outputs : nil, blob: blob, size: outputs.count,
            digest: digest.bytes, result: result, made: now, used: now)
        unwritten.append((row, observations))
        unwrittenKeys.insert(row.key)
    }

    /// Writes the results that wait for the record of their node.
    func writeResults() throws {
        if unwritten.isEmpty { return }
        try database.transaction { try insertPending() }
    }

    /// Writes them inside a transaction.
    func insertResults() throws {
        let rows = unwritten
        unwritten = []
        unwrittenKeys = []
        for (row, observations) in rows {
            try database.insert(row, ResultRow.insertion)
            guard !observations.isEmpty else { continue }
            try database.run(
                "INSERT OR IGNORE INTO observations (digest, content) VALUES (?, ?)",
                .bytes(row.observed), .bytes(observations))
            try database.run(
                """
                DELETE FROM results WHERE key = ? AND observed IN (
                    SELECT observed FROM results WHERE key = ?
                    ORDER BY used DESC, made DESC LIMIT -1 OFFSET ?)
                """, .bytes(row.key), .bytes(row.key), .integer(Self.mostObserved))
        }
    }

    /// Removes a damaged result, and warns of it.
    public func forget(_ name: Digest) throws { try forget(name, "damaged") }

    private func forget(_ name: Digest, _ state: String) throws {
        warn("the stored result \(name.hexadecimal.prefix(12)) is \(state); computing it again")
        try database.run(
            "DELETE FROM results WHERE key = ? AND observed = ?", .bytes(name.key),
            .bytes(name.observed))
    }

    /// Passes a warning to ``warn``.
    public func report(_ warning: String) { warn(warning) }
}

extension timespec {
    var nanoseconds: Int { tv_sec * 1_000_000_000 + tv_nsec }
}
