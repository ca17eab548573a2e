// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

// The files that modules have made without a path from the user: each is in a directory of `files` with a
// name by its content.

extension Store {
    /// Removes those directories to which no result refers.
    ///
    /// - Parameter age: the smallest age of a removed directory, in seconds.
    /// - Returns: the size of the removed files, in bytes.
    func removeUnusedFiles(age: Double = 3600) throws -> Int {
        let place = directory + "/files"
        var about = stat()
        guard lstat(place, &about) == 0, about.st_mode & S_IFMT == S_IFDIR else { return 0 }
        var wanted: Set<String> = []
        try database.run(ResultRow.madeFiles) {
            wanted.formUnion(Self.contentNames(in: $0.bytes(.products)))
        }
        var bytes = 0
        for entry in Directory.entries(of: place)
        where entry.isDirectory && Self.isContentName(entry.name) && !wanted.contains(entry.name) {
            let path = "\(place)/\(entry.name)"
            guard lstat(path, &about) == 0, Clock.wall - Double(about.st_mtim.tv_sec) >= age
            else { continue }
            bytes += Self.size(of: path)
            Directory.removeTree(path)
        }
        return bytes
    }

    /// The names after `/files/` in the paths of a result's products.
    private static func contentNames(in products: [UInt8]) -> [String] {
        let start = Array("/files/".utf8)
        var names: [String] = []
        for position in products.indices
        where products[position] == start[0] && products[position...].starts(with: start) {
            let name = products[(position + start.count)...].prefix(nameLength)
            names.append(String(decoding: name, as: UTF8.self))
        }
        return names
    }

    private static let nameLength = 16

    private static func isContentName(_ name: String) -> Bool {
        name.utf8.count == nameLength
            && name.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private static func size(of path: String) -> Int {
        Directory.entries(of: path).reduce(0) { sum, entry in
            if entry.isDirectory { return sum + size(of: "\(path)/\(entry.name)") }
            var about = stat()
            return lstat("\(path)/\(entry.name)", &about) == 0 ? sum + about.st_size : sum
        }
    }
}
