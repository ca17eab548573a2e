// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua

/// A table of a Lua state, which stays the state's own: a change is seen by Lua.
///
/// ```swift
/// let config = try lua.global("config", as: LuaTable.self)
/// let width = try config.get("width", in: lua, as: Int.self)
/// try config.set("width", to: width * 2, in: lua)
/// ```
///
/// A handle keeps the table, as a ``LuaReference`` does. Each access goes through the stack; code that
/// accesses a table many times is faster with ``Lua/pushField(_:of:)`` and similar functions.
public struct LuaTable: LuaPushable, LuaReadable {
    /// The reference that keeps the table.
    public let reference: LuaReference

    /// Pushes the table.
    public func push(onto lua: borrowing Lua) throws(LuaError) { try reference.push(onto: lua) }

    /// Creates a handle for the table at `index`.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> LuaTable {
        guard lua.type(at: index) == .table else { throw lua.mismatch("table", at: index) }
        return LuaTable(reference: try lua.reference(at: index))
    }
}

@available(*, unavailable)
extension LuaTable: Sendable {}

extension LuaTable {
    /// The value `t[key]`. May call `__index`.
    ///
    /// - Throws: ``LuaError`` with code `conversion` and a message such as `field 'width': number
    ///   expected, got nil`. An optional type allows nil.
    public func get<V: LuaReadable>(
        _ key: some LuaPushable, in lua: borrowing Lua, as type: V.Type = V.self
    ) throws -> V {
        let base = lua.top
        defer { lua_settop(lua.L, Int32(base)) }
        try push(onto: lua)
        try lua.push(any: key)
        try lua.pushIndexed(of: base + 1)
        do throws(LuaError) {
            return try V.read(from: lua, at: -1)
        } catch {
            throw error.naming(try place(of: key, lua))
        }
    }

    /// Sets `t[key]`. May call `__newindex`.
    public func set(
        _ key: some LuaPushable, to value: some LuaPushable, in lua: borrowing Lua
    ) throws {
        let base = lua.top
        defer { lua_settop(lua.L, Int32(base)) }
        try push(onto: lua)
        try lua.push(any: key)
        try lua.push(any: value)
        try lua.setIndexed(of: base + 1)
    }

    /// The length `#t`. May call `__len`.
    public func count(in lua: borrowing Lua) throws -> Int {
        try push(onto: lua)
        defer { lua.pop() }
        return try lua.length(at: -1)
    }

    /// Sets the element after the last one.
    public func append(_ value: some LuaPushable, in lua: borrowing Lua) throws {
        try set(try count(in: lua) + 1, to: value, in: lua)
    }

    /// All pairs, in the order of `next`, without metamethods.
    ///
    /// - Throws: ``LuaError`` with code `conversion` for a key or a value of another type.
    public func pairs<K: LuaReadable, V: LuaReadable>(
        in lua: borrowing Lua, as type: (K, V).Type = (K, V).self
    ) throws -> [(key: K, value: V)] {
        let base = lua.top
        defer { lua_settop(lua.L, Int32(base)) }
        try push(onto: lua)
        var pairs: [(key: K, value: V)] = []
        try lua.pushNil()
        while try lua.next(of: base + 1) {
            do throws(LuaError) {
                let key = try K.read(from: lua, at: -2)
                pairs.append((key, try V.read(from: lua, at: -1)))
            } catch {
                throw error.naming("field \(LuaValue(lua: lua, at: -2).fieldName)")
            }
            lua.pop()
        }
        return pairs
    }

    /// Calls the function `t[name]` with Swift values and reads its first result.
    public func call<each A: LuaPushable, R: LuaReadable>(
        _ name: String, _ argument: repeat each A, in lua: borrowing Lua,
        returning type: R.Type = R.self
    ) throws -> R {
        let function = try get(name, in: lua, as: LuaFunction.self)
        return try lua.call(function.reference, repeat each argument, returning: type)
    }

    /// Calls the function `t[name]` with Swift values and ignores its results.
    public func call<each A: LuaPushable>(
        _ name: String, _ argument: repeat each A, in lua: borrowing Lua
    ) throws {
        let function = try get(name, in: lua, as: LuaFunction.self)
        try lua.call(function.reference, repeat each argument)
    }

    private func place(of key: some LuaPushable, _ lua: borrowing Lua) throws -> String {
        try lua.push(any: key)
        defer { lua.pop() }
        return "field \(LuaValue(lua: lua, at: -1).fieldName)"
    }
}

extension Lua {
    /// The table of global variables.
    public var globals: LuaTable {
        get throws(LuaError) {
            try pushGlobals()
            return LuaTable(reference: try takeReference())
        }
    }

    /// Creates an empty table.
    public func makeTable() throws(LuaError) -> LuaTable {
        try pushTable()
        return LuaTable(reference: try takeReference())
    }
}
