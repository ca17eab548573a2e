// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// The identity, the size and the times of a file. They change when its content does.
struct FileStatus: Hashable {
    /// The kind of a file.
    enum Kind: Hashable { case regular, directory, other }

    var kind: Kind
    var device: UInt
    var inode: UInt
    var size: Int
    /// The times of the last change of the content and of the inode, in nanoseconds since 1970.
    var modified: Int
    var changed: Int

    /// The status of the file at a path; nil if there is none.
    init?(_ path: [UInt8]) {
        var about = stat()
        guard path.withPath({ stat($0, &about) }) == 0 else { return nil }
        self.init(about)
    }

    init(_ about: stat) {
        kind =
            switch about.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            default: .other
            }
        device = UInt(about.st_dev)
        inode = UInt(about.st_ino)
        size = Int(about.st_size)
        modified = about.st_mtim.tv_sec * 1_000_000_000 + about.st_mtim.tv_nsec
        changed = about.st_ctim.tv_sec * 1_000_000_000 + about.st_ctim.tv_nsec
    }

    /// True if the file last changed more than two seconds ago: a change from now on would change the
    /// times, however coarse the file system's clock is.
    var isSettled: Bool { Int(Clock.wallNanoseconds) - max(modified, changed) > 2_000_000_000 }

    /// The fields as bytes.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for field in [Int(bitPattern: device), Int(bitPattern: inode), size, modified, changed] {
            withUnsafeBytes(of: field) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}

extension [UInt8] {
    /// Calls `body` with the bytes as the path of a C function.
    func withPath<R>(_ body: (UnsafePointer<CChar>) -> R) -> R {
        let path = self + [0]
        return path.withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
    }

    /// The path without `.`, `..` and repeated slashes, made absolute by a directory.
    package func absolutePath(in directory: [UInt8]) -> [UInt8] {
        let slash = UInt8(ascii: "/")
        let whole = first == slash ? self : directory + [slash] + self
        var parts: [ArraySlice<UInt8>] = []
        for part in whole.split(separator: slash) {
            switch part.count {
            case 1 where part.first == UInt8(ascii: "."): continue
            case 2 where part.elementsEqual("..".utf8): _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return parts.isEmpty ? [slash] : parts.flatMap { [slash] + $0 }
    }

    /// The working directory of the process.
    package static var workingDirectory: [UInt8] {
        guard let path = getcwd(nil, 0) else { return [] }
        defer { free(path) }
        return Array(UnsafeRawBufferPointer(start: path, count: strlen(path)))
    }

    /// The sorted names in the directory of this path; nil if it cannot be read.
    var namesInDirectory: [[UInt8]]? {
        guard let directory = withPath({ opendir($0) }) else { return nil }
        defer { closedir(directory) }
        var names: [[UInt8]] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { start in
                start.withMemoryRebound(to: UInt8.self, capacity: 256) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen(start)))
                }
            }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// The bytes as text for messages.
    var text: String { String(decoding: self, as: UTF8.self) }
}
