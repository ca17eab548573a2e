// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

// Members whose results Lua cannot have. Without these functions, a closure of one expression would
// be taken for one without a result, and the result be lost. A call of them does not compile: it
// lacks a `try`, and the warning names the cause.

extension LuaMembers {
    /// Refuses a method whose result is not ``LuaPushable``.
    @available(
        *, deprecated,
        message: """
            a parameter of the closure is not LuaReadable, or its result is neither LuaPushable, nor \
            a tuple of such values without labels, nor Void; a Codable type can be LuaCodable
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
            a parameter of the closure is not LuaReadable, or its result is neither LuaPushable, nor \
            a tuple of such values without labels, nor Void; a Codable type can be LuaCodable
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
            a parameter of the closure is not LuaReadable, or its result is neither LuaPushable, nor \
            a tuple of such values without labels, nor Void; a Codable type can be LuaCodable
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
            a parameter of the closure is not LuaReadable, or its result is neither LuaPushable, nor \
            a tuple of such values without labels, nor Void; a Codable type can be LuaCodable
            """
    )
    public mutating func `operator`<each A, R>(
        _ event: LuaOperator, _ body: @escaping @Sendable (repeat each A) throws -> R
    ) throws {
        throw LuaError(.argument, "\(R.self) is not LuaPushable")
    }
}

extension LuaMembers {
    /// The error of an assignment to a field that is not a property.
    static var refusedAssignment: Body {
        { lua, type in
            let name = lua.text(at: 2) ?? lua.typeName(at: 2)
            guard type.members.getters[name] == nil else {
                throw lua.error(
                    "\(type.name): cannot set field '\(name)': it is read-only", level: 2)
            }
            let names = type.members.setters.keys
            let hint = suggestion(for: name, among: names.sorted())
            throw lua.error("\(type.name): cannot set field '\(name)'\(hint)", level: 2)
        }
    }
}
