// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// A coroutine that Swift code resumes.
///
/// ```swift
/// let numbers = try lua.coroutine(from: generator)
/// while try numbers.resume(lua, arguments: 0) == .suspended(values: 1) {
///     print(lua.integer(at: -1) ?? 0)
///     lua.pop()
/// }
/// ```
public final class LuaCoroutine {
    /// The outcome of a resume, with the number of values that it left on top of the caller's
    /// stack.
    public enum Outcome: Equatable, Sendable {
        /// The coroutine yielded these values.
        case suspended(values: Int)
        /// The coroutine's function returned these values.
        case finished(values: Int)
    }

    private let thread: LuaReference
    private let co: OpaquePointer
    /// The call for which ``step(_:)`` has found the coroutine waiting.
    private(set) var awaited: AsyncCall?

    init(thread: LuaReference, co: OpaquePointer) {
        self.thread = thread
        self.co = co
    }

    /// Runs the coroutine until it yields, returns or fails. Takes the topmost `arguments` values
    /// of `lua` as arguments, and leaves the values that it yields or returns there. While the coroutine
    /// waits for an async function, this thread waits.
    ///
    /// - Throws: ``LuaError``, or the error of a Swift function that the coroutine called.
    public func resume(_ lua: borrowing Lua, arguments: Int = 0) throws -> Outcome {
        while let awaited {
            lua.core.asyncExecutor.wait { awaited.isDone }
            try lua.checkCancellation()
            self.awaited = nil
        }
        // It returns nil only for a step.
        return try resume(lua, arguments: arguments, with: vtl_resume) ?? .suspended(values: 0)
    }

    /// Runs the coroutine as ``resume(_:arguments:)`` does, and returns nil when it waits for an async
    /// function. The next step goes on.
    func step(_ lua: borrowing Lua) throws -> Outcome? {
        awaited = nil
        return try resume(lua, arguments: 0, with: vtl_resume_once)
    }

    /// True if the coroutine does not wait for an async function.
    var isReady: Bool { awaited?.isDone ?? true }

    private func resume(
        _ lua: borrowing Lua, arguments: Int,
        with resume: (OpaquePointer?, OpaquePointer?, Int32, UnsafeMutablePointer<Int32>?) -> Int32
    ) throws -> Outcome? {
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
        let status = resume(co, lua.L, Int32(arguments), &count)
        guard status == LUA_OK || status == LUA_YIELD else {
            if wasAlive, lua_status(co) != LUA_OK { vtl_trace_capture(lua.L, co, 0) }
            lua_xmove(co, lua.L, 1)
            throw lua.takeAnyError(status)
        }
        if vtl_is_waiting(co, status, count) {
            awaited = Lua(co).asyncCall(at: -1)
            lua_settop(co, -2)
            return nil
        }
        guard lua_checkstack(lua.L, count) != 0 else {
            lua_settop(co, -count - 1)
            throw LuaError.stackOverflow
        }
        lua_xmove(co, lua.L, count)
        return status == LUA_YIELD
            ? .suspended(values: Int(count)) : .finished(values: Int(count))
    }

    /// Closes the coroutine and its to-be-closed variables.
    ///
    /// - Throws: The error of a to-be-closed variable, or ``LuaError`` if the coroutine is running.
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

    /// True if the coroutine can be resumed.
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
    /// Takes the function on top and creates a coroutine for it.
    public func takeCoroutine() throws(LuaError) -> LuaCoroutine {
        do throws(LuaError) {
            try check(vtl_newthread(L))
        } catch {
            pop()
            throw error
        }
        // vtl_newthread has pushed a thread.
        guard let co = lua_tothread(L, -1) else { preconditionFailure("no thread") }
        insert(at: -2)
        lua_xmove(L, co, 1)
        return LuaCoroutine(thread: try takeReference(), co: co)
    }

    /// Returns the coroutine at `index`, or the one that the function there, made with `coroutine.wrap`,
    /// resumes; nil for other values.
    package func coroutine(at index: Int) throws(LuaError) -> LuaCoroutine? {
        if let co = lua_tothread(L, Int32(index)) {
            return LuaCoroutine(thread: try reference(at: index), co: co)
        }
        guard lua_iscfunction(L, Int32(index)) != 0, try pushUpvalue(1, of: index) != nil
        else { return nil }
        defer { pop() }
        guard let co = lua_tothread(L, -1) else { return nil }
        return LuaCoroutine(thread: try reference(at: -1), co: co)
    }

    /// Creates a coroutine for a function.
    public func coroutine(from function: LuaReference) throws(LuaError) -> LuaCoroutine {
        try push(function)
        return try takeCoroutine()
    }

    /// True if the current function may return ``LuaReturn/yield(_:)``.
    public var isYieldable: Bool { lua_isyieldable(L) != 0 }
}
