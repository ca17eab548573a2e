// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTWorkflow

/// The specs below the paths that were given.
enum SpecFiles {
    struct Mistake: Error, CustomStringConvertible {
        var description: String
    }

    /// `*_spec.lua` in directories, in order; a file that is named is one, whatever its name.
    static func find(_ paths: [String]) throws(Mistake) -> [String] {
        var found: [String] = []
        for path in paths.isEmpty ? ["."] : paths {
            var status = stat()
            guard stat(path, &status) == 0 else {
                throw Mistake(
                    description: "cannot read '\(path)': \(String(cString: strerror(errno)))")
            }
            if status.st_mode & S_IFMT == S_IFDIR {
                collect(path, into: &found)
            } else {
                found.append(path)
            }
        }
        guard found.isEmpty else {
            var seen: Set<String> = []
            return found.filter { seen.insert($0).inserted }
        }
        let place = paths.isEmpty ? "here" : "in \(paths.map { "'\($0)'" }.joined(separator: ", "))"
        throw Mistake(
            description: """
                there is no *_spec.lua \(place), nor below
                  vtlua new module NAME writes a module with one
                """)
    }

    private static func collect(_ directory: String, into found: inout [String]) {
        let trimmed = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        let start = directory == "." ? "" : trimmed + "/"
        for entry in Directory.entries(of: directory).sorted(by: { $0.name < $1.name })
        where !entry.name.hasPrefix(".") {
            if entry.isDirectory {
                collect(start + entry.name, into: &found)
            } else if entry.name.hasSuffix("_spec.lua") {
                found.append(start + entry.name)
            }
        }
    }
}
