// SPDX-License-Identifier: BSD-3-Clause

internal import CVTDefinitions
internal import CVTStdlib
internal import Glibc
internal import VTRuntime

/// The type definitions of `vt`, `parallel` and the library that editors and luacheck read,
/// embedded in the program.
package enum Definitions {
    /// Returns the text of a file, such as `vt.lua`.
    package static func text(of file: String) -> String? {
        for (name, text) in files where name == file { return text }
        return nil
    }

    static var files: [(name: String, text: String)] {
        var files: [(String, String)] = []
        var file: UnsafePointer<vt_stdlib_file> = vt_definition_files()
        while let name = file.pointee.name {
            let code = UnsafeRawBufferPointer(
                start: file.pointee.code, count: file.pointee.length)
            files.append((String(cString: name), String(decoding: code, as: UTF8.self)))
            file += 1
        }
        return files
    }

    /// The lines of all Lua files.
    static var lines: [Substring] {
        files.filter { $0.name.hasSuffix(".lua") }.flatMap {
            $0.text.split(separator: "\n", omittingEmptySubsequences: false)
        }
    }

    /// An error of writing the files.
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    /// Writes all files to a directory, which is created if it does not exist. Files of another
    /// release are replaced.
    package static func write(to directory: String) throws(Failure) {
        var made = directory.hasPrefix("/") ? "/" : ""
        for part in directory.split(separator: "/") {
            made += made.isEmpty || made == "/" ? String(part) : "/\(part)"
            guard mkdir(made, 0o777) == 0 || errno == EEXIST else { throw failure(made) }
        }
        for (name, text) in files {
            let path = "\(directory)/\(name)"
            let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
            guard file >= 0 else { throw failure(path) }
            defer { close(file) }
            if let number = writeAll(text, to: file) {
                errno = number
                throw failure(path)
            }
        }
    }

    private static func failure(_ path: String) -> Failure {
        Failure(description: "cannot write '\(path)': \(String(cString: strerror(errno)))")
    }
}
