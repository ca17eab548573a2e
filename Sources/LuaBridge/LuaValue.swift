// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// A copy of a Lua value, free of its state.
///
/// For messages, records and small settings. Values on a hot path stay on the stack.
public indirect enum LuaValue: Sendable, Equatable {
    case `nil`
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case string(LuaBytes)
    case table([Pair])
    /// What cannot be copied: its type's name, and what `tostring` shows of it.
    case opaque(type: String, description: String)

    public struct Pair: Sendable, Equatable {
        public var key: LuaValue
        public var value: LuaValue
        public init(key: LuaValue, value: LuaValue) {
            self.key = key
            self.value = value
        }
    }

    /// How far a copy goes before it says "...".
    public struct Bounds: Sendable {
        public var depth = 8
        public var pairs = 1000
        public init(depth: Int = 8, pairs: Int = 1000) {
            self.depth = depth
            self.pairs = pairs
        }
    }
}

extension LuaValue {
    /// Copies the value at `index`. What lies beyond the bounds, and a table inside itself, is
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
        // Not by `display`: a __tostring that fails would bring us back here, without an end.
        let type = lua.typeName(at: index)
        let status = vtl_tostring(lua.L, Int32(index))
        if status == VTL_ERRSTACK { return .opaque(type: type, description: type) }
        defer { lua.pop() }
        let text = status == LUA_OK ? lua.text(at: -1) : nil
        return .opaque(type: type, description: text ?? type)
    }

    /// Numbers first, then strings, then the rest: an order for people and for tests.
    private static func precedes(_ a: LuaValue, _ b: LuaValue) -> Bool {
        switch (a, b) {
        case (.integer(let a), .integer(let b)): a < b
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

extension LuaValue: LuaPushable, LuaReadable {
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        switch self {
        case .nil: try lua.pushNil()
        case .boolean(let value): try lua.push(value)
        case .integer(let value): try lua.push(value)
        case .number(let value): try lua.push(value)
        case .string(let value): try value.push(onto: lua)
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

    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> LuaValue {
        LuaValue(lua: lua, at: index)
    }
}
