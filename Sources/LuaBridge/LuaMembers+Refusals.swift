// SPDX-License-Identifier: BSD-3-Clause

// Members whose results Lua cannot have. Without these functions, a closure of one expression would
// be taken for one without a result, and the result be lost. A call of them does not compile: it
// lacks a `try`, and the warning names the cause.

extension LuaMembers {
    /// Refuses a method whose result is not ``LuaPushable``.
    @available(
        *, deprecated,
        message: """
            the closure's result is neither LuaPushable, nor a tuple of such values without labels, \
            nor Void
            """
    )
    public mutating func method<each A, R>(
        _ name: String, _ body: @escaping @Sendable (Object, repeat each A) throws -> R
    ) throws {
        throw LuaError(.argument, "\(R.self) is not LuaPushable")
    }

    /// Refuses a method whose result is not ``LuaPushable``.
    @available(
        *, deprecated,
        message: """
            the closure's result is neither LuaPushable, nor a tuple of such values without labels, \
            nor Void
            """
    )
    public mutating func mutatingMethod<each A, R>(
        _ name: String, _ body: @escaping @Sendable (inout Object, repeat each A) throws -> R
    ) throws {
        throw LuaError(.argument, "\(R.self) is not LuaPushable")
    }

    /// Refuses a function whose result is not ``LuaPushable``.
    @available(
        *, deprecated,
        message: """
            the closure's result is neither LuaPushable, nor a tuple of such values without labels, \
            nor Void
            """
    )
    public mutating func function<each A, R>(
        _ name: String, _ body: @escaping @Sendable (repeat each A) throws -> R
    ) throws {
        throw LuaError(.argument, "\(R.self) is not LuaPushable")
    }

    /// Refuses a operator whose result is not ``LuaPushable``.
    @available(
        *, deprecated,
        message: """
            the closure's result is neither LuaPushable, nor a tuple of such values without labels, \
            nor Void
            """
    )
    public mutating func `operator`<each A, R>(
        _ event: LuaOperator, _ body: @escaping @Sendable (repeat each A) throws -> R
    ) throws {
        throw LuaError(.argument, "\(R.self) is not LuaPushable")
    }
}
