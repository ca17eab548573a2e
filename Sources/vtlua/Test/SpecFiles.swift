// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem
import VTWorkflow

/// Finds the specs below the given paths.
enum SpecFiles {
    struct NotFound: Error, CustomStringConvertible {
        var description: String
    }

    /// The files `*_spec.lua` in directories, sorted; a file given by its path is included in any
    /// case.
    static func find(_ paths: [String]) throws(NotFound) -> [String] {
        var found: [String] = []
        for path in paths.isEmpty ? ["."] : paths {
            var status = stat()
            guard stat(path, &status) == 0 else {
                let reason = String(cString: strerror(errno))
                let near = [".lua", "_spec.lua"].map { path + $0 }.first { stat($0, &status) == 0 }
                throw NotFound(
                    description: "cannot read '\(path)': \(reason)"
                        + (near.map { "; did you mean '\($0)'?" }
                            ?? Directory.suggestion(forMissing: path)))
            }
            if status.st_mode & S_IFMT == S_IFDIR {
                collect(path, into: &found)
            } else {
                if let objection = ScriptFile.objection(to: path) {
                    throw NotFound(description: objection)
                }
                found.append(path)
            }
        }
        guard found.isEmpty else {
            var seen: Set<String> = []
            return found.filter { seen.insert($0).inserted }
        }
        let place = paths.isEmpty ? "here" : "in \(paths.map { "'\($0)'" }.joined(separator: ", "))"
        throw NotFound(
            description: """
                there is no *_spec.lua \(place) or below
                  to write a module with a spec, run: vtlua new module NAME
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
