// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

/// The names and digests that make a fingerprint the same in every process. They replace the
/// numbers of ``Identities``, and the times of files.
final class PersistentNames {
    let hasher: any ContentHasher
    let log: AccessLog
    /// The names of paths, relative to the directory of the workflow.
    let paths: PlacedPath
    private let directory: String
    /// The digests of files that were read in this run, with the files' status.
    private var files: [[UInt8]: (status: FileStatus, digest: Digest, isSettled: Bool)] = [:]
    private var functions: [UInt: [UInt8]] = [:]
    /// True if libraries from outside the project were loaded, for these numbers of modules and files.
    private var libraries: (counts: (Int, Int), exist: Bool)?
    /// The files and directories that results of the run depend on; nil if the run does not collect them.
    var watched: Set<[UInt8]>?
    /// Modules that were changed after they were loaded.
    private(set) var changedModules: Set<[UInt8]> = []

    /// - Parameter directory: the directory of the workflow, as the user gave it.
    init(hasher: any ContentHasher, directory: String, log: AccessLog) {
        self.hasher = hasher
        self.log = log
        self.directory = directory
        paths = PlacedPath(directory: directory.isEmpty ? "." : directory)
    }

    /// Finds the modules that were changed after they were loaded.
    func findChangedModules(_ lua: borrowing Lua) throws {
        try lua.pushLoadedModules()
        defer { lua.pop() }
        for (name, record) in log.loads where !record.isBuiltIn {
            try lua.pushRawField(name.text, of: -1)
            if lua.stateHash(at: -1) != record.hash { changedModules.insert(name) }
            lua.pop()
        }
    }

    /// Returns the digest of bytes. That of bytes with a secret covers a key of the store, too, so that the
    /// secret cannot be found out by trying.
    func digest(_ bytes: [UInt8]) -> Digest {
        guard Secrets.name(in: bytes) != nil else { return hasher.digest(bytes) }
        return hasher.digest(Array("secret".utf8) + hasher.secretKey + bytes)
    }

    /// Returns the digest of bytes in memory.
    func digest(of bytes: UnsafeRawBufferPointer) -> Digest {
        guard Secrets.name(in: bytes) != nil else { return hasher.digest(of: bytes) }
        return digest(Array(bytes))
    }

    /// Returns the path of a script, relative to the directory of the workflow.
    func place(_ source: String) -> String {
        let path = source.hasPrefix("@") ? String(source.dropFirst()) : source
        let start = directory.hasSuffix("/") || directory.isEmpty ? directory : directory + "/"
        return path.hasPrefix(start) ? String(path.dropFirst(start.count)) : path
    }

    /// Returns a path inside the directory of the workflow, as the user gave that.
    func path(inside path: [UInt8]) -> [UInt8] {
        let start = directory == "." ? "" : directory
        if path.isEmpty { return start.isEmpty ? [UInt8(ascii: ".")] : Array(start.utf8) }
        if start.isEmpty { return path }
        return Array((start.hasSuffix("/") ? start : start + "/").utf8) + path
    }
}

// MARK: - Files

extension PersistentNames {
    /// Notes a file or directory that results depend on.
    func note(_ path: [UInt8]) { watched?.insert(path) }

    /// Returns the digest of a file's content. A file that has not changed is read once in a run.
    func digest(ofFile path: [UInt8]) throws -> Digest {
        note(path)
        guard let status = FileStatus(path), status.kind == .regular else {
            throw Fingerprint.Impossible(type: "missing file")
        }
        if let known = files[path], known.status == status, known.isSettled { return known.digest }
        guard let digest = try? hasher.digest(ofFile: path) else {
            throw Fingerprint.Impossible(type: "file that cannot be read")
        }
        files[path] = (status, digest, status.isSettled)
        return digest
    }

    /// Returns the digest that a file had when the key or the result of a step of this run was made,
    /// without reading it again. Another file is read only if `mayRead` is true.
    func digest(ofRecordedFile path: String, reading mayRead: Bool) -> Digest? {
        let path = Array(path.utf8)
        if let known = files[path], known.status == FileStatus(path) { return known.digest }
        return mayRead ? try? digest(ofFile: path) : nil
    }

    /// Adds what counts of a file or directory to bytes.
    ///
    /// - Throws: ``Fingerprint/Impossible`` if it is missing or cannot be read.
    func append(
        path: [UInt8], isDirectory: Bool, _ comparison: Port.Comparison, to bytes: inout [UInt8]
    ) throws {
        let name = paths.name(ofPort: path)
        bytes.append(UInt8(ascii: "p"))
        withUnsafeBytes(of: name.count) { bytes.append(contentsOf: $0) }
        bytes += name
        guard comparison != .name else { return }
        note(path)
        guard let status = FileStatus(path) else {
            throw Fingerprint.Impossible(type: isDirectory ? "missing directory" : "missing file")
        }
        switch (status.kind, comparison) {
        case (.regular, .time) where !isDirectory:
            bytes += Array("t".utf8) + status.bytes
        case (.regular, _) where !isDirectory: bytes += try digest(ofFile: path).bytes
        case (.directory, _) where isDirectory:
            bytes += try digest(ofDirectory: path, comparison).bytes
        default: throw Fingerprint.Impossible(type: "special file")
        }
    }

