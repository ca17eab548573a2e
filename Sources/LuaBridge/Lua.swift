// SPDX-License-Identifier: BSD-3-Clause

// Public, so that functions that consist of one call of lua.h can be inlined into other modules.
public import CVTLua
internal import CVTLuaGuard

/// The context in which code accesses a Lua state, on the state's thread.
///
/// ``LuaState/run(_:)`` passes a context to its closure, and Lua passes one to every Swift function
/// that it calls. The compiler ensures that a context is not stored, copied or sent to another
/// thread.
///
/// Values lie on the state's stack. Index 1 is the lowest value of the current function, -1 the
/// highest. Every function that pushes a value reserves a slot for it.
public struct Lua: ~Copyable {
    /// The state itself, for targets of this package with C code of their own, such as the codec of
    /// VTShipping. They must follow the rules of CLuaGuard.h.
    @usableFromInline
    package let L: OpaquePointer

    /// Creates a context for a callback from C.
    @usableFromInline
    package init(_ L: OpaquePointer) { self.L = L }

    var core: StateCore { StateCore.of(L) }
}

@available(*, unavailable)
extension Lua: Sendable {}

/// The basic types of Lua.
public enum LuaType: Int32, Sendable {
    /// No value: the index is above the top.
    case none = -1
    /// The type of `nil`.
    case `nil` = 0
    /// The types with values. A light userdata is a plain address.
    case boolean, lightUserdata, number, string, table, function, userdata, thread

    /// The name in Lua's messages, such as "no value", "nil" or "boolean".
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
    /// The number of values of the current function on the stack.
    @inlinable
    public var top: Int { Int(lua_gettop(L)) }

    /// Removes all values above `top`, or pushes nil up to it.
    ///
    /// - Throws: ``LuaError`` with code `stackOverflow`.
    public func setTop(_ top: Int) throws(LuaError) {
        try reserve(top - self.top)
        lua_settop(L, Int32(top))
    }

    /// Removes the topmost `count` values.
    @inlinable
    public func pop(_ count: Int = 1) { lua_settop(L, Int32(-count - 1)) }

    /// Reserves slots for `count` values.
    ///
    /// - Throws: ``LuaError`` with code `stackOverflow`.
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

    /// Moves the topmost value to `index`, and the values from there on up by one.
    public func insert(at index: Int) { vtl_insert(L, Int32(index)) }

    /// Removes the value at `index`, and moves the values above it down by one.
    public func remove(at index: Int) { vtl_remove(L, Int32(index)) }

    /// Replaces the value at `index` by the topmost value, which is removed.
    public func replace(at index: Int) {
        lua_copy(L, -1, Int32(index))
        pop()
    }

    /// The equivalent index that is counted from the bottom.
    public func absolute(_ index: Int) -> Int { Int(lua_absindex(L, Int32(index))) }

    /// The type of the value at `index`.
    @inlinable
    public func type(at index: Int) -> LuaType {
        LuaType(rawValue: lua_type(L, Int32(index))) ?? .none
    }

    /// True if the values are equal, without `__eq`.
    public func rawEqual(_ first: Int, _ second: Int) -> Bool {
        lua_rawequal(L, Int32(first), Int32(second)) != 0
    }

    /// The address that `%p` prints, which identifies a table, function, thread or userdata; nil
    /// for other values.
    public func pointer(at index: Int) -> UnsafeRawPointer? { lua_topointer(L, Int32(index)) }
}

// MARK: - Status

extension Lua {
    /// Throws the error of an operation that runs no Lua code.
    package func check(_ status: Int32) throws(LuaError) {
        if status != LUA_OK { throw takeError(status) }
    }

    /// Throws the error of an operation that may run Lua code. A Swift error that passed through
    /// Lua is thrown unchanged.
    package func checkRun(_ status: Int32) throws {
        if status != LUA_OK { throw takeAnyError(status) }
    }
}
