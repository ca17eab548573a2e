// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem
internal import VTWorkflow

// Removing files of results that no row refers to. Only regular files with the names that the store
// gives are removed, and never through a link: a user's files in the same directories stay.

extension Store {
    /// Removes files without a result. A file is written before its row, so that a young one is left.
    ///
    /// - Parameter age: the smallest age of a removed file, in seconds.
    /// - Returns: the size of the removed files, in bytes.
    func removeOrphans(age: Double = 3600) throws -> Int {
        var wanted: Set<String> = []
        try database.run(ResultRow.blobs) { row in
            if let blob = row.optionalText(.blob) { wanted.insert(blob) }
            for array in ArrayRows.arrays(in: row.bytes(.arrays)) {
                wanted.formUnion(BlobName.names(of: array))
            }
        }
        guard let blobs = OpenDirectory(directory + "/blobs") else {
            warn("'\(directory)/blobs' is not a directory of its own; the files there stay")
            return 0
        }
        var bytes = 0
        for folder in blobs.names where folder.utf8.count == 2 && folder.isHexadecimal {
            guard let directory = OpenDirectory(folder, in: blobs) else { continue }
            for file in directory.names where file.hasPrefix(folder) && !wanted.contains(file) {
                guard let least = Self.leastAge(of: file, age),
                    let about = directory.status(of: file),
                    about.st_mode & S_IFMT == S_IFREG,
                    Clock.wall - Double(about.st_mtim.tv_sec) >= least,
                    unlinkat(directory.descriptor, file, 0) == 0
                else { continue }
                bytes += about.st_size
            }
        }
        return bytes
    }

    /// The seconds after which a file can be removed; nil for a file that is not the store's.
    private static func leastAge(of file: String, _ age: Double) -> Double? {
        if BlobName.isOne(file) { return age }
        guard let draft = Leftovers.mark(ofDraft: file), BlobName.isOne(draft.target) else {
            return nil
        }
        // A process of this or another machine may still write it.
        return draft.process.state == .ended ? 0 : max(age, 3600)
    }
}

/// Names of files of results: the digest, and an ending if the file is compressed.
enum BlobName {
    static let compressed = ".zst"
    /// The ending of the elements of an array.
    static let array = ".array"

    /// The names that the file of an array may have: as it is, which can be mapped, and compressed.
    static func names(of array: StoredArray) -> [String] {
        let name = array.digest.hexadecimal + Self.array
        return [name, name + compressed]
    }

    /// True for a name that the store gives.
    static func isOne(_ name: String) -> Bool {
        var digest = name.hasSuffix(compressed) ? name.dropLast(compressed.count) : name[...]
        if digest.hasSuffix(array) { digest = digest.dropLast(array.count) }
        return digest.utf8.count == 64 && digest.isHexadecimal
    }
}

extension StringProtocol {
    /// True for digits as a digest has them.
    fileprivate var isHexadecimal: Bool {
        utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

/// An open directory, which is no link.
private final class OpenDirectory {
    let descriptor: Int32

    convenience init?(_ path: String) { self.init(path, at: AT_FDCWD) }

    convenience init?(_ name: String, in other: OpenDirectory) {
        self.init(name, at: other.descriptor)
    }

    private init?(_ path: String, at base: Int32) {
        descriptor = openat(base, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The names in the directory.
    var names: [String] { Directory.entries(of: "/proc/self/fd/\(descriptor)").map(\.name) }

    /// Returns the status of a file, or of the link that has its name.
    func status(of name: String) -> stat? {
        var about = stat()
        return fstatat(descriptor, name, &about, AT_SYMLINK_NOFOLLOW) == 0 ? about : nil
    }
}
