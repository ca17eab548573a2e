// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

extension Lua {
    /// Pushes a new table with room for so many elements and fields.
    public func pushTable(elements: Int = 0, fields: Int = 0) throws(LuaError) {
        try check(vtl_newtable(L, Int32(clamping: elements), Int32(clamping: fields)))
    }

    /// Pushes a new table that does not keep its keys alive.
    public func pushWeakTable() throws(LuaError) {
        let base = top
        do throws(LuaError) {
            try pushTable()
            try pushTable(fields: 1)
            try push("k")
            try setRawField("__mode", of: base + 2)
        } catch {
            lua_settop(L, Int32(base))
            throw error
        }
        setMetatable(of: base + 1)
    }

    /// Pushes `t[name]` of the value at `index`, asking `__index`.
    public func pushField(_ name: String, of index: Int) throws {
        try checkRun(vtl_getfield(L, Int32(index), name))
    }

    /// Takes the topmost value and sets `t[name]`, asking `__newindex`.
    public func setField(_ name: String, of index: Int) throws {
        try checkRun(vtl_setfield(L, Int32(index), name))
    }

    /// Pushes `t[key]`, asking `__index`.
    public func pushElement(_ key: Int, of index: Int) throws {
        try checkRun(vtl_geti(L, Int32(index), lua_Integer(key)))
    }

    /// Takes the topmost value and sets `t[key]`, asking `__newindex`.
    public func setElement(_ key: Int, of index: Int) throws {
        try checkRun(vtl_seti(L, Int32(index), lua_Integer(key)))
    }

    /// Replaces the key on top by `t[key]`, asking `__index`.
    public func pushIndexed(of index: Int) throws {
        try checkRun(vtl_gettable(L, Int32(index)))
    }

    /// Takes a key and above it a value, and sets `t[key]`, asking `__newindex`.
    public func setIndexed(of index: Int) throws {
        try checkRun(vtl_settable(L, Int32(index)))
    }

    /// Pushes a global variable.
    public func pushGlobal(_ name: String) throws {
        try checkRun(vtl_getglobal(L, name))
    }

    /// Takes the topmost value as a global variable.
    public func setGlobal(_ name: String) throws {
        try checkRun(vtl_setglobal(L, name))
    }

    /// `#t`, asking `__len`.
    public func length(at index: Int) throws -> Int {
        var length: lua_Integer = 0
        try checkRun(vtl_length(L, Int32(index), &length))
        return Int(length)
    }

    /// Whether the values are equal, asking `__eq`.
    public func equal(_ first: Int, _ second: Int) throws -> Bool {
        var result = false
        try checkRun(vtl_compare(L, Int32(first), Int32(second), LUA_OPEQ, &result))
        return result
    }

    /// Whether the first is less than the second, asking `__lt`.
    public func less(_ first: Int, _ second: Int) throws -> Bool {
        var result = false
        try checkRun(vtl_compare(L, Int32(first), Int32(second), LUA_OPLT, &result))
        return result
    }

    /// Replaces the topmost `count` values by their concatenation, asking `__concat`.
    public func concatenate(_ count: Int) throws {
        if count < 2 {
            if count == 0 { try push("") }
            return
        }
        try checkRun(vtl_concat(L, Int32(count)))
    }

    /// Replaces the topmost two operands (one for a minus sign) by the result, asking
    /// metamethods.
    public func arithmetic(_ operation: LuaArithmetic) throws {
        try checkRun(vtl_arith(L, operation.rawValue))
    }
}

/// The operators of ``Lua/arithmetic(_:)``.
public enum LuaArithmetic: Int32, Sendable {
    case add, subtract, multiply, modulo, power, divide, floorDivide
    case bitAnd, bitOr, bitXor, shiftLeft, shiftRight
    case negate, bitNot
}

// MARK: - Raw access

extension Lua {
    /// Pushes `t[key]` without metamethods.
    public func pushRawElement(_ key: Int, of index: Int) throws(LuaError) {
        try requireTable(index)
        try reserve(1)
        lua_rawgeti(L, Int32(index), lua_Integer(key))
    }

    /// Takes the topmost value and sets `t[key]` without metamethods.
    public func setRawElement(_ key: Int, of index: Int) throws(LuaError) {
        try requireTable(index, taking: 1)
        try check(vtl_rawseti(L, Int32(index), lua_Integer(key)))
    }

    /// Replaces the key on top by `t[key]` without metamethods.
    public func pushRawIndexed(of index: Int) {
        precondition(type(at: index) == .table, "a raw access to a value that is no table")
        lua_rawget(L, Int32(index))
    }

    /// Pushes `t[name]` without metamethods.
    public func pushRawField(_ name: String, of index: Int) throws(LuaError) {
        try requireTable(index)
        let table = absolute(index)
        try push(name)
        lua_rawget(L, Int32(table))
    }

    /// Takes the topmost value and sets `t[name]` without metamethods.
    public func setRawField(_ name: String, of index: Int) throws(LuaError) {
        try requireTable(index, taking: 1)
        let table = absolute(index)
        do {
            try push(name)
        } catch {
            pop()
            throw error
        }
        insert(at: -2)
        try setRawIndexed(of: table)
    }

    /// Takes a key and above it a value, and sets `t[key]` without metamethods.
    public func setRawIndexed(of index: Int) throws(LuaError) {
        try requireTable(index, taking: 2)
        try check(vtl_rawset(L, Int32(index)))
    }

    /// Takes the key on top and pushes the next key and its value; false and nothing at the
    /// end. Begin with nil.
    public func next(of index: Int) throws(LuaError) -> Bool {
        try requireTable(index, taking: 1)
        var more = false
        try check(vtl_next(L, Int32(index), &more))
        return more
    }

    /// Calls `body` with each pair on top: the key at -2, the value at -1. The body leaves the
    /// stack as it found it.
    public func forEachPair(of index: Int, _ body: () throws -> Void) throws {
        let table = absolute(index)
        try pushNil()
        while try next(of: table) {
            do {
                try body()
            } catch {
                pop(2)
                throw error
            }
            pop()
        }
    }

    /// Takes the table on top (or nil) as the metatable of the value at `index`.
    public func setMetatable(of index: Int) {
        precondition(
            type(at: -1) == .table || type(at: -1) == .nil, "a metatable is a table or nil")
        lua_setmetatable(L, Int32(index))
    }

    /// Lua does not look before a raw access. Drops the operands where the value is no table.
    private func requireTable(_ index: Int, taking operands: Int = 0) throws(LuaError) {
        if lua_type(L, Int32(index)) == LUA_TTABLE { return }
        let error = mismatch("table", at: index)
        pop(operands)
        throw LuaError(.argument, error.message)
    }

    /// Pushes the metatable; false and nothing if there is none.
    public func pushMetatable(of index: Int) throws(LuaError) -> Bool {
        try reserve(1)
        return lua_getmetatable(L, Int32(index)) != 0
    }

    /// Pushes the nth upvalue of the function at `index` and gives its name; nil at the end.
    public func pushUpvalue(_ n: Int, of index: Int) throws(LuaError) -> String? {
        try reserve(1)
        guard let name = lua_getupvalue(L, Int32(index), Int32(n)) else { return nil }
        return String(cString: name)
    }

    /// Takes the topmost value as the nth upvalue of the function at `index`.
    public func setUpvalue(_ n: Int, of index: Int) -> Bool {
        let function = lua_absindex(L, Int32(index))
        if lua_setupvalue(L, function, Int32(n)) != nil { return true }
        pop()
        return false
    }
}
