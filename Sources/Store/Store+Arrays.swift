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
        // Without waiting for the other end of a FIFO.
        let file = open(path(ofBlob: name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var about = stat()
        guard fstat(file, &about) == 0, about.st_mode & S_IFMT == S_IFREG else { return nil }
        if name.hasSuffix(BlobName.compressed) {
            guard Self.canHold(array.size, in: about.st_size),
                let memory = MappedBytes(count: array.size),
                vtd_read_compressed(file, memory.start, array.size),
                digest(of: UnsafeRawBufferPointer(memory.bytes)) == array.digest
            else { return nil }
            return ArrayElements(UnsafeRawBufferPointer(memory.bytes), owner: memory)
        }
        guard about.st_size == array.size else { return nil }
        let row = FileRow(about)
        if try readingAll || digest(of: row) != array.digest {
            let path = path(ofBlob: name)
            guard try digest(ofContent: file, path) == array.digest else { return nil }
            try remember(array, in: path, as: row)
        }
        return MappedBytes(file, count: array.size).map {
            ArrayElements(UnsafeRawBufferPointer($0.bytes), owner: $0)
        }
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

/// Memory of a file, or memory of its own.
///
/// Unchecked: after it was filled, nothing writes to it.
private final class MappedBytes: @unchecked Sendable {
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
