// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

/// The libraries from outside the project that are loaded, for the records of nodes. They are looked up
/// once for all runs of an interpreter.
final class LoadedLibraries {
    private var store: RunStore?
    /// The directory of the workflow whose runs have looked them up.
    private var directory: String?
    /// The number of loaded modules when ``found`` was made; 0: it was not made.
    private var count = 0
    private var found: [LibraryRecord] = []
    /// The modules that were looked up, each with its library if it is one.
    private var known: [String: LibraryRecord?] = [:]

    /// Returns the libraries that are loaded now, ordered by their names.
    func loaded(in store: RunStore?, _ lua: borrowing Lua) throws -> [LibraryRecord] {
        guard let store, store.isUsable else { return [] }
        self.store = store
        defer { self.store = nil }
        if store.directory != directory {
            directory = store.directory
            (count, found, known) = (0, [], [:])
        }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.pushLoaded("package")
        guard lua.type(at: -1) == .table else { return found }
        try lua.pushRawField("loaded", of: -1)
        guard lua.type(at: -1) == .table else { return found }
        var names: [String] = []
        try lua.forEachPair(of: -1) {
            if lua.type(at: -2) == .string, let name = lua.string(at: -2) { names.append(name) }
        }
        if names.count == count { return found }
        count = names.count
        found = []
        for name in names.sorted() {
            if known[name] == nil {
                try lua.pushRawField(name, of: base + 2)
                known.updateValue(library(name, lua), forKey: name)
                lua.pop()
            }
            if case .some(.some(let library)) = known[name] { found.append(library) }
        }
        return found
    }

    /// Returns the record of the loaded module on top; nil for Lua's own libraries, those of this
    /// program, and modules of the project.
    private func library(_ name: String, _ lua: borrowing Lua) -> LibraryRecord? {
        guard let store, store.moduleFile(name) == nil, !store.isBuiltIn(name),
            let file = file(of: name, "path", lua) ?? file(of: name, "cpath", lua)
        else { return nil }
        let digest = store.use { try? $0.digest(ofFile: Array(file.utf8)) }
        return LibraryRecord(
            name: name, file: file, digest: digest?.hexadecimal,
            version: version(lua) ?? Self.version(ofRock: file)
                ?? Self.installedVersion(of: name, file))
    }

    /// Returns the file that `require` finds for a name by a field of `package`.
    private func file(of name: String, _ field: String, _ lua: borrowing Lua) -> String? {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        do {
            try lua.pushLoaded("package")
            try lua.pushRawField("searchpath", of: -1)
            try lua.push(name)
            try lua.pushRawField(field, of: base + 1)
            guard lua.type(at: -3) == .function, lua.type(at: -1) == .string else { return nil }
            try lua.call(arguments: 2, results: 1)
            return lua.type(at: -1) == .string ? lua.text(at: -1) : nil
        } catch {
            return nil
        }
    }

    /// Returns the version that the library on top states.
    private func version(_ lua: borrowing Lua) -> String? {
        guard lua.type(at: -1) == .table else { return nil }
        for field in ["_VERSION", "VERSION", "version"] {
            guard (try? lua.pushRawField(field, of: -1)) != nil else { return nil }
            defer { lua.pop() }
            if lua.type(at: -1) == .string, let text = lua.text(at: -1), text.utf8.count < 100 {
                return text
            }
        }
        return nil
    }

    /// Returns the version of the rock that a file belongs to: `.../rocks-5.4/NAME/VERSION/...`.
    static func version(ofRock file: String) -> String? {
        let parts = file.split(separator: "/")
        guard let rocks = parts.firstIndex(where: { $0.hasPrefix("rocks-") }),
            rocks + 2 < parts.count
        else { return nil }
        return String(parts[rocks + 2])
    }

    /// Returns the version of the installed rock of a file such as `PREFIX/share/lua/5.4/NAME.lua`:
    /// LuaRocks has a directory `PREFIX/lib/luarocks/rocks-5.4/NAME/VERSION` for it.
    private static func installedVersion(of name: String, _ file: String) -> String? {
        guard let start = file.firstRange(of: "/lua/5.4/") else { return nil }
        let prefix = String(file[..<start.lowerBound]).directoryPart
        let first = name.split(separator: ".").first.map(String.init) ?? name
        for rock in [first, "lua-" + first, "lua" + first] {
            let versions = Directory.entries(of: "\(prefix)/lib/luarocks/rocks-5.4/\(rock)")
                .filter(\.isDirectory)
            if versions.count == 1 { return versions[0].name }
        }
        return nil
    }
}
