// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Glibc

/// A directory for one test, removed when nobody holds it.
final class Folder {
    let path: String

    /// - Parameters:
    ///   - files: what is in them, by their paths; directories are made as needed.
    ///   - directories: empty ones.
    init(_ files: [String: Bytes] = [:], directories: [String] = []) throws {
        // Short: a path of more than 59 letters is shortened by Lua.
        var template = Array("/tmp/vtlua-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw SystemError("mkdtemp") }
        path = String(cString: made)
        for directory in directories { try make(directory) }
        for (name, contents) in files { try write(contents, to: name) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func make(_ directory: String) throws {
        try FileManager.default.createDirectory(
            atPath: "\(path)/\(directory)", withIntermediateDirectories: true)
    }

    func write(_ contents: Bytes, to name: String) throws {
        if let slash = name.lastIndex(of: "/") { try make(String(name[..<slash])) }
        try Data(contents.bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    /// What a file holds; nil if it is not there.
    func text(of name: String) -> String? {
        FileManager.default.contents(atPath: "\(path)/\(name)").map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Names of everything in it, sorted.
    var names: [String] {
        ((try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// Runs the program under test in it.
    func vtlua(
        _ arguments: [String], environment: [String: String?] = [:],
        timeout: Duration = hangLimit
    ) throws -> Program.Outcome {
        try program(environment).run(arguments.map { Bytes($0) }, timeout: timeout)
    }

    func vtlua(_ arguments: String...) throws -> Program.Outcome { try vtlua(arguments) }

    /// The program under test, to be started in it.
    func program(_ environment: [String: String?] = [:]) -> Program {
        var program = Program.vtlua
        program.directory = path
        program.environment = ["NO_COLOR": nil, "FORCE_COLOR": nil, "TMPDIR": nil]
        for (name, value) in environment { program.environment[name] = value }
        return program
    }
}

extension Bytes {
    /// With the name of the run, which is made up, as RRRR, and that of a process as PPPP.
    var withoutRun: String {
        text.replacing(/run [0-9A-Z]{4}\b/, with: "run RRRR")
            .replacing(/pid [0-9]+/, with: "pid PPPP")
    }
}
