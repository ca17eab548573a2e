// SPDX-License-Identifier: BSD-3-Clause

/// A type whose values are single values in Lua, also inside `Codable` types.
///
/// A type of the program can conform, to be something else than a table of its fields:
///
/// ```swift
/// struct Celsius: LuaScalar, Codable {
///     var degrees: Double
///     init(luaValue: LuaValue) throws(LuaError) { degrees = try Double(luaValue: luaValue) }
///     func luaValue() -> LuaValue { .number(degrees) }
/// }
/// ```
public protocol LuaScalar: LuaPushable, LuaReadable {
    /// Creates a value from a copy of a Lua value.
    ///
    /// - Throws: ``LuaError`` with code `conversion` for a value of another type.
    init(luaValue: LuaValue) throws(LuaError)

    /// Returns the value as a copy of a Lua value.
    ///
    /// - Throws: ``LuaError`` with code `conversion` if Lua has no such value.
    func luaValue() throws(LuaError) -> LuaValue
}

extension LuaScalar {
    /// Pushes the value of ``luaValue()``.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        try luaValue().push(onto: lua)
    }

    /// Reads a value by ``init(luaValue:)``.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Self {
        try Self(luaValue: LuaValue(lua: lua, at: index, bounds: .widest))
    }
}

extension Bool: LuaScalar {
    /// Creates a boolean. Other values are not converted.
    public init(luaValue: LuaValue) throws(LuaError) {
        guard let value = luaValue.boolean else { throw luaValue.mismatch("boolean") }
        self = value
    }

    /// Returns a boolean.
    public func luaValue() -> LuaValue { .boolean(self) }
}

extension Int: LuaScalar {
    /// Returns a number of the integer subtype.
    public func luaValue() -> LuaValue { .integer(self) }
}

extension Double: LuaScalar {
    /// Creates a number from a number of either subtype.
    public init(luaValue: LuaValue) throws(LuaError) {
        guard let value = luaValue.number else { throw luaValue.mismatch("number") }
        self = value
    }

    /// Returns a number of the float subtype.
    public func luaValue() -> LuaValue { .number(self) }
}

extension String: LuaScalar {
    /// Creates a text from a string, which must be UTF-8.
    public init(luaValue: LuaValue) throws(LuaError) {
        guard case .string = luaValue else { throw luaValue.mismatch("string") }
        guard let value = luaValue.string else {
            throw LuaError(.conversion, "the string is not UTF-8; read it as LuaBytes")
        }
        self = value
    }

    /// Returns a string.
    public func luaValue() -> LuaValue { .string(LuaBytes(self)) }
}

extension LuaBytes: LuaScalar {
    /// Creates a string of any bytes.
    public init(luaValue: LuaValue) throws(LuaError) {
        guard let value = luaValue.bytes else { throw luaValue.mismatch("string") }
        self = value
    }

    /// Returns a string.
    public func luaValue() -> LuaValue { .string(self) }
}

extension LuaValue: LuaScalar {
    /// Creates an equal value.
    public init(luaValue: LuaValue) { self = luaValue }

    /// Returns the value itself.
    public func luaValue() -> LuaValue { self }
}

extension Substring: LuaPushable {
    /// Pushes the text as UTF-8.
    public func push(onto lua: borrowing Lua) throws(LuaError) { try lua.push(String(self)) }
}
