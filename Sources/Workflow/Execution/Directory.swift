// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc

/// Directories, without Foundation.
package enum Directory {
    package struct Entry {
        package var name: String
        package var isDirectory: Bool
    }

    /// Returns the entries of a directory except `.` and `..`; none if it cannot be read.
    package static func entries(of path: String) -> [Entry] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var entries: [Entry] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            entries.append(
                Entry(name: name, isDirectory: entry.pointee.d_type == UInt8(DT_DIR)))
        }
        return entries
    }

    /// Removes a directory and its contents. Symbolic links are removed, not followed.
    package static func removeTree(_ path: String) {
        for entry in entries(of: path) {
            let child = "\(path)/\(entry.name)"
            if unlink(child) != 0, errno == EISDIR || errno == EPERM { removeTree(child) }
        }
        rmdir(path)
    }
}
