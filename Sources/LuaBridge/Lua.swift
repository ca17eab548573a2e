// SPDX-License-Identifier: BSD-3-Clause

// Public, so that what is one call of Lua here is inlined to that call in other modules.
public import CVTLua
internal import CVTLuaGuard

/// A Lua state as the code that runs on its thread sees it.
///
/// A context is lent by ``LuaState/run(_:)`` and to every Swift function that Lua calls. It can
/// be neither stored, nor copied, nor sent to another thread: the compiler sees to it.
///
/// Values are on the state's stack. Index 1 is the lowest value of the present function, -1 the
/// highest. Every push makes room for itself.
public struct Lua: ~Copyable {
    /// The state itself, for floors of this package that come with C of their own: Shipping's
    /// codec works on the stack without a call per value. They keep the rules of CLuaGuard.
    @usableFromInline
    package let L: OpaquePointer

    /// For C that calls back.
    @usableFromInline
    package init(_ L: OpaquePointer) { self.L = L }

    var core: StateCore { StateCore.of(L) }
}

@available(*, unavailable)
extension Lua: Sendable {}

/// The basic types of Lua.
public enum LuaType: Int32, Sendable {
    case none = -1
    case `nil` = 0
    case boolean, lightUserdata, number, string, table, function, userdata, thread

    /// As in Lua's messages: "no value", "nil", "boolean", ...
    public var name: String {
        switch self {
        case .none: "no value"
        case .nil: "nil"
        case .boolean: "boolean"
        case .lightUserdata, .userdata: "userdata"
        case .number: "number"
        case .string: "string"
        case .table: "table"
        case .function: "function"
        case .thread: "thread"
        }
    }
}

// MARK: - The stack

extension Lua {
    /// How many values the present function has on the stack.
    @inlinable
    public var top: Int { Int(lua_gettop(L)) }

    /// Drops all values above `top`, or fills up with nil.
    public func setTop(_ top: Int) throws(LuaError) {
        try reserve(top - self.top)
        lua_settop(L, Int32(top))
    }

    /// Drops the topmost `count` values.
    @inlinable
    public func pop(_ count: Int = 1) { lua_settop(L, Int32(-count - 1)) }

    /// Makes room for `count` values.
    @inlinable
    public func reserve(_ count: Int) throws(LuaError) {
        if count > 0, lua_checkstack(L, Int32(clamping: count)) == 0 {
            throw LuaError.stackOverflow
        }
    }

    /// Pushes a copy of the value at `index`.
    @inlinable
    public func pushValue(at index: Int) throws(LuaError) {
        try reserve(1)
        lua_pushvalue(L, Int32(index))
    }

    /// Moves the topmost value to `index`, shifting up what is above it.
    public func insert(at index: Int) { vtl_insert(L, Int32(index)) }

    /// Removes the value at `index`, shifting down what is above it.
    public func remove(at index: Int) { vtl_remove(L, Int32(index)) }

    /// Moves the topmost value over the one at `index`.
    public func replace(at index: Int) {
        lua_copy(L, -1, Int32(index))
        pop()
    }

    /// The index counted from the bottom.
    public func absolute(_ index: Int) -> Int { Int(lua_absindex(L, Int32(index))) }

    /// The type of the value at `index`.
    @inlinable
    public func type(at index: Int) -> LuaType {
        LuaType(rawValue: lua_type(L, Int32(index))) ?? .none
    }

    /// Whether the values are the same without asking `__eq`.
    public func rawEqual(_ first: Int, _ second: Int) -> Bool {
        lua_rawequal(L, Int32(first), Int32(second)) != 0
    }

    /// The address that `%p` prints: identifies a table, function, thread or userdata.
    public func pointer(at index: Int) -> UnsafeRawPointer? { lua_topointer(L, Int32(index)) }
}

// MARK: - Status

extension Lua {
    /// Throws what an operation that cannot run code has left on the stack.
    package func check(_ status: Int32) throws(LuaError) {
        if status != LUA_OK { throw takeError(status) }
    }

    /// Throws what an operation that may run code has left: a Swift error that passed through
    /// Lua comes out as it went in.
    package func checkRun(_ status: Int32) throws {
        if status != LUA_OK { throw takeAnyError(status) }
    }
}
