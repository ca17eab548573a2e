// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import LuaBridge
package import Workflow

/// What the bindings of one Lua state share: the interpreter, the modules that were described,
/// and where modules are looked for.
package final class Workspace {
    package let interpreter = Interpreter()
    /// Directories whose modules come before all others: the workflow's own, and `modules/` in it.
    private(set) var directories: [String] = []
    /// From a module's Lua table to its definition. Keys are weak.
    var definitions: LuaReference?
    /// Whether `print` is ours: from the first workflow on.
    var capturesPrint = false
    /// The metatable of modules' tables.
    var moduleMetatable: LuaReference?

    package init() {}

    /// Makes the modules next to a workflow's file the first to be found.
    package func enter(directory: String) {
        let directory = directory.isEmpty ? "." : directory
        for place in [directory, directory == "." ? "modules" : directory + "/modules"]
        where !directories.contains(place) {
            directories.append(place)
        }
    }

    /// The file of a module below the workspace's directories.
    func file(of module: String) -> String? {
        let path = module.split(separator: ".", omittingEmptySubsequences: false)
            .joined(separator: "/")
        guard !path.isEmpty, !path.hasPrefix("/"), !path.contains("//") else { return nil }
        for directory in directories {
            let start = directory == "." ? "" : directory + "/"
            for candidate in ["\(start)\(path).lua", "\(start)\(path)/init.lua"]
            where access(candidate, R_OK) == 0 {
                return candidate
            }
        }
        return nil
    }

    /// Names of modules that could be meant: those in the directories and the library's.
    func knownModules() -> [String] {
        var names = Set(StandardLibrary.modules)
        for directory in directories { collect(directory, prefix: "", depth: 0, into: &names) }
        return names.sorted()
    }

    private func collect(_ path: String, prefix: String, depth: Int, into names: inout Set<String>)
    {
        guard depth < 4, let directory = opendir(path) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(".") { continue }
            if name.hasSuffix(".lua") {
                names.insert(prefix + name.dropLast(4))
            } else if entry.pointee.d_type == UInt8(DT_DIR) {
                collect(
                    "\(path)/\(name)", prefix: "\(prefix)\(name).", depth: depth + 1, into: &names)
            }
        }
    }
}

// MARK: - Finding modules

extension Workspace {
    /// Puts a searcher before those of Lua (but behind package.preload): first the workflow's
    /// directories, then, where there are any, the library.
    func installSearcher(in lua: borrowing Lua) throws {
        try lua.pushGlobal("table")
        try lua.pushField("insert", of: -1)
        try lua.pushGlobal("package")
        try lua.pushField("searchers", of: -1)
        lua.remove(at: -2)
        try lua.push(2)
        try lua.pushConfined { [unowned self] lua in
            let name = try lua.argument(1, as: String.self)
            if let file = file(of: name) {
                try lua.load(file: file)
                try lua.push(file)
                return 2
            }
            guard !directories.isEmpty else { return 0 }
            return try StandardLibrary.search(lua)
        }
        try lua.call(arguments: 3)
        lua.pop()
    }

    /// Pushes what `require(name)` gives; a module that is not there is told in one line.
    func pushRequired(_ name: String, _ lua: borrowing Lua) throws {
        try lua.pushGlobal("require")
        try lua.push(name)
        do {
            try lua.call(arguments: 1, results: 1)
        } catch let error as LuaError where error.message.hasPrefix("module '\(name)' not found") {
            throw WorkflowError(
                "there is no module `\(name)`" + suggestion(for: name, among: knownModules())
                    + "; looked in \(directories.map { "'\($0)'" }.joined(separator: ", "))"
                    + (directories.isEmpty ? "" : ", ") + "the library and package.path")
        } catch let error as LuaError where error.message.hasPrefix("error loading module") {
            // "error loading module 'm' from file 'f':\n\tf:3: what": the last part says it all.
            var shorter = error
            if let cut = error.message.range(of: ":\n\t") {
                shorter.message = String(error.message[cut.upperBound...])
            }
            throw LuaError(.syntax, shorter.message)
        }
    }
}

extension String {
    /// The first place of `text`. (Foundation has one, and stays out.)
    func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) {
                return start..<index(start, offsetBy: text.count)
            }
            start = index(after: start)
        }
        return nil
    }

    /// What is before the last slash; empty if there is none.
    package var directoryPart: String {
        guard let slash = lastIndex(of: "/") else { return "" }
        return slash == startIndex ? "/" : String(self[..<slash])
    }
}
