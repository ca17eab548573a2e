// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import VTSystem
public import VTWorkflow

// The elements of large arrays, each in a file of its own, which a hit maps. The name of the file is the
// digest of the elements.

extension Store {
    /// Writes the elements of an array, unless there is a file with them.
    func write(_ array: StoredArray) throws {
        guard let elements = array.elements else { return }
        let names = BlobName.names(of: array)
        for name in names where try self.elements(of: array, in: name) != nil {
            // A new time protects the file from `removeOrphans` until its row is written.
            utimensat(AT_FDCWD, path(ofBlob: name), nil, AT_SYMLINK_NOFOLLOW)
            try remember(array, in: path(ofBlob: name))
            return
        }
        let isCompressed = shrinks(elements.bytes)
        let path = path(ofBlob: names[isCompressed ? 1 : 0])
        // Only an empty directory is removed.
        rmdir(path)
        do throws(SystemError) {
            try Directory.make(path.directoryPart)
            try File.replace(path, mode: 0o444, isDurable: true, onlyReplaces: true) {
                file throws(SystemError) in
                if isCompressed {
                    let bytes = elements.bytes
                    guard vtd_write_compressed(file, bytes.baseAddress, bytes.count) else {
                        throw SystemError("cannot write")
                    }
                } else {
                    try File.write(elements.bytes, to: file)
                }
            }
        } catch {
            throw StoreError(error.description)
        }
        if !isCompressed { try remember(array, in: path) }
    }

    /// Returns the elements of an array: those in memory, or the mapped file. A file that has changed since
    /// it was written or checked is read as a whole.
    public func elements(of array: StoredArray) throws -> ArrayElements? {
        try elements(of: array, readingAll: false)
    }

    /// - Parameter readingAll: true to compare the file with its digest in any case.
    func elements(of array: StoredArray, readingAll: Bool) throws -> ArrayElements? {
        if let elements = array.elements { return elements }
        for name in BlobName.names(of: array) {
            if let found = try elements(of: array, in: name, readingAll: readingAll) {
                return found
            }
        }
        return nil
    }

    /// Returns the elements in a file; nil if it is missing or damaged.
    private func elements(
        of array: StoredArray, in name: String, readingAll: Bool = false
    ) throws -> ArrayElements? {
        guard let file = try openElements(of: array, in: name, readingAll: readingAll) else {
            return nil
        }
        defer { close(file) }
        return array.elements(
            in: file, isCompressed: name.hasSuffix(BlobName.compressed))
    }

    /// Opens the file with the elements of an array for reading; nil if it is missing or damaged.
    func openElements(of array: StoredArray) throws -> (file: Int32, isCompressed: Bool)? {
        for name in BlobName.names(of: array) {
            if let file = try openElements(of: array, in: name) {
                return (file, name.hasSuffix(BlobName.compressed))
            }
        }
        return nil
    }

    /// Opens a file, and compares one that is not compressed with its digest, unless that is known.
    private func openElements(
        of array: StoredArray, in name: String, readingAll: Bool = false
    ) throws -> Int32? {
        guard let file = openBlob(name) else { return nil }
        if name.hasSuffix(BlobName.compressed) { return file }
        do {
            var about = stat()
            let row = fstat(file, &about) == 0 ? FileRow(about) : nil
            if let row, row.size == array.size {
                if try !readingAll && digest(of: row) == array.digest { return file }
                let path = path(ofBlob: name)
                if try RegularFile.digest(of: file, path) == array.digest {
                    try remember(array, in: path, as: row)
                    return file
                }
            }
        } catch {
            close(file)
            throw error
        }
        close(file)
        return nil
    }

    /// Notes that a file has the elements, as long as it is not changed. Only this store's programs write to
    /// the file.
    private func remember(_ array: StoredArray, in path: String, as known: FileRow? = nil) throws {
        var about = stat()
        guard lstat(path, &about) == 0, about.st_mode & S_IFMT == S_IFREG else { return }
        var row = FileRow(about)
        if let known, (known.modified, known.changed) != (row.modified, row.changed) { return }
        row.digest = array.digest.bytes
        try database.insert(row, FileRow.insertion)
    }

    /// True for bytes that compress to less than an eighth: the others are kept as they are, so that they
    /// can be mapped. Pieces from the beginning, the middle and the end decide.
    private func shrinks(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let piece = 64 << 10
        guard bytes.count > 3 * piece else { return false }
        var sample: [UInt8] = []
        for start in [0, (bytes.count - piece) / 2, bytes.count - piece] {
            sample += bytes[start..<start + piece]
        }
        guard let compressed = compress(sample) else { return false }
        return compressed.count < sample.count / 8
    }
}

extension StoredArray {
    /// Returns the elements in an open file; nil if it has another size, or another content where it is
    /// compressed.
    func elements(in file: Int32, isCompressed: Bool) -> ArrayElements? {
        var about = stat()
        guard fstat(file, &about) == 0 else { return nil }
        var memory: MappedBytes?
        if isCompressed {
            guard Store.canHold(size, in: about.st_size) else { return nil }
            memory = MappedBytes(count: size)
            guard let memory, vtd_read_compressed(file, memory.start, size),
                Digest(hashing: UnsafeRawBufferPointer(memory.bytes)) == digest
            else { return nil }
        } else {
            guard about.st_size == size else { return nil }
            memory = MappedBytes(file, count: size)
        }
        return memory.map { ArrayElements(UnsafeRawBufferPointer($0.bytes), owner: $0) }
    }
}

/// Memory of a file, or memory of its own.
///
/// Unchecked: after it was filled, nothing writes to it.
final class MappedBytes: @unchecked Sendable {
    let start: UnsafeMutableRawPointer
    private let count: Int
    var bytes: UnsafeMutableRawBufferPointer { .init(start: start, count: count) }

    /// Maps a file for reading; nil if that fails.
    init?(_ file: Int32, count: Int) {
        guard count > 0, let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0),
            start != MAP_FAILED
        else { return nil }
        (self.start, self.count) = (start, count)
    }

    /// New memory; nil if there is none.
    init?(count: Int) {
        let access = PROT_READ | PROT_WRITE
        guard count > 0,
            let start = mmap(nil, count, access, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            start != MAP_FAILED
        else { return nil }
        (self.start, self.count) = (start, count)
    }

    deinit { munmap(start, count) }
}
