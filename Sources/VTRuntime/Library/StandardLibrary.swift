// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStdlib
internal import VTLuaBridge

/// The modules of the library that are written in Lua, embedded in the program.
package enum StandardLibrary {
    /// Returns the code of a module, in the program's read-only memory; nil if there is none.
    package static func code(of module: String) -> UnsafeRawBufferPointer? {
        var file = entries
        while let name = file.pointee.name {
            if module == String(cString: name) {
                return UnsafeRawBufferPointer(start: file.pointee.code, count: file.pointee.length)
            }
            file += 1
        }
        return nil
    }

    /// The names of all modules.
    package static var modules: [String] {
        var names: [String] = []
        var file = entries
        while let name = file.pointee.name {
            names.append(String(cString: name))
            file += 1
        }
        return names
    }

    /// The names of the modules that users may require. Those of internal parts have an underscore,
    /// and no dot.
    package static var publicModules: [String] {
        modules.filter { $0.contains(".") || !$0.contains("_") }
    }

    /// The names of the functions of a library, as its code writes them: `function csv.read(`.
    package static func functions(of module: String) -> [String] {
        guard let code = code(of: module) else { return [] }
        let start = "function \(module)."
        return String(decoding: code, as: UTF8.self).split(separator: "\n").compactMap { line in
            guard line.hasPrefix(start) else { return nil }
            return line.dropFirst(start.count).split(separator: "(").first.map(String.init)
        }
    }

    private static var entries: UnsafePointer<vt_stdlib_file> { vt_stdlib_files() }

    /// Makes the library's environment, and adds a searcher after those of Lua, so that a script's
    /// `require` prefers modules on the user's path.
    static func install(in lua: borrowing Lua) throws {
        try pushEnvironment(lua)
        try lua.pushLoadedModules()
        try lua.pushTable(fields: 1)
        try lua.pushValue(at: -3)
        try lua.setRawField(environmentField, of: -2)
        try lua.setRawField(environmentName, of: -2)
        try lua.noteLoaded(environmentName)
        lua.pop(2)
        try lua.pushLoaded("package")
        try lua.pushField("searchers", of: -1)
        let count = try lua.length(at: -1)
        try lua.push(function: search)
        try lua.setElement(count + 1, of: -2)
        lua.pop(2)
    }

    /// Finds a module of the library for `require`, also by its private name.
    static let search: LuaFunctionBody = { lua in
        let whole = try lua.argument(1, as: String.self)
        let isPrivate = whole.hasPrefix(privatePrefix)
        let name = isPrivate ? String(whole.dropFirst(privatePrefix.count)) : whole
        guard code(of: name) != nil else { return 0 }
        if let reason = lua.libraries.objection(to: name) {
            throw lua.error(
                LuaLibraries.refusal(of: "the library `\(name)`", because: reason), level: 2)
        }
        try lua.push { lua in
            try pushModule(name, lua)
            return 1
        }
        try lua.push(source(of: name))
        return 2
    }

    static func source(of module: String) -> String {
        sourcePrefix + module.split(separator: ".").joined(separator: "/") + ".lua"
    }

    static let sourcePrefix = "@stdlib/"
}

extension Lua {
    /// Pops the function on top and makes it the searcher of `require` after the one of `package.preload`.
    func insertSearcher() throws {
        let searcher = top
        try pushLoaded("package")
        try pushField("searchers", of: -1)
        let count = try length(at: -1)
        for position in stride(from: count, to: 1, by: -1) {
            try pushElement(position, of: -1)
            try setElement(position + 1, of: -2)
        }
        try pushValue(at: searcher)
        try setElement(2, of: -2)
        pop(3)
    }
}
