// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import VTSystem
public import VTWorkflow

extension Store: ResultStore {
    /// Returns the BLAKE2b digest of bytes.
    public func digest(_ bytes: [UInt8]) -> Digest {
        Digest(
            bytes: [UInt8](unsafeUninitializedCapacity: Int(VTD_DIGEST)) { digest, count in
                bytes.withUnsafeBytes { vtd_hash($0.baseAddress, $0.count, digest.baseAddress) }
                count = digest.count
            })
    }

    /// Returns the BLAKE2b digest of bytes in memory.
    public func digest(of bytes: UnsafeRawBufferPointer) -> Digest {
        Digest(
            bytes: [UInt8](unsafeUninitializedCapacity: Int(VTD_DIGEST)) { digest, count in
                vtd_hash(bytes.baseAddress, bytes.count, digest.baseAddress)
                count = digest.count
            })
    }

    /// Returns the BLAKE2b digest of a file's content. The store remembers the digest of a large file
    /// until its device, inode, size or times change.
    ///
    /// - Throws: ``StoreError`` if the path does not name a file that can be read.
    public func digest(ofFile path: [UInt8]) throws -> Digest {
        let descriptor = (path + [0]).withUnsafeBytes { path in
            open(
                path.baseAddress!.assumingMemoryBound(to: CChar.self),
                O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        }
        let path = String(decoding: path, as: UTF8.self)
        guard descriptor >= 0 else {
            throw StoreError("cannot read '\(path)': \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var about = stat()
        guard fstat(descriptor, &about) == 0, about.st_mode & S_IFMT == S_IFREG else {
            throw StoreError("'\(path)' is not a regular file")
        }
        var row = FileRow(about)
        if let known = try digest(of: row) { return known }
        let digest = try digest(ofContent: descriptor, path)
        // A second write within the same step of the file system's clock would not change the times.
        let age = Int(Clock.wall * 1e9) - max(row.modified, row.changed)
        if about.st_size > 64 << 10, age > 2_000_000_000 {
            row.digest = digest.bytes
            try database.insert(row, FileRow.insertion)
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

    func digest(ofContent descriptor: Int32, _ path: String) throws -> Digest {
        let hash = vtd_hash_make()
        var block = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = read(descriptor, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                let reason = String(cString: strerror(errno))
                _ = Digest(ending: hash)
                throw StoreError("cannot read '\(path)': \(reason)")
            }
            if count == 0 { return Digest(ending: hash) }
            vtd_hash_add(hash, block, count)
        }
    }

    /// Returns a digest that was kept under a name; nil if there is none.
    public func digest(under name: Digest) throws -> Digest? {
        var found: Digest?
        try database.run("SELECT digest FROM digests WHERE name = ?", .bytes(name.bytes)) {
            found = Digest(bytes: $0.bytes(0))
        }
        return found
    }

    /// Keeps a digest that is costly to compute again.
    public func keep(_ digest: Digest, under name: Digest) throws {
        try database.run(
            "INSERT OR REPLACE INTO digests (name, digest) VALUES (?, ?)", .bytes(name.bytes),
            .bytes(digest.bytes))
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
        try writeResults()
        if let outputs = result.outputs { return outputs }
        var file: (blob: String, size: Int, digest: [UInt8])?
        try database.run(
            ResultRow.file, .bytes(result.name.key), .bytes(result.name.observed)
        ) { row in
            if let blob = row.optionalText(.blob) {
                file = (blob, row.integer(.size), row.bytes(.digest))
            }
        }
        guard let file else { return nil }
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

    /// Returns a set of observations by its digest; nil if the store does not have it.
    public func observations(_ digest: [UInt8]) throws -> [UInt8]? {
        try writeResults()
        var found: [UInt8]?
        try database.run("SELECT content FROM observations WHERE digest = ?", .bytes(digest)) {
            found = $0.bytes(0)
        }
        return found
    }

    /// Ends the transaction of earlier reads, and writes the record of a run that has begun.
    public func pause() throws {
        if beginning != nil || !unwrittenNodes.isEmpty || !unwritten.isEmpty {
            try database.transaction {
                try insertResults()
                if beginning != nil { try writeWaiting() } else { try writeNodes() }
            }
        }
        try releaseWritten()
        try database.endReading()
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
        try database.transaction { try insertResults() }
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

extension Digest {
    /// Creates the digest of a hash, and frees the hash.
    init(ending hash: OpaquePointer?) {
        var bytes = [UInt8](repeating: 0, count: Int(VTD_DIGEST))
        vtd_hash_end(hash, &bytes)
        self.init(bytes: bytes)
    }
}

extension timespec {
    var nanoseconds: Int { tv_sec * 1_000_000_000 + tv_nsec }
}
