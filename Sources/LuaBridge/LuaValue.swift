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
    /// An object that has a value in Swift, such as a typed array: see ``Object``.
    case object(Object)
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

    /// An object that has a value in Swift.
    public struct Object: Sendable, Equatable {
        /// The value, such as an `AnyArray` of VTArrays.
        public let value: any LuaCopiedObject

        /// Creates an object from its value.
        public init(_ value: some LuaCopiedObject) { self.value = value }

        /// True if the values have one type and are equal.
        public static func == (a: Object, b: Object) -> Bool { a.value.isEqual(to: b.value) }

        var typeName: String { type(of: value).luaTypeName }
    }

    /// The limits of a copy. Tables beyond them are `opaque`, with the description "...".
    public struct Bounds: Sendable {
        /// The largest number of nested tables.
        public var depth = 8
        /// The largest number of pairs in all tables together.
        public var pairs = 1000
        /// True to copy arrays and frames as an ``LuaValue/object(_:)``, which shares their memory
        /// until either is changed; false to describe them.
        public var objects = false
        /// Creates limits.
        public init(depth: Int = 8, pairs: Int = 1000, objects: Bool = false) {
            self.depth = depth
            self.pairs = pairs
            self.objects = objects
        }

        /// The limits of ``LuaValue/read(from:at:)``: all that a program can use.
        package static let widest = Bounds(depth: 100, pairs: 10_000_000, objects: true)
    }
}

/// A value of Swift that stands for an object of Lua in a ``LuaValue``, such as `AnyArray` of
/// VTArrays for an array. It may have elements, as a list has them, and fields.
public protocol LuaCopiedObject: Equatable, Sendable {
    /// The name of the type in Lua, such as `array`.
    static var luaTypeName: String { get }
    /// A short text for the value, such as `array float64 3 x 4`.
    var luaSummary: String { get }
    /// Pushes exactly one value.
    func push(onto lua: borrowing Lua) throws(LuaError)
    /// The elements from index 1 on; nil if the object is not a list.
    var luaElements: [LuaValue]? { get }
    /// The fields; nil if the object has none.
    var luaFields: [String: LuaValue]? { get }
    /// Returns the value of a key, or nil if there is none.
    func luaValue(of key: LuaValue) -> LuaValue
    /// Returns the elements as a value of a Swift type, such as `[Double]`, if that is faster than
    /// ``luaElements``; nil otherwise.
    func luaElements<List>(as type: List.Type) -> List?
}

extension LuaValue {
    /// Copies the value at `index`. Tables beyond the bounds, and tables inside themselves, become
    /// `opaque`.
    public init(lua: borrowing Lua, at index: Int, bounds: Bounds = Bounds()) {
        var copy = Copying(bounds)
        self.init(lua, lua.absolute(index), bounds.depth, &copy)
    }

    /// A copy that is being made.
    private struct Copying {
        let objects: Bool
        /// The number of pairs that can still be copied.
        var left: Int
        /// The tables around the value.
        var parents: [UnsafeRawPointer] = []

        init(_ bounds: Bounds) {
            objects = bounds.objects
            left = bounds.pairs
        }
    }

    private init(
        _ lua: borrowing Lua, _ index: Int, _ depth: Int, _ copy: inout Copying
    ) {
        switch lua.type(at: index) {
        case .none, .nil: self = .nil
        case .boolean: self = .boolean(lua.truth(at: index))
        case .number:
            self =
                lua.isInteger(at: index)
                ? .integer(lua.integer(at: index) ?? 0) : .number(lua.number(at: index) ?? 0)
        case .string: self = .string(lua.withBytes(at: index) { LuaBytes($0) } ?? LuaBytes(""))
        case .table:
            self =
                copy.objects
                ? lua.copiedObject(at: index).map { .object(Object($0)) }
                    ?? Self.table(lua, index, depth, &copy)
                : Self.table(lua, index, depth, &copy)
        case .userdata:
            let object = copy.objects ? lua.copiedObject(at: index) : nil
            self = object.map { .object(Object($0)) } ?? .opaque(lua, index)
        case .lightUserdata, .function, .thread: self = .opaque(lua, index)
        }
    }

    private static func table(
        _ lua: borrowing Lua, _ index: Int, _ depth: Int, _ copy: inout Copying
    ) -> LuaValue {
        guard let address = lua.pointer(at: index), depth > 0, !copy.parents.contains(address),
            (try? lua.reserve(4)) != nil
        else { return .opaque(type: "table", description: "...") }
        copy.parents.append(address)
        defer { copy.parents.removeLast() }
        var pairs: [Pair] = []
        let base = lua.top
        defer { lua_settop(lua.L, Int32(base)) }
        lua_pushnil(lua.L)
        while copy.left > 0, (try? lua.next(of: index)) == true {
            copy.left -= 1
            let key = LuaValue(lua, base + 1, depth - 1, &copy)
            let value = LuaValue(lua, base + 2, depth - 1, &copy)
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
