// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import VTSystem

// Files of large results. The name of a file is the digest of the result, with `.zst` if the file is
// compressed.

extension Store {
    func path(ofBlob name: String) -> String { "\(directory)/blobs/\(name.prefix(2))/\(name)" }

    private static let largestPiece = 1 << 20

    /// Writes a file, and waits until it is on the disk.
    ///
    /// - Returns: the name of the file; nil where a directory or file of others is in its place.
    func writeBlob(_ bytes: [UInt8], named digest: String) throws -> String? {
        // A large value is compressed piece by piece, so that memory has it once. A test of its
        // first piece decides whether to compress it.
        let isLarge = bytes.count > Self.largestPiece
        let compressed = compress(isLarge ? Array(bytes.prefix(Self.largestPiece)) : bytes)
        let name = compressed == nil ? digest : digest + ".zst"
        let path = path(ofBlob: name)
        if access(path, R_OK) == 0, let found = readBlob(name, size: bytes.count), found == bytes {
            // A new time protects the file from `removeOrphans` until its row is written.
            utimensat(AT_FDCWD, path, nil, AT_SYMLINK_NOFOLLOW)
            return name
        }
        // Only an empty directory is removed.
        rmdir(path)
        do throws(SystemError) {
            try Directory.make(path.directoryPart)
            try File.replace(path, isDurable: true, onlyReplaces: true) {
                file throws(SystemError) in
                if isLarge, compressed != nil {
                    guard vtd_write_compressed(file, bytes, bytes.count) else {
                        throw SystemError("cannot write")
                    }
                } else {
                    try File.write(compressed ?? bytes, to: file)
                }
            }
        } catch {
            if [EEXIST, ENOTEMPTY, EISDIR, ENOTDIR].contains(error.number) { return nil }
            throw StoreError(error.description)
        }
        return name
    }

    /// Compresses bytes. Returns nil where that saves less than a tenth.
    func compress(_ bytes: [UInt8]) -> [UInt8]? {
        let bytes = Secrets.blanked(bytes)
        let bound = vtd_compress_bound(bytes.count)
        guard bound > 0 else { return nil }
        let made = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            count = vtd_compress(buffer.baseAddress, buffer.count, bytes, bytes.count)
        }
        return made.isEmpty || made.count > bytes.count / 10 * 9 ? nil : made
    }

    /// Reads a file. Returns nil when it is missing or damaged: another length, or no regular file.
    func readBlob(_ name: String, size: Int) -> [UInt8]? {
        guard let file = openBlob(name) else { return nil }
        defer { close(file) }
        return Self.content(
            of: file, size: size, isCompressed: name.hasSuffix(BlobName.compressed))
    }

    /// Opens a file for reading. Returns nil when it is missing or no regular file.
    func openBlob(_ name: String) -> Int32? {
        guard BlobName.isOne(name) else { return nil }
        // Without waiting for the other end of a FIFO.
        let file = open(path(ofBlob: name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        var about = stat()
        if fstat(file, &about) == 0, about.st_mode & S_IFMT == S_IFREG { return file }
        close(file)
        return nil
    }

    /// Reads a file of results from its beginning. Returns nil when it has another length.
    static func content(of file: Int32, size: Int, isCompressed: Bool) -> [UInt8]? {
        var about = stat()
        guard fstat(file, &about) == 0,
            isCompressed ? canHold(size, in: about.st_size) : size == about.st_size,
            hasMemory(size)
        else { return nil }
        let made = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let isWhole =
                isCompressed
                ? vtd_read_compressed(file, buffer.baseAddress, size)
                : read(file, size, to: UnsafeMutableRawPointer(buffer.baseAddress))
            count = isWhole ? size : 0
        }
        return made.count == size ? made : nil
    }

    /// Reads exactly `size` bytes; returns false where there are fewer.
    private static func read(_ file: Int32, _ size: Int, to start: UnsafeMutableRawPointer?) -> Bool
    {
        var position = 0
        while let start, position < size {
            let count = VTSystem.read(file, start + position, size - position)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            position += count
        }
        return position == size
    }

    /// Returns false for a size that no array can have here: a failed allocation of one ends the
    /// program.
    private static func hasMemory(_ size: Int) -> Bool {
        guard size > 1 << 26 else { return true }
        // The compiler may remove a pair of malloc and free.
        let memory = mmap(
            nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard memory != MAP_FAILED else { return false }
        munmap(memory, size)
        return true
    }

    /// Returns true if `count` compressed bytes can have the uncompressed size `size`: zstd compresses
    /// 128 KiB to four bytes at best.
    static func canHold(_ size: Int, in count: Int) -> Bool {
        size >= 0 && size >> 15 <= count
    }

    /// Returns the bytes that were compressed; nil when they are damaged.
    func decompress(_ bytes: [UInt8], size: Int) -> [UInt8]? {
        guard Self.canHold(size, in: bytes.count), Self.hasMemory(size) else { return nil }
        let made = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = vtd_decompress(buffer.baseAddress, buffer.count, bytes, bytes.count)
        }
        return made.count == size ? made : nil
    }
}
