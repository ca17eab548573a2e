// SPDX-License-Identifier: BSD-3-Clause

internal import CVTDefinitions
internal import CVTStdlib
internal import VTRuntime
internal import VTSystem

/// The type definitions of `vt`, `parallel` and the library that editors and luacheck read,
/// embedded in the program.
public enum Definitions {
    /// Returns the text of a file, such as `array.lua`, followed by those of its parts, such as
    /// `array_numbers.lua`.
    public static func text(of file: String) -> String? {
        guard let first = files.first(where: { $0.name == file }) else { return nil }
        let start = (file.hasSuffix(".lua") ? String(file.dropLast(4)) : file) + "_"
        return files.reduce(first.text) { $1.name.hasPrefix(start) ? $0 + $1.text : $0 }
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
    public struct Failure: Error, CustomStringConvertible {
        /// The path of the file, and the reason.
        public var description: String
    }

    /// Writes all files to a directory, which is created if it does not exist. Files of another
    /// release are replaced.
    public static func write(to directory: String) throws(Failure) {
        do {
            try Directory.make(directory)
            for (name, text) in files { try File.replace("\(directory)/\(name)", by: text) }
        } catch {
            // A file has the name of a directory that the path needs.
            let reason = error.number == EEXIST ? SystemError.reason(ENOTDIR) : error.reason
            throw Failure(description: "cannot write '\(error.path ?? directory)': \(reason)")
        }
    }
}
