// SPDX-License-Identifier: BSD-3-Clause

public import CVTLua
public import CVTLuaGuard

// MARK: - Pushing

extension Lua {
    /// Pushes nil.
    @inlinable
    public func pushNil() throws(LuaError) {
        try reserve(1)
        lua_pushnil(L)
    }

    /// Pushes a boolean.
    @inlinable
    public func push(_ value: Bool) throws(LuaError) {
        try reserve(1)
        pushReserved(value)
    }

    /// Pushes a number of the integer subtype: `1`, not `1.0`.
    @inlinable
    public func push(_ value: Int) throws(LuaError) {
        try reserve(1)
        pushReserved(value)
    }

    /// Pushes a number of the float subtype.
    @inlinable
    public func push(_ value: Double) throws(LuaError) {
        try reserve(1)
        pushReserved(value)
    }

    /// Pushes a string as UTF-8.
    public func push(_ value: String) throws(LuaError) {
        var value = value
        let status = value.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { vtl_pushbytes(L, $0.baseAddress, $0.count) }
        }
        try check(status)
    }

    /// Pushes a string of arbitrary bytes.
    public func push(bytes: UnsafeRawBufferPointer) throws(LuaError) {
        try check(vtl_pushbytes(L, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count))
    }

    /// Pushes the value that a reference holds.
    public func push(_ reference: LuaReference) throws(LuaError) {
        try reference.push(onto: self)
    }

    /// Pushes a value of any type that is ``LuaPushable``.
    public func push(any value: some LuaPushable) throws(LuaError) {
        try reserve(1)
        try value.push(onto: self)
    }

    /// Pushes the table of globals.
    public func pushGlobals() throws(LuaError) {
        try reserve(1)
        vtl_pushglobals(L)
    }
}

// The caller has reserved a slot.
extension Lua {
    @inlinable
    func pushReserved(_ value: Bool) { lua_pushboolean(L, value ? 1 : 0) }
    @inlinable
    func pushReserved(_ value: Int) { lua_pushinteger(L, lua_Integer(value)) }
    @inlinable
    func pushReserved(_ value: Double) { lua_pushnumber(L, value) }
}

// MARK: - Reading

extension Lua {
    /// True if the value at `index` is nil or absent.
    @inlinable
    public func isNil(at index: Int) -> Bool { lua_type(L, Int32(index)) <= LUA_TNIL }

    /// The value as a condition: false for nil and false only.
    @inlinable
    public func truth(at index: Int) -> Bool { lua_toboolean(L, Int32(index)) != 0 }

    /// The boolean at `index`; nil if the value is not a boolean.
    @inlinable
    public func boolean(at index: Int) -> Bool? {
        lua_type(L, Int32(index)) == LUA_TBOOLEAN ? lua_toboolean(L, Int32(index)) != 0 : nil
    }

    /// True if the value at `index` is a number of the integer subtype.
    @inlinable
    public func isInteger(at index: Int) -> Bool { lua_isinteger(L, Int32(index)) != 0 }

    /// The integer at `index`, or the value of a float that is integral. Nil for other values:
    /// strings are not converted.
    @inlinable
    public func integer(at index: Int) -> Int? {
        var exact: Int32 = 0
        let value = lua_tointegerx(L, Int32(index), &exact)
        guard exact != 0, lua_type(L, Int32(index)) == LUA_TNUMBER else { return nil }
        return Int(value)
    }

    /// The value at `index`, converted to an integer as Lua's own functions do: an integral number,
    /// or a string that contains one. Otherwise nil.
    @inlinable
    public func toInteger(at index: Int) -> Int? {
        var exact: Int32 = 0
        let value = lua_tointegerx(L, Int32(truncatingIfNeeded: index), &exact)
        return exact != 0 ? Int(value) : nil
    }

    /// The value at `index`, converted to a number as Lua's own functions do: a number, or a string
    /// that contains one. Otherwise nil.
    @inlinable
    public func toNumber(at index: Int) -> Double? {
        var isNumber: Int32 = 0
        let value = lua_tonumberx(L, Int32(truncatingIfNeeded: index), &isNumber)
        return isNumber != 0 ? value : nil
    }

    /// The number at `index`, of either subtype. Nil for other values: strings are not converted.
    @inlinable
    public func number(at index: Int) -> Double? {
        guard lua_type(L, Int32(index)) == LUA_TNUMBER else { return nil }
        return lua_tonumberx(L, Int32(index), nil)
    }

    /// Calls `body` with the bytes of the string at `index`; nil if the value is not a string. The
    /// bytes are valid while the value is on the stack.
    public func withBytes<R, Failure: Error>(
        at index: Int, _ body: (UnsafeRawBufferPointer) throws(Failure) -> R
    ) throws(Failure) -> R? {
        guard lua_type(L, Int32(index)) == LUA_TSTRING else { return nil }
        var length = 0
        let bytes = lua_tolstring(L, Int32(index), &length)
        return try body(UnsafeRawBufferPointer(start: bytes, count: length))
    }

    /// The string at `index`; nil if the value is not a string, or not UTF-8.
    public func string(at index: Int) -> String? {
        withBytes(at: index) { String(validating: $0, as: UTF8.self) } ?? nil
    }

    /// The string at `index`, with invalid UTF-8 replaced by U+FFFD; nil if the value is not a
    /// string.
    public func text(at index: Int) -> String? {
        withBytes(at: index) { String(decoding: $0, as: UTF8.self) }
    }

    /// The length without metamethods: the bytes of a string or userdata, the elements of a table.
    public func rawLength(at index: Int) -> Int { Int(lua_rawlen(L, Int32(index))) }

    /// The result of `tostring`. May call `__tostring`.
    public func display(at index: Int) throws -> String {
        try checkRun(vtl_tostring(L, Int32(index)))
        defer { pop() }
        return text(at: -1) ?? ""
    }

    /// The name of the value's type in messages: `__name` of its metatable, or the basic type.
    public func typeName(at index: Int) -> String {
        let type = type(at: index)
        guard type == .userdata || type == .table, lua_checkstack(L, 2) != 0,
            lua_getmetatable(L, Int32(index)) != 0
        else { return type.name }
        let table = lua_gettop(L)
        defer { lua_settop(L, table - 1) }
        guard vtl_pushbytes(L, "__name", 6) == LUA_OK else { return type.name }
        lua_rawget(L, table)
        return text(at: -1) ?? type.name
    }
}
