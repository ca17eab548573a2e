// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import Glibc

// Files of large results. The name of a file is the digest of the result, with `.zst` if the file is
// compressed.

extension Store {
    func path(ofBlob name: String) -> String { "\(directory)/blobs/\(name.prefix(2))/\(name)" }

    private static let largestPiece = 1 << 20

    /// Writes a file, and waits until it is on the disk.
    ///
    /// - Returns: the name of the file.
    func writeBlob(_ bytes: [UInt8], named digest: String) throws -> String {
        // A large value is compressed piece by piece, so that memory has it once. A test of its
        // first piece decides whether to compress it.
        let isLarge = bytes.count > Self.largestPiece
        let compressed = compress(isLarge ? Array(bytes.prefix(Self.largestPiece)) : bytes)
        let name = compressed == nil ? digest : digest + ".zst"
        let path = path(ofBlob: name)
        if access(path, R_OK) == 0, let found = readBlob(name, size: bytes.count), found == bytes {
            // A new time protects the file from `removeOrphans` until its row is written.
            utimes(path, nil)
            return name
        }
        let folder = "\(directory)/blobs/\(name.prefix(2))"
        if mkdir(folder, 0o777) != 0, errno != EEXIST { throw failure("create", folder) }
        let temporary = "\(path).\(getpid()).tmp"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw failure("write", temporary) }
        do {
            defer { close(file) }
            if isLarge, compressed != nil {
                guard vtd_write_compressed(file, bytes, bytes.count) else {
                    throw failure("write", temporary)
                }
            } else {
                try write(compressed ?? bytes, to: file, temporary)
            }
            guard fsync(file) == 0 else { throw failure("write", temporary) }
            guard rename(temporary, path) == 0 else { throw failure("rename", temporary) }
        } catch {
            unlink(temporary)
            throw error
        }
        let parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw failure("open", folder) }
        defer { close(parent) }
        guard fsync(parent) == 0 else { throw failure("write", folder) }
        return name
    }

    private func write(_ bytes: [UInt8], to file: Int32, _ path: String) throws {
        var position = 0
        while position < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress! + position, min($0.count - position, 1 << 24))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write", path) }
            position += count
        }
    }

    private func failure(_ verb: String, _ path: String) -> StoreError {
        StoreError("cannot \(verb) '\(path)': \(String(cString: strerror(errno)))")
    }

    /// Compresses bytes. Returns nil where that saves less than a tenth.
    func compress(_ bytes: [UInt8]) -> [UInt8]? {
        let bound = vtd_compress_bound(bytes.count)
        guard bound > 0 else { return nil }
        let made = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            count = vtd_compress(buffer.baseAddress, buffer.count, bytes, bytes.count)
        }
        return made.isEmpty || made.count > bytes.count / 10 * 9 ? nil : made
    }

    /// Reads a file. Returns nil when it is missing or damaged.
    func readBlob(_ name: String, size: Int) -> [UInt8]? {
        let path = path(ofBlob: name)
        guard name.hasSuffix(".zst") else {
            return contents(of: path).flatMap { $0.count == size ? $0 : nil }
        }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var about = stat()
        guard fstat(file, &about) == 0, Self.canHold(size, in: about.st_size) else { return nil }
        let made = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = vtd_read_compressed(file, buffer.baseAddress, size) ? size : 0
        }
        return made.count == size ? made : nil
    }

    /// Returns true if `count` compressed bytes can have the uncompressed size `size`: zstd compresses
    /// 128 KiB to four bytes at best.
    private static func canHold(_ size: Int, in count: Int) -> Bool {
        size >= 0 && size >> 15 <= count
    }

    /// Returns the bytes that were compressed; nil when they are damaged.
    func decompress(_ bytes: [UInt8], size: Int) -> [UInt8]? {
        guard Self.canHold(size, in: bytes.count) else { return nil }
        let made = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = vtd_decompress(buffer.baseAddress, buffer.count, bytes, bytes.count)
        }
        return made.count == size ? made : nil
    }

    private func contents(of path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var about = stat()
        guard fstat(file, &about) == 0 else { return nil }
        var whole = true
        let bytes = [UInt8](unsafeUninitializedCapacity: about.st_size) { buffer, filled in
            filled = 0
            while filled < buffer.count, let base = buffer.baseAddress {
                let count = read(file, base + filled, buffer.count - filled)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    whole = false
                    return
                }
                filled += count
            }
        }
        return whole ? bytes : nil
    }
}
