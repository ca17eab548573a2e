// SPDX-License-Identifier: BSD-3-Clause

internal import CVTShipping
public import VTLuaBridge

extension Lua {
    /// Indexes the loaded modules and their functions, which are encoded by name.
    ///
    /// Call it after a state was opened and before a script runs: a field that a script adds to a
    /// library later is not part of the library in other states, and is encoded as a value. The
    /// call is cheap when no module was loaded since the last one.
    ///
    /// - Throws: `LuaError` with code `memory` or `stackOverflow`.
    public func openShipping() throws { try checkRun(vts_open(L)) }

    /// True if the value at `index` was in the index of names when that was last updated, so that it is
    /// encoded by name.
    package func isNamed(at index: Int) -> Bool { vts_is_named(L, Int32(index)) }

    /// Takes the metatable on top and registers it as a class.
    ///
    /// Tables with this metatable can then be encoded. When they are decoded, they get the
    /// metatable that the receiving state has registered under the same name. A later registration
    /// under the same name replaces the earlier one.
    ///
    /// - Throws: `LuaError` if the value is not a table, or with code `memory`.
    public func registerClass(_ name: String) throws {
        var name = name
        let status = name.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) {
                vts_register_class(L, $0.baseAddress, $0.count)
            }
        }
        try checkRun(status)
    }

    /// Registers the metatable as a class while `body` runs. The receiving state must have registered
    /// one under the same name.
    package func withClass<R>(
        _ name: String, _ metatable: LuaReference, _ body: () throws -> R
    ) throws -> R {
        try push(metatable)
        try registerClass(name)
        let result = Result(catching: body)
        var name = name
        let status = name.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { vts_forget_class(L, $0.baseAddress, $0.count) }
        }
        try checkRun(status)
        return try result.get()
    }

    /// Pushes a list of the registered metatables that are not fields of a module.
    ///
    /// A receiver that lacks these classes must get their definitions with the values.
    ///
    /// - Throws: `LuaError` with code `memory`.
    public func pushClasses() throws { try checkRun(vts_push_classes(L)) }
}
