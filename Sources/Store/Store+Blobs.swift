// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import Glibc
internal import VTSystem

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
        do throws(SystemError) {
            try Directory.make(path.directoryPart)
            try File.replace(path, isDurable: true) { file throws(SystemError) in
                if isLarge, compressed != nil {
                    guard vtd_write_compressed(file, bytes, bytes.count) else {
                        throw SystemError("cannot write")
                    }
                } else {
                    try File.write(compressed ?? bytes, to: file)
                }
            }
        } catch {
            throw StoreError(error.description)
        }
        return name
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
            let bytes = try? File.read(path, limit: size + 1)
            return bytes?.count == size ? bytes : nil
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
}
