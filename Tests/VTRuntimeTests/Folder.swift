// SPDX-License-Identifier: BSD-3-Clause

import Glibc

/// A directory that is removed with its files.
final class Folder: Sendable {
    let path: String

    init(_ files: [String: String] = [:]) {
        var template = Array("/tmp/vtlua-tests-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template)!)
        for (name, text) in files { write(text, to: name) }
    }

    deinit { remove(path) }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ text: String, to name: String) {
        guard let stream = fopen(file(name), "wb") else { return }
        fputs(text, stream)
        fclose(stream)
    }
}

/// The names in a directory, without those that begin with a dot.
func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
            name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
}

private func remove(_ path: String) {
    for name in names(in: path) where unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
    rmdir(path)
}
