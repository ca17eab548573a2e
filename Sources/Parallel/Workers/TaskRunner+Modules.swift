// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The search path of a worker that serves several callers, one after another.
struct ModulePlaces {
    /// The worker's own path and modules, before the first caller.
    private var own: (path: String, loaded: Set<String>)?
    private var current: ModuleSource?
    /// The caller's modules that are in no file, and the function that removes them.
    private var installed: (bytes: [UInt8], remove: LuaReference)?

    /// Makes `require` find the modules whose bytes are the string at `index`, in place of earlier ones.
    mutating func install(at index: Int, _ lua: borrowing Lua) throws {
        let bytes = lua.withBytes(at: index) { Array($0) } ?? []
        if installed?.bytes == bytes { return }
        try remove(lua)
        if let modules = try SentModules.decoded(bytes) {
            installed = (bytes, try modules.install(lua))
        }
    }

    private mutating func remove(_ lua: borrowing Lua) throws {
        guard let installed else { return }
        self.installed = nil
        lua.setInheritedModules(nil)
        try lua.push(installed.remove)
        try lua.call(arguments: 0)
    }

    /// Makes `require` search this caller's path. Modules that an earlier caller's tasks have
    /// loaded are loaded again: they may differ.
    mutating func use(_ source: ModuleSource, _ lua: borrowing Lua) throws {
        guard source != current else { return }
        let top = lua.top
        defer { lua.pop(lua.top - top) }
        try lua.pushLoaded("package")
        guard lua.type(at: -1) == .table else { return }
        let package = lua.top
        try lua.pushLoadedModules()
        let loaded = lua.top
        let own = try self.own ?? (path: path(package, lua), loaded: names(loaded, lua))
        self.own = own
        if let current, current.client != source.client {
            try remove(lua)
            for name in try names(loaded, lua).subtracting(own.loaded) {
                try lua.pushNil()
                try lua.setRawField(name, of: loaded)
            }
        }
        try lua.push(source.path.isEmpty ? own.path : source.path + ";" + own.path)
        try lua.setRawField("path", of: package)
        current = source
    }

    private func path(_ package: Int, _ lua: borrowing Lua) throws -> String {
        try lua.pushRawField("path", of: package)
        defer { lua.pop() }
        return lua.text(at: -1) ?? ""
    }

    private func names(_ loaded: Int, _ lua: borrowing Lua) throws -> Set<String> {
        var names: Set<String> = []
        try lua.forEachPair(of: loaded) {
            if lua.type(at: -2) == .string, let name = lua.string(at: -2) { names.insert(name) }
        }
        return names
    }
}
