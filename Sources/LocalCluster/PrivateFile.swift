// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTRuntime
internal import VTSystem

/// Files and directories that only their owner can read, from their creation on.
enum PrivateFile {
    /// Replaces the content of a file atomically: a reader sees the old text or the new one.
    ///
    /// - Throws: ``ClusterError``.
    static func write(_ text: String, to path: String) throws(ClusterError) {
        do {
            try File.replace(path, by: text, mode: 0o600)
        } catch {
            throw ClusterError(.system, error.description)
        }
    }

    /// Makes an empty log.
    ///
    /// - Throws: ``ClusterError``.
    static func makeLog(_ path: String) throws(ClusterError) -> Int32 {
        let file = open(
            path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("cannot write", path) }
        return file
    }

    /// Makes a directory, with missing parent directories.
    ///
    /// - Throws: ``ClusterError``.
    static func makeDirectory(_ path: String) throws(ClusterError) {
        do {
            try Directory.make(path, mode: 0o700)
        } catch {
            throw ClusterError(.system, error.description)
        }
    }

    /// Returns the last lines of a file that are not empty.
    static func tail(_ path: String, _ count: Int) -> [String] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        let length = lseek(file, 0, SEEK_END)
        let size = min(length, 65536)
        guard size > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: size)
        let got = pread(file, &bytes, size, length - size)
        let text = String(decoding: bytes.prefix(max(0, got)), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).suffix(count).map(String.init)
    }

    static func failure(
        _ what: String, _ path: String, _ number: Int32 = errno
    ) -> ClusterError {
        ClusterError(.system, "\(what) '\(path)': \(String(cString: strerror(number)))")
    }
}
