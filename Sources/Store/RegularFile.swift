// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import VTSystem
internal import VTWorkflow

/// A file whose content is digested.
final class RegularFile {
    let status: stat
    private let descriptor: Int32
    private let path: String

    /// Opens a file, without waiting for the other end of a FIFO.
    ///
    /// - Throws: ``StoreError`` if the path does not name a file that can be read.
    init(_ path: [UInt8]) throws {
        descriptor = (path + [0]).withUnsafeBytes { path in
            open(
                path.baseAddress!.assumingMemoryBound(to: CChar.self),
                O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        }
        self.path = String(decoding: path, as: UTF8.self)
        var about = stat()
        let isOpen = descriptor >= 0
        let reason = String(cString: strerror(errno))
        let isRegular =
            isOpen && fstat(descriptor, &about) == 0 && about.st_mode & S_IFMT == S_IFREG
        status = about
        if !isOpen { throw StoreError("cannot read '\(self.path)': \(reason)") }
        if !isRegular { throw StoreError("'\(self.path)' is not a regular file") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The BLAKE2b digest of the content.
    func digest() throws -> Digest { try Self.digest(of: descriptor, path) }

    /// True for a large file whose times show the next change. A second write within the same step of
    /// the file system's clock would not change them.
    var isWorthNoting: Bool {
        let last = max(status.st_mtim.nanoseconds, status.st_ctim.nanoseconds)
        return status.st_size > Self.small && Int(Clock.wall * 1e9) - last > 2_000_000_000
    }

    /// The size, in bytes, up to which reading a file costs less than looking its digest up.
    static let small = 64 << 10

    /// Returns the digest of the rest of an open file.
    ///
    /// - Throws: ``StoreError`` with the path.
    static func digest(of descriptor: Int32, _ path: String) throws -> Digest {
        let hash = vtd_hash_make()
        var digest = [UInt8](repeating: 0, count: Int(VTD_DIGEST))
        var block = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = read(descriptor, &block, block.count)
            if count < 0, errno == EINTR { continue }
            let reason = String(cString: strerror(errno))
            if count > 0 {
                vtd_hash_add(hash, block, count)
                continue
            }
            vtd_hash_end(hash, &digest)
            if count < 0 { throw StoreError("cannot read '\(path)': \(reason)") }
            return Digest(bytes: digest)
        }
    }
}
