// SPDX-License-Identifier: BSD-3-Clause

/// A Swift function as a value for Lua: an element of a list, a field of a table.
///
/// ```swift
/// let library: [String: LuaClosure] = [
///     "square": LuaClosure { (x: Double) in x * x },
///     "divide": LuaClosure { (a: Int, b: Int) in (a / b, a % b) },
/// ]
/// try lua.setGlobal("app", to: library)      // app.divide(7, 2) == 3, 1
/// ```
public struct LuaClosure: LuaPushable, Sendable {
    private let pushFunction: @Sendable (borrowing Lua) throws(LuaError) -> Void

    /// Creates a function that reads its arguments from the stack and pushes its results.
    public init(function body: @escaping LuaFunctionBody) {
        pushFunction = { lua throws(LuaError) in try lua.push(function: body) }
    }

    /// Creates a function with typed arguments and a result.
    public init<each A: LuaReadable, R: LuaPushable>(
        _ body: @escaping @Sendable (repeat each A) throws -> R
    ) {
        Lua.checkParameters(repeat (each A).self)
        self.init(function: { lua in
            var index = 0
            let result = try body(repeat lua.nextArgument(&index, as: (each A).self))
            return .values(try result.pushResults(onto: lua))
        })
    }

    /// Creates a function with typed arguments and several results, a tuple without labels, or
    /// none.
    public init<each A: LuaReadable, each R: LuaPushable>(
        _ body: @escaping @Sendable (repeat each A) throws -> (repeat each R)
    ) {
        Lua.checkParameters(repeat (each A).self)
        self.init(function: { lua in
            var index = 0
            let results = try body(repeat lua.nextArgument(&index, as: (each A).self))
            var count = 0
            repeat try lua.pushResult(each results, &count)
            return .values(count)
        })
    }

    /// Creates an async function with typed arguments and a result: see `lua.push(async:)`.
    public init<each A: LuaReadable & Sendable, R: LuaPushable & Sendable>(
        async body: @escaping @Sendable (repeat each A) async throws -> R
    ) {
        pushFunction = { lua throws(LuaError) in try lua.push(async: body) }
    }

    /// Creates an async function with typed arguments and several results, a tuple without labels,
    /// or none.
    public init<each A: LuaReadable & Sendable, each R: LuaPushable & Sendable>(
        async body: @escaping @Sendable (repeat each A) async throws -> (repeat each R)
    ) {
        pushFunction = { lua throws(LuaError) in try lua.push(async: body) }
    }

    /// Ends the program: Lua cannot have the result. Without it, such a closure of one expression
    /// would be a function without a result.
    @available(
        *, deprecated,
        message: """
            a parameter of the closure is not LuaReadable, or its result is neither LuaPushable, nor \
            a tuple of such values without labels, nor Void; a Codable type can be LuaCodable
            """
    )
    public init<each A, R>(_ body: @escaping @Sendable (repeat each A) throws -> R) {
        preconditionFailure("\(R.self), the result of a closure, is not LuaPushable")
    }

    /// Pushes the function.
    public func push(onto lua: borrowing Lua) throws(LuaError) { try pushFunction(lua) }
}

extension Lua {
    /// Sets a global variable to a value, of any type that is ``LuaPushable``. May call
    /// `__newindex` of the table of globals.
    public func setGlobal(_ name: String, to value: some LuaPushable) throws {
        try push(any: value)
        try setGlobal(name)
    }

    /// Sets a global variable to a Swift function with typed arguments and a result.
    ///
    /// ```swift
    /// try lua.setGlobal("hypot") { (x: Double, y: Double) in (x * x + y * y).squareRoot() }
    /// ```
    public func setGlobal<each A: LuaReadable, R: LuaPushable>(
        _ name: String, to body: @escaping @Sendable (repeat each A) throws -> R
    ) throws {
        try push(body)
        try setGlobal(name)
    }

    /// Sets a global variable to a Swift function with typed arguments and several results, a tuple
    /// without labels, or none.
    public func setGlobal<each A: LuaReadable, each R: LuaPushable>(
        _ name: String, to body: @escaping @Sendable (repeat each A) throws -> (repeat each R)
    ) throws {
        try push(body)
        try setGlobal(name)
    }

    /// Makes a function whose result Lua cannot have an error of the compiler.
    @available(
        *, deprecated,
        message: """
            a parameter of the closure is not LuaReadable, or its result is neither LuaPushable, nor \
            a tuple of such values without labels, nor Void; a Codable type can be LuaCodable
            """
    )
    public consuming func setGlobal<each A, R>(
        _ name: String, to body: @escaping @Sendable (repeat each A) throws -> R
    ) throws {
        throw LuaError(.argument, "\(R.self) is not LuaPushable")
    }

    /// The value of a global variable. May call `__index` of the table of globals.
    ///
    /// ```swift
    /// let width = try lua.global("width", as: Int.self)
    /// ```
    ///
    /// - Throws: ``LuaError`` with code `conversion` and a message such as `global 'width': number
    ///   expected, got nil`.
    public func global<R: LuaReadable>(
        _ name: String, as type: R.Type = R.self
    ) throws -> R {
        try pushGlobal(name)
        defer { pop() }
        do throws(LuaError) {
            return try R.read(from: self, at: -1)
        } catch {
            throw error.naming("global '\(name)'")
        }
    }
}

extension LuaError {
    /// The error with a place in front of its message, if it is about a value's type.
    func naming(_ place: String) -> LuaError {
        code == .conversion ? LuaError(.conversion, "\(place): \(message)") : self
    }
}
