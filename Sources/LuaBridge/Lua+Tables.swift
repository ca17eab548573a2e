// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// The parts of a table that it does not keep alive.
public enum LuaWeakness: String, Sendable {
    /// The keys.
    case keys = "k"
    /// The values.
    case values = "v"
    /// The keys and the values.
    case both = "kv"
}

extension Lua {
    /// Pushes a new table.
    ///
    /// - Parameters:
    ///   - elements: the number of list elements to reserve memory for.
    ///   - fields: the number of other fields to reserve memory for.
    /// - Throws: ``LuaError`` with code `memory`.
    public func pushTable(elements: Int = 0, fields: Int = 0) throws(LuaError) {
        try check(vtl_newtable(L, Int32(clamping: elements), Int32(clamping: fields)))
    }

    /// Pushes a new table that does not keep its keys or its values alive.
    public func pushWeakTable(_ weakness: LuaWeakness = .keys) throws(LuaError) {
        let base = top
        do throws(LuaError) {
            try pushTable()
            try pushTable(fields: 1)
            try push(weakness.rawValue)
            try setRawField("__mode", of: base + 2)
        } catch {
            lua_settop(L, Int32(base))
            throw error
        }
        setMetatable(of: base + 1)
    }

    /// Pushes `t[name]` of the value at `index`. May call `__index`.
    public func pushField(_ name: String, of index: Int) throws {
        try checkRun(vtl_getfield(L, Int32(index), name))
    }

    /// Takes the topmost value and sets `t[name]`. May call `__newindex`.
    public func setField(_ name: String, of index: Int) throws {
        try checkRun(vtl_setfield(L, Int32(index), name))
    }

    /// Pushes `t[key]`. May call `__index`.
    public func pushElement(_ key: Int, of index: Int) throws {
        try checkRun(vtl_geti(L, Int32(index), lua_Integer(key)))
    }

    /// Takes the topmost value and sets `t[key]`. May call `__newindex`.
    public func setElement(_ key: Int, of index: Int) throws {
        try checkRun(vtl_seti(L, Int32(index), lua_Integer(key)))
    }

    /// Replaces the key on top by `t[key]`. May call `__index`.
    public func pushIndexed(of index: Int) throws {
        try checkRun(vtl_gettable(L, Int32(index)))
    }

    /// Takes a key and the value above it, and sets `t[key]`. May call `__newindex`.
    public func setIndexed(of index: Int) throws {
        try checkRun(vtl_settable(L, Int32(index)))
    }

    /// Pushes a global variable.
    public func pushGlobal(_ name: String) throws {
        try checkRun(vtl_getglobal(L, name))
    }

    /// Pushes the loaded module `name`, or nil, without metamethods.
    ///
    /// Modules are taken from the registry, as `require` does, so that a script that assigns to the
    /// global `package` or `os` changes nothing here.
    public func pushLoaded(_ name: String) throws(LuaError) {
        try check(vtl_getloaded(L, name))
    }

    /// Pushes the table of loaded modules, the original value of `package.loaded`.
    public func pushLoadedModules() throws(LuaError) {
        try check(vtl_getloaded(L, nil))
    }

    /// Sets a global variable to the topmost value, which is taken.
    public func setGlobal(_ name: String) throws {
        try checkRun(vtl_setglobal(L, name))
    }

    /// The length `#t` of the value at `index`. May call `__len`.
    public func length(at index: Int) throws -> Int {
        var length: lua_Integer = 0
        try checkRun(vtl_length(L, Int32(index), &length))
        return Int(length)
    }

    /// True if the values are equal. May call `__eq`.
    public func equal(_ first: Int, _ second: Int) throws -> Bool {
        var result = false
        try checkRun(vtl_compare(L, Int32(first), Int32(second), LUA_OPEQ, &result))
        return result
    }

    /// True if the first value is less than the second. May call `__lt`.
    public func less(_ first: Int, _ second: Int) throws -> Bool {
        var result = false
        try checkRun(vtl_compare(L, Int32(first), Int32(second), LUA_OPLT, &result))
        return result
    }

    /// Replaces the topmost `count` values by their concatenation. May call `__concat`.
    public func concatenate(_ count: Int) throws {
        if count < 2 {
            if count == 0 { try push("") }
            return
        }
        try checkRun(vtl_concat(L, Int32(count)))
    }

    /// Replaces the topmost two operands by the result; one operand for `negate` and `bitNot`. May
    /// call metamethods.
    public func arithmetic(_ operation: LuaArithmetic) throws {
        try checkRun(vtl_arith(L, operation.rawValue))
    }
}

/// The operators of ``Lua/arithmetic(_:)``.
public enum LuaArithmetic: Int32, Sendable {
    /// `a + b`, `a - b`, `a * b`, `a % b`, `a ^ b`, `a / b` and `a // b`.
    case add, subtract, multiply, modulo, power, divide, floorDivide
    /// `a & b`, `a | b`, `a ~ b`, `a << b` and `a >> b`, on integers.
    case bitAnd, bitOr, bitXor, shiftLeft, shiftRight
    /// `-a` and `~a`.
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
        precondition(type(at: index) == .table, "a raw access to a value that is not a table")
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

    /// Takes a key and the value above it, and sets `t[key]` without metamethods.
    public func setRawIndexed(of index: Int) throws(LuaError) {
        try requireTable(index, taking: 2)
        try check(vtl_rawset(L, Int32(index)))
    }

    /// Takes the key on top and pushes the next key and its value; false, and nothing pushed, after
    /// the last one. A traversal begins with nil.
    public func next(of index: Int) throws(LuaError) -> Bool {
        try requireTable(index, taking: 1)
        var more = false
        try check(vtl_next(L, Int32(index), &more))
        return more
    }

    /// Calls `body` for each pair, with the key at -2 and the value at -1. The body must leave the
    /// stack unchanged.
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

    /// Sets the metatable of the value at `index` to the table or nil on top, which is taken.
    public func setMetatable(of index: Int) {
        precondition(
            type(at: -1) == .table || type(at: -1) == .nil, "a metatable must be a table or nil")
        vtl_set_metatable(L, Int32(index))
    }

    /// Throws and removes the operands if the value is not a table: lua.h does not check raw
    /// accesses.
    private func requireTable(_ index: Int, taking operands: Int = 0) throws(LuaError) {
        if lua_type(L, Int32(index)) == LUA_TTABLE { return }
        let error = mismatch("table", at: index)
        pop(operands)
        throw LuaError(.argument, error.message)
    }

    /// Pushes the metatable of the value at `index`; false, and nothing pushed, if it has none.
    public func pushMetatable(of index: Int) throws(LuaError) -> Bool {
        try reserve(1)
        return lua_getmetatable(L, Int32(index)) != 0
    }

    /// Pushes the nth upvalue of the function at `index` and returns its name; nil, and nothing
    /// pushed, if there is none.
    public func pushUpvalue(_ n: Int, of index: Int) throws(LuaError) -> String? {
        try reserve(1)
        guard let name = lua_getupvalue(L, Int32(index), Int32(n)) else { return nil }
        return String(cString: name)
    }

    /// Sets the nth upvalue of the function at `index` to the topmost value, which is taken; false
    /// if there is none.
    public func setUpvalue(_ n: Int, of index: Int) -> Bool {
        let function = lua_absindex(L, Int32(index))
        if lua_setupvalue(L, function, Int32(n)) != nil { return true }
        pop()
        return false
    }
}
