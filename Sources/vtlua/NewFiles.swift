// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaTooling
import VTRuntime
import VTSystem

/// Writes the files of `vtlua new`. Existing files are not overwritten.
struct NewFiles {
    /// A line for each file written.
    private(set) var text = ""

    /// Writes a file; an existing file is an error.
    mutating func create(_ path: String, _ contents: String) throws {
        guard try write(path, contents) else {
            report("error: '\(path)' already exists; choose another name\n")
            throw ExitCode(1)
        }
    }

    /// Writes a file unless it exists.
    mutating func add(_ path: String, _ contents: String) throws {
        _ = try write(path, contents)
    }

    /// Writes the configuration files of editors, luacheck and git.
    mutating func addSettings() throws {
        try add(".luarc.json", Template.editor)
        try add(".luacheckrc", Definitions.text(of: "luacheckrc") ?? "")
        try add(".gitignore", Template.ignored)
        let isNew = access(Template.definitions, F_OK) != 0
        do {
            try Definitions.write(to: Template.definitions)
        } catch {
            report("\(text)error: \(error)\n")
            throw ExitCode(1)
        }
        if isNew { text += "wrote \(Template.definitions)/\n" }
    }

    /// Returns false if the file exists.
    private mutating func write(_ path: String, _ contents: String) throws -> Bool {
        do {
            try Directory.make(path.directoryPart)
            guard try File.create(path, contents) else { return false }
        } catch {
            // A file has the name of a directory that the path needs.
            let reason = error.number == EEXIST ? SystemError.reason(ENOTDIR) : error.reason
            report("\(text)error: cannot write '\(path)': \(reason)\n")
            throw ExitCode(1)
        }
        text += "wrote \(path)\n"
        return true
    }
}
