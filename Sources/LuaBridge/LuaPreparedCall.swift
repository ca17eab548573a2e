// SPDX-License-Identifier: BSD-3-Clause

public import CVTLua

/// A function that is called many times.
///
/// The function and the message handler stay on the stack, so that a call costs no more than
/// `lua_pcall`. See ``Lua/prepared(_:_:)``.
public struct LuaPreparedCall: ~Copyable {
    @usableFromInline let L: OpaquePointer
    /// The index of the function; the handler lies below it.
    @usableFromInline let function: Int32

    init(_ L: OpaquePointer, function: Int32) {
        self.L = L
        self.function = function
    }

    /// Calls the function with one argument and reads its first result.
    ///
    /// - Throws: ``LuaError``, or the error of a Swift function that Lua called.
    @inlinable
    public func callAsFunction<A: LuaPushable, R: LuaReadable>(
        _ argument: A, returning type: R.Type = R.self
    ) throws -> R {
        let lua = Lua(L)
        try lua.reserve(2)
        lua_pushvalue(L, function)
        var count = 0
        do {
            count = try argument.pushResults(onto: lua)
        } catch {
            lua.pop()
            throw error
        }
        let status = lua_pcallk(L, Int32(truncatingIfNeeded: count), 1, function - 1, 0, nil)
        if status != LUA_OK { throw lua.takeAnyError(status) }
        defer { lua.pop() }
        return try R.read(from: lua, at: -1)
    }
}

@available(*, unavailable)
extension LuaPreparedCall: Sendable {}

extension Lua {
    /// Prepares a function for many calls, which `body` makes.
    ///
    /// ```swift
    /// let total = try lua.prepared(square) { square in
    ///     var total = 0.0
    ///     for x in samples { total += try square(x) }
    ///     return total
    /// }
    /// ```
    public func prepared<R>(
        _ function: LuaReference, _ body: (borrowing LuaPreparedCall) throws -> R
    ) throws -> R {
        try beginCall(function, arguments: 0)
        let index = lua_gettop(L)
        defer { lua_settop(L, index - 2) }
        return try body(LuaPreparedCall(L, function: index))
    }
}
