// SPDX-License-Identifier: BSD-3-Clause

/// Directories: listing, making and removing them.
package enum Directory {
    /// A name in a directory.
    package struct Entry {
        /// The name without the directory.
        package var name: String
        /// True if it is a directory itself; false for a link to one.
        package var isDirectory: Bool
    }

    /// Returns the entries of a directory but `.` and `..`, in no order; none where it cannot be
    /// read.
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

    /// Returns the end of a message about a path that does not exist: a similar name beside it, or the
    /// first directory that is missing; an empty text where neither is known.
    package static func suggestion(forMissing path: String) -> String {
        var status = stat()
        guard stat(path, &status) != 0, errno == ENOENT else { return "" }
        let parent = path.directoryPart
        if !parent.isEmpty, stat(parent, &status) != 0 {
            let more = suggestion(forMissing: parent)
            return more.isEmpty ? "; there is no directory '\(parent)'" : more
        }
        let names = entries(of: parent.isEmpty ? "." : parent).map(\.name)
        let name = String(path.split(separator: "/").last ?? "")
        guard names.count <= 10_000, let near = closest(to: name, among: names) else { return "" }
        let start = parent.isEmpty || parent.hasSuffix("/") ? parent : parent + "/"
        return "; did you mean '\(start)\(near)'?"
    }

    /// Makes a directory and those above it, as far as they are missing (`mkdir -p`).
    ///
    /// - Parameters:
    ///   - path: an empty path names the working directory.
    ///   - mode: the permissions of those that are made, less the process's umask.
    /// - Throws: ``SystemError`` with the path of the directory that cannot be made: where a file
    ///   has its name, the number is `EEXIST`.
    package static func make(_ path: String, mode: UInt32 = 0o777) throws(SystemError) {
        if path.isEmpty || mkdir(path, mode) == 0 { return }
        let number = errno
        switch number {
        case EEXIST:
            if isDirectory(path) { return }
            throw SystemError("cannot make the directory", path: path, EEXIST)
        case ENOENT, ENOTDIR:
            let parent = path.withoutSlashAtEnd.directoryPart
            guard !parent.isEmpty else {
                throw SystemError("cannot make the directory", path: path, number)
            }
            try make(parent, mode: mode)
            // Another process may have made it meanwhile.
            if mkdir(path, mode) == 0 || errno == EEXIST && isDirectory(path) { return }
            throw SystemError("cannot make the directory", path: path)
        default: throw SystemError("cannot make the directory", path: path, number)
        }
    }

    /// Returns true if the path names a directory, or a link to one.
    package static func isDirectory(_ path: String) -> Bool {
        var about = stat()
        return stat(path, &about) == 0 && about.st_mode & S_IFMT == S_IFDIR
    }

    /// Removes a directory and its contents. Links are removed, not followed.
    package static func removeTree(_ path: String) {
        for entry in entries(of: path) {
            let child = "\(path)/\(entry.name)"
            if unlink(child) != 0, errno == EISDIR || errno == EPERM { removeTree(child) }
        }
        rmdir(path)
    }

    /// Makes a directory of a new name that only this user can enter.
    ///
    /// - Parameter template: a path that ends with `XXXXXX`, which is replaced.
    /// - Throws: ``SystemError``.
    package static func makeTemporary(_ template: String) throws(SystemError) -> String {
        var template = Array(template.utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("cannot create a directory") }
        return String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Makes the names in a directory survive a power failure.
    ///
    /// - Throws: ``SystemError``.
    package static func synchronize(_ path: String) throws(SystemError) {
        let path = path.isEmpty ? "." : path
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw SystemError("cannot open", path: path) }
        defer { close(directory) }
        if fsync(directory) != 0 { throw SystemError("cannot write", path: path) }
    }
}

extension String {
    /// The directory of a path, without a slash at the end: empty for a plain name, `/` for a file
    /// in the root.
    package var directoryPart: String {
        guard let slash = lastIndex(of: "/") else { return "" }
        return slash == startIndex ? "/" : String(self[..<slash])
    }

    fileprivate var withoutSlashAtEnd: String {
        var path = self
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
