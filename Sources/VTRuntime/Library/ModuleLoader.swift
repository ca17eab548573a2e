// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

/// Serves the source code of modules that are in no directory of the user: from memory, or from a
/// directory of the host such as the resources of its bundle.
///
/// ```swift
/// var options = Runtime.Options()
/// options.loader = .memory(["img.blur": source])
/// ```
///
/// A module that a script requires is looked up here first, then in files and in the library.
public struct ModuleLoader: Sendable {
    private let find: @Sendable (String) throws -> String?

    /// Creates a loader from a function that returns the source code of a module, or nil if it has none of
    /// that name. It is called on the thread of the state that requires the module, which may be a
    /// worker's.
    public init(_ find: @escaping @Sendable (String) throws -> String?) { self.find = find }

    /// Serves modules from a dictionary of their source code, by name.
    public static func memory(_ modules: [String: String]) -> ModuleLoader {
        ModuleLoader { modules[$0] }
    }

    /// Serves the files of a directory: `a.b` is `a/b.lua` or `a/b/init.lua`. Links that lead out of the
    /// directory are followed.
    public static func directory(_ path: String) -> ModuleLoader {
        ModuleLoader { name in
            guard let file = ModuleFiles.file(of: name, in: [path]) else { return nil }
            if let objection = ScriptFile.objection(to: file) {
                throw LuaError(.file, "module `\(name)`: \(objection)")
            }
            return File.text(file)
        }
    }

    /// The beginning of what `require` returns as the place of a module, before a hash of its code.
    static let mark = ":memory:"

    /// Pushes the function of a module and its place, as a searcher returns them.
    func search(_ lua: borrowing Lua) throws -> LuaReturn {
        let name = try lua.argument(1, as: String.self)
        guard let source = try find(name) else { return 0 }
        let path = name.split(separator: ".", omittingEmptySubsequences: false).joined(
            separator: "/")
        if source.utf8.first == UInt8(ascii: "\u{1B}") {
            throw LuaError(.syntax, "module `\(name)` is bytecode; it must be source code")
        }
        try lua.load(source, name: "@\(path).lua")
        try lua.push(Self.mark + SHA256.hexadecimal(of: source))
        return 2
    }

    /// Adds the loader as the searcher after the one of `package.preload`.
    func install(in lua: borrowing Lua) throws {
        try lua.push { lua in try search(lua) }
        try lua.insertSearcher()
    }

    /// Returns the place of a module as `require` returns it; nil if the loader has none of that name.
    func place(of name: String) -> String? {
        guard let source = try? find(name) else { return nil }
        return Self.mark + SHA256.hexadecimal(of: source)
    }
}
