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

    private static var entries: UnsafePointer<vt_stdlib_file> { vt_stdlib_files() }

    /// Adds a searcher after those of Lua, so that modules on the user's path win.
    static func install(in lua: borrowing Lua) throws {
        try lua.pushGlobal("package")
        try lua.pushField("searchers", of: -1)
        let count = try lua.length(at: -1)
        try lua.push(function: search)
        try lua.setElement(count + 1, of: -2)
        lua.pop(2)
    }

    static let search: LuaFunctionBody = { lua in
        let name = try lua.argument(1, as: String.self)
        guard let code = code(of: name) else { return 0 }
        let source = "@stdlib/" + name.split(separator: ".").joined(separator: "/") + ".lua"
        try lua.load(bytes: code, name: source)
        try lua.push(source)
        return 2
    }
}
