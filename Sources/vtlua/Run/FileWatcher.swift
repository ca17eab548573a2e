// SPDX-License-Identifier: BSD-3-Clause

import VTSystem

/// Waits until one of several files or directories changes (inotify).
///
/// The directories of the files are watched, not the files: most editors write another file and rename
/// it.
final class FileWatcher {
    private let descriptor: Int32
    private var directories: [Int32: String] = [:]
    private let paths: Set<String>
    /// Directories in which each change of a name counts.
    private let listed: Set<String>
    private let anyScripts: Bool
    /// The names in directories in which each new file counts.
    private var known: [String: Set<String>] = [:]

    /// - Parameters:
    ///   - paths: absolute paths of files and directories.
    ///   - scriptsIn: directories in which a change of each `.lua` file counts.
    ///   - newIn: directories in which each new file counts, but for hidden ones and copies of editors.
    init(_ paths: Set<String>, scriptsIn: [String] = [], newIn: [String] = []) throws {
        self.paths = paths
        anyScripts = !scriptsIn.isEmpty
        for directory in newIn {
            known[directory] = Set(Directory.entries(of: directory).map(\.name))
        }
        listed = paths.filter(Directory.isDirectory)
        descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard descriptor >= 0 else { throw SystemError("cannot watch files", errno) }
        let events =
            IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_DELETE_SELF
        for directory in Set(paths.map(\.parent)).union(listed).union(scriptsIn).union(newIn) {
            // Of a directory that is not there, the next one above.
            var directory = directory
            while !Directory.isDirectory(directory), directory != "/" {
                directory = directory.parent
            }
            let number = inotify_add_watch(descriptor, directory, UInt32(events))
            if number >= 0 { directories[number] = directory }
        }
    }

    deinit { close(descriptor) }

    /// The time that several changes of one action have to arrive, in milliseconds.
    private static let pause: UInt32 = 15

    /// Waits for a change. Returns the path; nil when `isWanted` returns false.
    func wait(while isWanted: () -> Bool) -> String? {
        var found: String?
        while isWanted() {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = poll(&waiting, 1, found == nil ? 100 : Int32(Self.pause))
            if count <= 0 {
                if found != nil { return found }
                continue
            }
            if let changed = read() { found = found ?? changed }
        }
        return nil
    }

    /// Reads events; returns the first path that counts.
    private func read() -> String? {
        var found: String?
        withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 8) { block in
            while true {
                let count = VTSystem.read(descriptor, block.baseAddress, block.count)
                guard count > 0 else { return }
                var offset = 0
                while offset < count {
                    let event = block.load(fromByteOffset: offset, as: inotify_event.self)
                    let start = offset + MemoryLayout<inotify_event>.size
                    let name = String(
                        decoding: block[start..<start + Int(event.len)].prefix { $0 != 0 },
                        as: UTF8.self)
                    offset = start + Int(event.len)
                    if found == nil { found = path(event.wd, name) }
                }
            }
        }
        return found
    }

    private func path(_ watch: Int32, _ name: String) -> String? {
        guard let directory = directories[watch] else { return nil }
        let path = directory == "/" ? "/" + name : directory + "/" + name
        if paths.contains(path) || listed.contains(directory) { return path }
        if anyScripts, name.hasSuffix(".lua") { return path }
        if let known = known[directory], !known.contains(name), !name.hasPrefix("."),
            !name.hasSuffix("~"), File.exists(path)
        {
            return path
        }
        // A directory on the way to a file appears.
        return paths.contains { $0.hasPrefix(path + "/") } ? path : nil
    }
}

extension String {
    /// The directory that holds the file of this absolute path.
    fileprivate var parent: String {
        guard let slash = lastIndex(of: "/"), slash > startIndex else { return "/" }
        return String(self[..<slash])
    }
}
