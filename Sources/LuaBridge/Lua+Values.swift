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

    /// Pushes an integer. It stays one: `1` is not `1.0`.
    @inlinable
    public func push(_ value: Int) throws(LuaError) {
        try reserve(1)
        pushReserved(value)
    }

    /// Pushes a float.
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

    /// Pushes a string of any bytes.
    public func push(bytes: UnsafeRawBufferPointer) throws(LuaError) {
        try check(vtl_pushbytes(L, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count))
    }

    /// Pushes the value that a reference holds.
    public func push(_ reference: LuaReference) throws(LuaError) {
        try reference.push(onto: self)
    }

    /// Pushes any value that knows how.
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

// Where room was made before.
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
    /// Whether the value at `index` is nil or absent.
    @inlinable
    public func isNil(at index: Int) -> Bool { lua_type(L, Int32(index)) <= LUA_TNIL }

    /// What Lua's conditions make of the value: false for nil and false only.
    @inlinable
    public func truth(at index: Int) -> Bool { lua_toboolean(L, Int32(index)) != 0 }

    /// A boolean, or nil if the value is none.
    @inlinable
    public func boolean(at index: Int) -> Bool? {
        lua_type(L, Int32(index)) == LUA_TBOOLEAN ? lua_toboolean(L, Int32(index)) != 0 : nil
    }

    /// Whether the value is a number of the integer subtype.
    @inlinable
    public func isInteger(at index: Int) -> Bool { lua_isinteger(L, Int32(index)) != 0 }

    /// A number that is an integer or a float with an exact integer value. Strings are not
    /// converted.
    @inlinable
    public func integer(at index: Int) -> Int? {
        var exact: Int32 = 0
        let value = lua_tointegerx(L, Int32(index), &exact)
        guard exact != 0, lua_type(L, Int32(index)) == LUA_TNUMBER else { return nil }
        return Int(value)
    }

    /// An integer as Lua's own functions take it: a number with an exact integer value, or a
    /// string that reads as one.
    @inlinable
    public func toInteger(at index: Int) -> Int? {
        var exact: Int32 = 0
        let value = lua_tointegerx(L, Int32(truncatingIfNeeded: index), &exact)
        return exact != 0 ? Int(value) : nil
    }

    /// A number as Lua's own functions take it: of either subtype, or a string that reads as one.
    @inlinable
    public func toNumber(at index: Int) -> Double? {
        var isNumber: Int32 = 0
        let value = lua_tonumberx(L, Int32(truncatingIfNeeded: index), &isNumber)
        return isNumber != 0 ? value : nil
    }

    /// A number of either subtype. Strings are not converted.
    @inlinable
    public func number(at index: Int) -> Double? {
        guard lua_type(L, Int32(index)) == LUA_TNUMBER else { return nil }
        return lua_tonumberx(L, Int32(index), nil)
    }

    /// Lends the bytes of a string; nil if the value is none. They stay valid while the value
    /// is on the stack.
    public func withBytes<R, Failure: Error>(
        at index: Int, _ body: (UnsafeRawBufferPointer) throws(Failure) -> R
    ) throws(Failure) -> R? {
        guard lua_type(L, Int32(index)) == LUA_TSTRING else { return nil }
        var length = 0
        let bytes = lua_tolstring(L, Int32(index), &length)
        return try body(UnsafeRawBufferPointer(start: bytes, count: length))
    }

    /// A string; nil if the value is none or its bytes are not UTF-8.
    public func string(at index: Int) -> String? {
        withBytes(at: index) { String(validating: $0, as: UTF8.self) } ?? nil
    }

    /// A string; bytes that are not UTF-8 become U+FFFD.
    public func text(at index: Int) -> String? {
        withBytes(at: index) { String(decoding: $0, as: UTF8.self) }
    }

    /// The length of a string in bytes, of a table without `__len`, of a userdata in bytes.
    public func rawLength(at index: Int) -> Int { Int(lua_rawlen(L, Int32(index))) }

    /// The value as `tostring` shows it, by `__tostring` and `__name`.
    public func display(at index: Int) throws -> String {
        try checkRun(vtl_tostring(L, Int32(index)))
        defer { pop() }
        return text(at: -1) ?? ""
    }

    /// The type's name, or `__name` of its metatable, for messages.
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
