// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc
import VTRuntime

/// The files that `new` writes: none over one that is there.
struct NewFiles {
    /// What was written, a line each.
    private(set) var text = ""

    /// Writes a file; an error if it is there.
    mutating func create(_ path: String, _ contents: String) throws {
        guard try write(path, contents) else {
            report("error: cannot write '\(path)': it is there already; choose another name\n")
            throw ExitCode(1)
        }
    }

    /// Writes a file, if it is not there.
    mutating func add(_ path: String, _ contents: String) throws {
        _ = try write(path, contents)
    }

    /// What editors, luacheck and git read.
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

    /// False if the file is there already.
    private mutating func write(_ path: String, _ contents: String) throws -> Bool {
        makeDirectories(of: path)
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        if file < 0, errno == EEXIST { return false }
        let number = file < 0 ? errno : writeAll(contents, to: file)
        if file >= 0 { close(file) }
        guard let number else {
            text += "wrote \(path)\n"
            return true
        }
        if file >= 0 { unlink(path) }
        report("\(text)error: cannot write '\(path)': \(String(cString: strerror(number)))\n")
        throw ExitCode(1)
    }

    private func makeDirectories(of path: String) {
        var directory = ""
        for part in path.split(separator: "/").dropLast() {
            directory += directory.isEmpty ? String(part) : "/\(part)"
            mkdir(directory, 0o777)
        }
    }
}
