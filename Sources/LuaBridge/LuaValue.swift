// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// A copy of a Lua value, independent of its state.
///
/// It serves for messages, records and small settings. Code that processes many values should leave
/// them on the stack.
public indirect enum LuaValue: Sendable, Equatable {
    /// The value `nil`.
    case `nil`
    /// `true` or `false`.
    case boolean(Bool)
    /// A number of the integer subtype.
    case integer(Int)
    /// A number of the float subtype.
    case number(Double)
    /// A string of any bytes.
    case string(LuaBytes)
    /// The pairs of a table, ordered by their keys.
    case table([Pair])
    /// A value that cannot be copied: the name of its type, and the result of `tostring`.
    case opaque(type: String, description: String)

    /// A key of a table with its value.
    public struct Pair: Sendable, Equatable {
        /// The copied key.
        public var key: LuaValue
        /// The copied value.
        public var value: LuaValue
        /// Creates a pair.
        public init(key: LuaValue, value: LuaValue) {
            self.key = key
            self.value = value
        }
    }

    /// The limits of a copy. Tables beyond them are `opaque`, with the description "...".
    public struct Bounds: Sendable {
        /// The largest number of nested tables.
        public var depth = 8
        /// The largest number of pairs in all tables together.
        public var pairs = 1000
        /// Creates limits.
        public init(depth: Int = 8, pairs: Int = 1000) {
            self.depth = depth
            self.pairs = pairs
        }
    }
}

extension LuaValue {
    /// Copies the value at `index`. Tables beyond the bounds, and tables inside themselves, become
    /// `opaque`.
    public init(lua: borrowing Lua, at index: Int, bounds: Bounds = Bounds()) {
        var left = bounds.pairs
        var parents: [UnsafeRawPointer] = []
        self.init(lua, lua.absolute(index), bounds.depth, &left, &parents)
    }

    private init(
        _ lua: borrowing Lua, _ index: Int, _ depth: Int, _ left: inout Int,
        _ parents: inout [UnsafeRawPointer]
    ) {
        switch lua.type(at: index) {
        case .none, .nil: self = .nil
        case .boolean: self = .boolean(lua.truth(at: index))
        case .number:
            self =
                lua.isInteger(at: index)
                ? .integer(lua.integer(at: index) ?? 0) : .number(lua.number(at: index) ?? 0)
        case .string: self = .string(lua.withBytes(at: index) { LuaBytes($0) } ?? LuaBytes(""))
        case .table: self = Self.table(lua, index, depth, &left, &parents)
        case .lightUserdata, .userdata, .function, .thread: self = .opaque(lua, index)
        }
    }

    private static func table(
        _ lua: borrowing Lua, _ index: Int, _ depth: Int, _ left: inout Int,
        _ parents: inout [UnsafeRawPointer]
    ) -> LuaValue {
        guard let address = lua.pointer(at: index), depth > 0, !parents.contains(address),
            (try? lua.reserve(4)) != nil
        else { return .opaque(type: "table", description: "...") }
        parents.append(address)
        defer { parents.removeLast() }
        var pairs: [Pair] = []
        let base = lua.top
        defer { lua_settop(lua.L, Int32(base)) }
        lua_pushnil(lua.L)
        while left > 0, (try? lua.next(of: index)) == true {
            left -= 1
            let key = LuaValue(lua, base + 1, depth - 1, &left, &parents)
            let value = LuaValue(lua, base + 2, depth - 1, &left, &parents)
            pairs.append(Pair(key: key, value: value))
            lua.pop()
        }
        return .table(pairs.sorted { precedes($0.key, $1.key) })
    }

    private static func opaque(_ lua: borrowing Lua, _ index: Int) -> LuaValue {
        // Not by `display`: an error of __tostring would be copied by this function, without an
        // end.
        let type = lua.typeName(at: index)
        let status = vtl_tostring(lua.L, Int32(index))
        if status == VTL_ERRSTACK { return .opaque(type: type, description: type) }
        defer { lua.pop() }
        let text = status == LUA_OK ? lua.text(at: -1) : nil
        return .opaque(type: type, description: text ?? type)
    }

    /// The order of keys: numbers, strings, then other values.
    static func precedes(_ a: LuaValue, _ b: LuaValue) -> Bool {
        switch (a, b) {
        case (.integer(let a), .integer(let b)): a < b
        case (.number(let a), .number(let b)): a < b
        case (.boolean(let a), .boolean(let b)): !a && b
        case (.string(let a), .string(let b)): a.bytes.lexicographicallyPrecedes(b.bytes)
        default: a.rank < b.rank
        }
    }

    private var rank: Int {
        switch self {
        case .integer: 0
        case .number: 1
        case .string: 2
        case .boolean: 3
        default: 4
        }
    }
}
