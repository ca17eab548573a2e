// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

extension ModuleDefinition {
    /// Returns the metatable of each `self`, which inherits from the module's table.
    func instanceMetatable(_ lua: borrowing Lua) throws -> LuaReference {
        if let metatable { return metatable }
        try lua.pushTable(fields: 2)
        try lua.push("vt.self")
        try lua.setRawField("__name", of: -2)
        if case .script(let module) = body { try lua.push(module) } else { try lua.pushNil() }
        try lua.setRawField("__index", of: -2)
        let made = try lua.takeReference()
        metatable = made
        return made
    }
}
