// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import Glibc
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

    /// Returns the BLAKE2b digest of a file's content. The store remembers the digest of a large file
    /// until its device, inode, size or times change.
    ///
    /// - Throws: ``StoreError`` if the path does not name a file that can be read.
    public func digest(ofFile path: String) throws -> Digest {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw StoreError("cannot read '\(path)': \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var about = stat()
        guard fstat(descriptor, &about) == 0, about.st_mode & S_IFMT == S_IFREG else {
            throw StoreError("'\(path)' is not a regular file")
        }
        let modified = about.st_mtim.nanoseconds
        let changed = about.st_ctim.nanoseconds
        var row = FileRow(
            device: Int(bitPattern: UInt(about.st_dev)), inode: Int(bitPattern: UInt(about.st_ino)),
            size: about.st_size, modified: modified, changed: changed)
        if let known = try digest(of: row) { return known }
        let digest = try digest(ofContent: descriptor, path)
        // A second write within the same step of the file system's clock would not change the times.
        let age = Int(Clock.wall * 1e9) - max(modified, changed)
        if about.st_size > 64 << 10, age > 2_000_000_000 {
            row.digest = digest.bytes
            try database.insert(row, FileRow.insertion)
        }
        return digest
    }

    private func digest(of file: FileRow) throws -> Digest? {
        var known: Digest?
        try database.run(
            FileRow.selection, .integer(file.device), .integer(file.inode), .integer(file.size),
            .integer(file.modified), .integer(file.changed)
        ) { known = Digest(bytes: $0.bytes(.digest)) }
        return known
    }

    private func digest(ofContent descriptor: Int32, _ path: String) throws -> Digest {
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

    /// Returns the result of a key; nil if there is none, or if it is damaged.
    public func find(_ key: Digest) throws -> StoredResult? {
        var found: (result: StoredResult, blob: String?, size: Int, digest: [UInt8], used: Double)?
        try database.read(ResultRow.selection, .bytes(key.bytes)) { row in
            lastFound = (key, row.text(.run))
            found = (
                StoredResult(row), row.optionalText(.blob), row.integer(.size),
                row.bytes(.digest), row.seconds(.used)
            )
        }
        guard let found else {
            try pause()
            return nil
        }
        let (blob, size, digest) = (found.blob, found.size, found.digest)
        var result = found.result
        if let blob {
            guard let bytes = readBlob(blob, size: size) else {
                try forget(key, "damaged or missing")
                return nil
            }
            result.outputs = bytes
        }
        guard self.digest(result.outputs).bytes == digest else {
            try forget(key)
            return nil
        }
        // The time of the last use is for `vtlua cache gc`. A day's precision saves writes.
        if Clock.wall - found.used > 86_400 {
            try database.run(
                "UPDATE results SET used = ? WHERE key = ?", .number(Clock.wall), .bytes(key.bytes)
            )
        }
        return result
    }

    /// Ends the transaction of earlier reads, and writes the record of a run that has begun.
    public func pause() throws {
        try database.endReading()
        if beginning != nil { try database.transaction { try writeWaiting() } }
    }

    /// The largest size, in bytes, of outputs that are in the row. Larger ones are in a file.
    private static let largestRow = 16 << 10

    /// Stores a result that a run has computed. A result with the same key is replaced.
    public func keep(_ result: StoredResult, under key: Digest, run: String) throws {
        hasKept = true
        let digest = digest(result.outputs)
        var blob: String?
        if result.outputs.count > Self.largestRow {
            blob = try writeBlob(result.outputs, named: digest.hexadecimal)
        }
        let now = Clock.wall
        let row = ResultRow(
            key: key.bytes, run: run, outputs: blob == nil ? result.outputs : nil, blob: blob,
            size: result.outputs.count, digest: digest.bytes, printed: result.printed,
            annotations: result.annotations, files: result.files?.bytes, seconds: result.seconds,
            made: now, used: now)
        try database.insert(row, ResultRow.insertion)
    }

    /// Removes a damaged result, and warns of it.
    public func forget(_ key: Digest) throws { try forget(key, "damaged") }

    private func forget(_ key: Digest, _ state: String) throws {
        warn("the stored result \(key.hexadecimal.prefix(12)) is \(state); computing it again")
        try database.run("DELETE FROM results WHERE key = ?", .bytes(key.bytes))
    }
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