    /// Returns the digest of a directory: its sorted listing with the contents. A directory whose
    /// names, sizes and times are those of an earlier look is not read again.
    func digest(ofDirectory path: [UInt8], _ comparison: Port.Comparison = .content) throws
        -> Digest
    {
        var tree = DirectoryTree()
        try tree.read(path, at: [])
        let signature = hasher.digest(Array("directory".utf8) + tree.signature)
        if comparison == .time { return signature }
        if tree.isSettled, let known = try? hasher.digest(under: signature) { return known }
        var bytes: [UInt8] = []
        for entry in tree.entries {
            bytes += entry.name + [0, entry.status.kind == .directory ? 1 : 2]
            guard entry.status.kind == .regular else { continue }
            bytes += try digest(ofFile: path + [UInt8(ascii: "/")] + entry.name).bytes
        }
        let digest = hasher.digest(bytes)
        if tree.isSettled { try? hasher.keep(digest, under: signature) }
        return digest
    }
}

/// The entries of a directory and of those in it.
private struct DirectoryTree {
    /// Sorted by their paths.
    private(set) var entries: [(name: [UInt8], status: FileStatus)] = []
    private(set) var isSettled = true

    mutating func read(_ path: [UInt8], at prefix: [UInt8], depth: Int = 0) throws {
        guard depth < 64 else { throw Fingerprint.Impossible(type: "directory that is too deep") }
        guard let names = path.namesInDirectory else {
            throw Fingerprint.Impossible(type: "directory that cannot be read")
        }
        for name in names {
            let full = path + [UInt8(ascii: "/")] + name
            guard let status = FileStatus(full) else { continue }
            entries.append((prefix + name, status))
            if status.kind == .directory {
                try read(full, at: prefix + name + [UInt8(ascii: "/")], depth: depth + 1)
            } else if !status.isSettled {
                isSettled = false
            }
        }
    }

    var signature: [UInt8] {
        var bytes: [UInt8] = []
        for (name, status) in entries {
            bytes += name + [0]
            if status.kind == .directory { bytes.append(1) } else { bytes += status.bytes }
        }
        return bytes
    }
}

// MARK: - C functions

extension PersistentNames {
    /// Returns the name of the C function or userdata at `index`, such as `string.format`, with the
    /// file of its library; nil if it has none.
    func name(_ lua: borrowing Lua, at index: Int) throws -> [UInt8]? {
        let address = UInt(bitPattern: lua.pointer(at: index))
        if let known = functions[address] { return known }
        guard let name = try lua.nameInLibraries(at: index) else { return nil }
        var bytes = Array(name.utf8)
        if let library = library(ofName: name) { bytes += digests(ofFilesOf: library) }
        functions[address] = bytes
        return bytes
    }

    /// Returns the loaded module that a name such as `lpeg.match` begins with.
    private func library(ofName name: String) -> [UInt8]? {
        var library = name[...]
        while true {
            if let record = log.loads[Array(library.utf8)], !record.isBuiltIn {
                return Array(library.utf8)
            }
            guard let dot = library.lastIndex(of: ".") else { return nil }
            library = library[..<dot]
        }
    }

    private func digests(ofFilesOf library: [UInt8]) -> [UInt8] {
        log.files(of: library).flatMap { (try? digest(ofFile: $0))?.bytes ?? [0] }
    }

    /// Returns the name of a table or Lua function at `index` that is a part of a library from outside
    /// the project, with the digests of the library's files; nil for any other value, and if the
    /// library was changed after it was loaded.
    func name(ofPartOfLibrary lua: borrowing Lua, at index: Int) throws -> [UInt8]? {
        guard hasLibraries else { return nil }
        if lua.type(at: index) == .function {
            guard let (source, _, _) = try lua.definition(at: index), source.hasPrefix("@"),
                isOutside(Array(source.utf8.dropFirst()))
            else { return nil }
        }
        guard let name = try lua.nameInLibraries(at: index), let library = library(ofName: name),
            let record = log.loads[library], isOutside(record.path),
            !changedModules.contains(library)
        else { return nil }
        return Array(name.utf8) + digests(ofFilesOf: library)
    }

    /// True if a library from outside the project is loaded. To find the name of a value takes much
    /// longer.
    private var hasLibraries: Bool {
        let counts = (log.loads.count, log.paths.count)
        if let known = libraries, known.counts == counts { return known.exist }
        let exist = log.loads.values.contains { !$0.isBuiltIn && isOutside($0.path) }
        libraries = (counts, exist)
        return exist
    }

    /// True for a file of a loaded module that is not in the directory of the workflow.
    private func isOutside(_ path: [UInt8]) -> Bool {
        log.paths.contains(path) && path.first == UInt8(ascii: "/")
            && !paths.name(ofGiven: path).starts(with: [PlacedPath.mark])
    }
}
