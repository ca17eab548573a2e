// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTWorkflow

// The library runs in an environment of its own, a copy of the globals that a new state has. A
// script that sets `string` or `require` to another value changes nothing for the library. Its
// `require` finds the library's own modules first, also where a file of the user has the same name.

extension StandardLibrary {
    /// The name of the loaded module that has the environment in a field. Functions of the library
    /// refer to it by these names when they travel to a worker. In the module itself, the functions of
    /// the environment would get its name in tracebacks.
    static let environmentName = "vt.library"
    static let environmentField = "environment"

    /// Pushes the environment of the library.
    static func pushOwnEnvironment(_ lua: borrowing Lua) throws {
        try lua.pushLoaded(environmentName)
        try lua.pushRawField(environmentField, of: -1)
        lua.remove(at: -2)
    }

    /// `require "vt.library.json"` gives the library's `json` where a file of the user has that
    /// name.
    static let privatePrefix = "vt.library."

    /// Pushes a new environment. Its metatable holds the modules that are loaded, and reads names
    /// that a new state does not have from the globals.
    static func pushEnvironment(_ lua: borrowing Lua) throws {
        try lua.pushTable(fields: 32)
        let environment = lua.top
        try lua.pushGlobals()
        try lua.forEachPair(of: -1) {
            // `print` is redirected later, for everyone.
            if lua.string(at: -2) == "print" { return }
            try lua.pushValue(at: -2)
            try lua.pushValue(at: -2)
            try lua.setRawIndexed(of: environment)
        }
        lua.pop()
        try lua.push(function: require)
        try lua.setRawField("require", of: environment)
        if lua.libraries != .all {
            try lua.completeEnvironment()
        }
        try lua.pushTable(fields: 2)
        try lua.pushGlobals()
        try lua.setRawField("__index", of: -2)
        try lua.pushTable(fields: 8)
        try lua.setRawField(modulesField, of: -2)
        lua.setMetatable(of: environment)
    }

    private static let modulesField = "modules"

    /// The `require` of the library: its own modules, then those of a script's `require`.
    private static let require: LuaFunctionBody = { lua in
        let name = try lua.argument(1, as: String.self)
        if code(of: name) != nil {
            try pushModule(name, lua)
        } else {
            try lua.pushLoaded(name)
            if lua.isNil(at: -1) { throw lua.error("the library has no module `\(name)`") }
        }
        return 1
    }

    /// Pushes a module of the library, which is loaded when it is first needed.
    package static func pushModule(_ name: String, _ lua: borrowing Lua) throws {
        let base = lua.top
        try pushOwnEnvironment(lua)
        guard try lua.pushMetatable(of: -1) else { return }
        try lua.pushRawField(modulesField, of: -1)
        let modules = lua.top
        try lua.pushRawField(name, of: modules)
        if lua.isNil(at: -1), let code = code(of: name) {
            lua.pop()
            try lua.load(bytes: code, name: source(of: name))
            try lua.pushValue(at: base + 1)
            _ = lua.setUpvalue(1, of: -2)
            try lua.push(name)
            try lua.push(source(of: name))
            try lua.call(arguments: 2, results: 1)
            try lua.pushValue(at: -1)
            try lua.setRawField(name, of: modules)
            try addToLoaded(name, lua)
        }
        lua.insert(at: base + 1)
        try lua.setTop(base + 1)
    }

    /// Adds the module on top to the loaded modules: by its name where a script's `require` would
    /// find it, else by its private name. Values in it can then travel by name.
    private static func addToLoaded(_ name: String, _ lua: borrowing Lua) throws {
        // Scripts would get a module that they may not use.
        if lua.libraries.objection(to: name) != nil { return }
        let module = lua.top
        defer { try? lua.setTop(module) }
        try lua.pushLoadedModules()
        try lua.pushRawField(name, of: -1)
        let isTaken = !lua.isNil(at: -1) && !lua.rawEqual(-1, module)
        lua.pop()
        try lua.pushValue(at: module)
        let isHidden = try isTaken || isHidden(name, lua)
        let name = isHidden ? privatePrefix + name : name
        try lua.setRawField(name, of: module + 1)
        // No script has put it there.
        try lua.acceptEnvironment("loaded", name)
        try lua.noteLoaded(name)
    }

    /// Returns true if a script's `require` would find another module of that name.
    private static func isHidden(_ name: String, _ lua: borrowing Lua) throws -> Bool {
        let top = lua.top
        defer { try? lua.setTop(top) }
        try lua.pushLoaded("package")
        guard lua.type(at: -1) == .table else { return false }
        try lua.pushRawField("searchers", of: -1)
        let searchers = lua.top
        guard lua.type(at: searchers) == .table else { return false }
        var position = 1
        while true {
            try lua.pushRawElement(position, of: searchers)
            if lua.isNil(at: -1) { return false }
            try lua.push(name)
            do {
                try lua.call(arguments: 1, results: 2)
            } catch is LuaError {
                return true  // a file that does not compile
            }
            if lua.type(at: -2) == .function {
                return lua.string(at: -1)?.hasPrefix(sourcePrefix) != true
            }
            lua.pop(2)
            position += 1
        }
    }
}
