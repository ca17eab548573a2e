// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// The results of a Swift function that Lua called.
///
/// An integer literal is the number of results, which lie on top of the stack. A single scalar need
/// not be pushed.
@frozen
public enum LuaReturn: ExpressibleByIntegerLiteral, Sendable {
    /// The topmost values, of this number.
    case values(Int)
    /// One result: a number of the integer subtype.
    case integer(Int)
    /// One result: a number of the float subtype.
    case number(Double)
    /// One result: a boolean.
    case boolean(Bool)
    /// Suspends the calling coroutine, with the topmost values, of this number, as the results of
    /// `resume`. When the coroutine is resumed, the call returns the arguments of `resume`.
    case yield(Int)

    /// Creates ``values(_:)``.
    @inlinable
    public init(integerLiteral results: Int) { self = .values(results) }

    /// The return value for C. A scalar is pushed into a slot that Lua keeps in reserve.
    func finish(_ L: OpaquePointer) -> Int32 {
        switch self {
        case .values(let count): return Int32(truncatingIfNeeded: count)
        case .integer(let value): lua_pushinteger(L, lua_Integer(value))
        case .number(let value): lua_pushnumber(L, value)
        case .boolean(let value): lua_pushboolean(L, value ? 1 : 0)
        case .yield(let count): return VTL_YIELD - Int32(truncatingIfNeeded: count)
        }
        return VTL_SCALAR
    }
}

/// A Swift function for Lua. Its arguments lie on the stack from index 1 on.
///
/// It is `@Sendable`, so that a closure in `main.swift` or of an actor is not isolated to an actor:
/// the state may run on any thread.
public typealias LuaFunctionBody = @Sendable (borrowing Lua) throws -> LuaReturn

final class Callback {
    let body: (borrowing Lua) throws -> LuaReturn
    init(_ body: @escaping (borrowing Lua) throws -> LuaReturn) { self.body = body }

    /// The function that C calls.
    static let enter: vtl_function = { L, context in
        let lua = Lua(L)
        do {
            return try Unmanaged<Callback>.fromOpaque(context)
                ._withUnsafeGuaranteedRef { try $0.body(lua).finish(L) }
        } catch {
            lua.pushError(error)
            return VTL_RAISE
        }
    }
}

extension Lua {
    /// Pushes a Swift function.
    ///
    /// ```swift
    /// try lua.push { lua in
    ///     try lua.push(try lua.argument(1, as: Int.self) * 2)
    ///     return 1
    /// }
    /// ```
    public func push(function body: @escaping LuaFunctionBody) throws(LuaError) {
        try pushConfined(body)
    }

    /// Pushes a Swift function that captures objects confined to this state's thread. This is safe
    /// because the state runs on one thread at a time. The closure must not inherit an actor's
    /// isolation.
    @usableFromInline
    package func pushConfined(
        _ body: @escaping (borrowing Lua) throws -> LuaReturn
    ) throws(LuaError) {
        let held = Unmanaged.passRetained(Callback(body)).toOpaque()
        try check(
            vtl_pushfunction(L, Callback.enter, held) { context in
                if let context { Unmanaged<Callback>.fromOpaque(context).release() }
            })
    }

    /// Pushes a Swift function with typed arguments and a result.
    ///
    /// ```swift
    /// try lua.push { (x: Double, y: Double) in (x * x + y * y).squareRoot() }
    /// try lua.setGlobal("hypot")
    /// ```
    @inlinable
    public func push<each A: LuaReadable, R: LuaPushable>(
        _ body: @escaping @Sendable (repeat each A) throws -> R
    ) throws(LuaError) {
        Lua.checkParameters(repeat (each A).self)
        try pushConfined { lua in
            var index = 0
            let result = try body(repeat lua.nextArgument(&index, as: (each A).self))
            return .values(try result.pushResults(onto: lua))
        }
    }

    /// Pushes a Swift function with typed arguments and several results, a tuple without labels, or
    /// none.
    @inlinable
    public func push<each A: LuaReadable, each R: LuaPushable>(
        _ body: @escaping @Sendable (repeat each A) throws -> (repeat each R)
    ) throws(LuaError) {
        Lua.checkParameters(repeat (each A).self)
        try pushConfined { lua in
            var index = 0
            let results = try body(repeat lua.nextArgument(&index, as: (each A).self))
            var count = 0
            repeat try lua.pushResult(each results, &count)
            return .values(count)
        }
    }

    /// Makes a function whose result Lua cannot have an error of the compiler. Without it, such a
    /// closure of one expression would be a function without a result.
    @available(
        *, deprecated,
        message: """
            a parameter of the closure is not LuaReadable, or its result is neither LuaPushable, nor \
            a tuple of such values without labels, nor Void; a Codable type can be LuaCodable
            """
    )
    public consuming func push<each A, R>(
        _ body: @escaping @Sendable (repeat each A) throws -> R
    ) throws(LuaError) {
        throw LuaError(.argument, "\(R.self) is not LuaPushable")
    }

    @inlinable
    func nextArgument<A: LuaReadable>(_ index: inout Int, as type: A.Type) throws -> A {
        index += 1
        return try argument(index, as: type)
    }

    /// The argument at `index`.
    ///
    /// - Throws: ``LuaError`` with a message such as `bad argument #1 to 'hypot' (number expected,
    ///   got nil)`.
    @inlinable
    public func argument<A: LuaReadable>(_ index: Int, as type: A.Type) throws(LuaError) -> A {
        do throws(LuaError) {
            return try A.read(from: self, at: index)
        } catch {
            throw argumentFailure(type, at: index, error)
        }
    }

    /// The error `bad argument #index to 'name' (message)`, with the location of the caller.
    public func argumentError(_ index: Int, _ message: String) -> LuaError {
        var record = lua_Debug()
        var name = "?"
        var index = index
        if lua_getstack(L, 0, &record) != 0, lua_getinfo(L, "n", &record) != 0 {
            if let found = record.name { name = String(cString: found) }
            if let kind = record.namewhat, String(cString: kind) == "method" {
                index -= 1
                if index == 0 { return error("calling '\(name)' on bad self (\(message))") }
            }
        }
        return error("bad argument #\(index) to '\(name)' (\(message))")
    }
}
