// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// A coroutine that Swift drives.
///
/// ```swift
/// let numbers = try lua.coroutine(from: generator)
/// while try numbers.resume(lua, arguments: 0) == .suspended(values: 1) {
///     print(lua.integer(at: -1) ?? 0)
///     lua.pop()
/// }
/// ```
public final class LuaCoroutine {
    /// How a resume ended, and how many values it left on top of the caller's stack.
    public enum Outcome: Equatable, Sendable {
        case suspended(values: Int)
        case finished(values: Int)
    }

    private let thread: LuaReference
    private let co: OpaquePointer

    init(thread: LuaReference, co: OpaquePointer) {
        self.thread = thread
        self.co = co
    }

    /// Runs it until it yields, returns or fails. The topmost `arguments` values of `lua` are
    /// passed in; what it yields or returns is left there.
    public func resume(_ lua: borrowing Lua, arguments: Int = 0) throws -> Outcome {
        let place = lua.top - arguments + 1
        try lua.reserve(2)
        try thread.push(onto: lua)  // checks the state, and keeps the thread alive meanwhile
        lua.insert(at: place)
        defer { lua.remove(at: place) }
        guard lua_checkstack(co, Int32(arguments)) != 0 else {
            lua.pop(arguments)
            throw LuaError.stackOverflow
        }
        lua_xmove(lua.L, co, Int32(arguments))
        vtl_trace_clear(lua.L)
        var count: Int32 = 0
        let wasAlive = lua_status(co) == LUA_OK || lua_status(co) == LUA_YIELD
        let status = vtl_resume(co, lua.L, Int32(arguments), &count)
        guard status == LUA_OK || status == LUA_YIELD else {
            if wasAlive, lua_status(co) != LUA_OK { vtl_trace_capture(lua.L, co, 0) }
            lua_xmove(co, lua.L, 1)
            throw lua.takeAnyError(status)
        }
        guard lua_checkstack(lua.L, count) != 0 else {
            lua_settop(co, -count - 1)
            throw LuaError.stackOverflow
        }
        lua_xmove(co, lua.L, count)
        return status == LUA_YIELD
            ? .suspended(values: Int(count)) : .finished(values: Int(count))
    }

    /// Ends it: closes its to-be-closed variables. An error of theirs is thrown.
    public func close(_ lua: borrowing Lua) throws {
        try thread.push(onto: lua)
        let base = lua.top
        defer { lua_settop(lua.L, Int32(base - 1)) }
        guard lua_status(co) != LUA_OK || lua_gettop(co) != 0 else { return }
        var record = lua_Debug()
        if lua_status(co) == LUA_OK, lua_getstack(co, 0, &record) != 0 {
            throw LuaError(.runtime, "cannot close a coroutine that is running")
        }
        let status = vtl_closethread(co, lua.L)
        guard status != LUA_OK else { return }
        lua_xmove(co, lua.L, 1)
        throw lua.takeAnyError(status)
    }

    /// Whether it can be resumed.
    public var isSuspended: Bool {
        guard thread.isOpen else { return false }
        if lua_status(co) == LUA_YIELD { return true }
        var record = lua_Debug()
        return lua_status(co) == LUA_OK && lua_getstack(co, 0, &record) == 0
            && lua_gettop(co) > 0
    }
}

@available(*, unavailable)
extension LuaCoroutine: Sendable {}

extension Lua {
    /// Takes the function on top and makes a coroutine of it.
    public func takeCoroutine() throws(LuaError) -> LuaCoroutine {
        do throws(LuaError) {
            try check(vtl_newthread(L))
        } catch {
            pop()
            throw error
        }
        // What vtl_newthread has pushed is a thread.
        guard let co = lua_tothread(L, -1) else { preconditionFailure("no thread") }
        insert(at: -2)
        lua_xmove(L, co, 1)
        return LuaCoroutine(thread: try takeReference(), co: co)
    }

    /// Makes a coroutine of a function.
    public func coroutine(from function: LuaReference) throws(LuaError) -> LuaCoroutine {
        try push(function)
        return try takeCoroutine()
    }

    /// Whether the present function may return ``LuaReturn/yield(_:)``.
    public var isYieldable: Bool { lua_isyieldable(L) != 0 }
}
