// SPDX-License-Identifier: BSD-3-Clause

/// Whole files: reading, and writing so that no reader sees half of one.
package enum File {
    /// Returns the bytes of a file.
    ///
    /// - Parameters:
    ///   - path: a file of any kind; those in `/proc` have no size and are read to their end.
    ///   - limit: bytes after which reading stops.
    ///   - onlyRegular: true to refuse what is no regular file, such as a FIFO, which is not waited for.
    /// - Throws: ``SystemError``; with the number `EINVAL` for what is refused.
    package static func read(
        _ path: String, limit: Int = .max, onlyRegular: Bool = false
    ) throws(SystemError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | (onlyRegular ? O_NONBLOCK : 0))
        guard file >= 0 else { throw SystemError("cannot read", path: path) }
        defer { close(file) }
        var about = stat()
        let isRegular = fstat(file, &about) == 0 && about.st_mode & S_IFMT == S_IFREG
        if onlyRegular, !isRegular { throw SystemError("cannot read", path: path, EINVAL) }
        let size = isRegular ? about.st_size : 0
        // A byte more than the size, so that the end is seen without another block.
        var wanted = min(limit, max(4096, size + 1))
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let count = append(wanted, of: file, to: &bytes)
            guard count >= 0 else { throw SystemError("cannot read", path: path) }
            if count == 0 { break }
            wanted = min(limit - bytes.count, max(4096, min(bytes.count, 1 << 20)))
        }
        return bytes
    }

    /// Reads at most `wanted` bytes once; their number, 0 at the end, or -1 and `errno`.
    private static func append(_ wanted: Int, of file: Int32, to bytes: inout [UInt8]) -> Int {
        var count = 0
        let block = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            repeat {
                count = VTSystem.read(file, buffer.baseAddress, wanted)
            } while count < 0 && errno == EINTR
            filled = max(0, count)
        }
        if bytes.isEmpty { bytes = block } else { bytes += block }
        return count
    }

    /// Returns the text of a file; nil where it cannot be read. Bytes that are not UTF-8 become
    /// U+FFFD.
    package static func text(_ path: String) -> String? {
        (try? read(path)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Returns true if there is a file of that name.
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Returns the target of a symbolic link; nil where there is none.
    package static func target(ofLink path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &bytes, bytes.count)
        let target = bytes.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        return target.isEmpty ? nil : String(decoding: target, as: UTF8.self)
    }
}

/// The program that this process runs: its file, by `/proc/self/exe`.
package var pathOfThisProgram: String? { File.target(ofLink: "/proc/self/exe") }

/// Returns the value of an environment variable; nil where it is not set or empty.
package func environmentVariable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
}
