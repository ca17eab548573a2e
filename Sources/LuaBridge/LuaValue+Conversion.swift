// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua

extension LuaValue {
    /// Pushes the value; tables as new tables, `opaque` values as their descriptions.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        switch self {
        case .nil: try lua.pushNil()
        case .boolean(let value): try lua.push(value)
        case .integer(let value): try lua.push(value)
        case .number(let value): try lua.push(value)
        case .string(let value): try value.push(onto: lua)
        case .object(let object): try object.value.push(onto: lua)
        case .opaque(_, let description): try lua.push(description)
        case .table(let pairs):
            let base = lua.top
            do throws(LuaError) {
                try lua.pushTable(fields: pairs.count)
                for pair in pairs {
                    try pair.key.push(onto: lua)
                    try pair.value.push(onto: lua)
                    try lua.setRawIndexed(of: base + 1)
                }
            } catch {
                lua_settop(lua.L, Int32(base))
                throw error
            }
        }
    }

    /// Copies the value at `index`: up to 100 nested tables, and 10 million pairs. Arrays and frames
    /// share their memory with the copy until either is changed.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> LuaValue {
        LuaValue(lua: lua, at: index, bounds: .widest)
    }
}
