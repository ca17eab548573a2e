// SPDX-License-Identifier: BSD-3-Clause

// The integer types other than Int, and Float.

extension LuaReadable where Self: FixedWidthInteger {
    @usableFromInline
    static func readInteger(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Self {
        guard let value = lua.integer(at: index) else {
            guard lua.type(at: index) == .number else { throw lua.mismatch("number", at: index) }
            throw LuaError(.conversion, "number has no integer representation")
        }
        guard let exact = Self(exactly: value) else {
            throw LuaError(.conversion, "\(value) does not fit in \(Self.self)")
        }
        return exact
    }
}

extension LuaPushable where Self: FixedWidthInteger {
    /// Pushes a number of the integer subtype.
    ///
    /// - Throws: ``LuaError`` with code `conversion` for a value beyond the 64 bits of a Lua integer.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        guard let value = Int(exactly: self) else {
            throw LuaError(.conversion, "\(self) does not fit in a Lua integer")
        }
        try lua.push(value)
    }
}

extension LuaReadable where Self: FixedWidthInteger {
    /// Reads an integer, or a float that is integral, that the type can represent.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Self {
        try readInteger(from: lua, at: index)
    }
}

extension LuaScalar where Self: FixedWidthInteger {
    /// Creates an integer from a copied number.
    public init(luaValue: LuaValue) throws(LuaError) {
        guard let value = luaValue.integer else {
            guard case .number = luaValue else { throw luaValue.mismatch("number") }
            throw LuaError(.conversion, "number has no integer representation")
        }
        guard let exact = Self(exactly: value) else {
            throw LuaError(.conversion, "\(value) does not fit in \(Self.self)")
        }
        self = exact
    }

    /// Returns a number of the integer subtype.
    public func luaValue() throws(LuaError) -> LuaValue {
        guard let value = Int(exactly: self) else {
            throw LuaError(.conversion, "\(self) does not fit in a Lua integer")
        }
        return .integer(value)
    }
}

extension Int8: LuaScalar {}
extension Int16: LuaScalar {}
extension Int32: LuaScalar {}
extension Int64: LuaScalar {}
extension UInt8: LuaScalar {}
extension UInt16: LuaScalar {}
extension UInt32: LuaScalar {}
extension UInt64: LuaScalar {}
extension UInt: LuaScalar {}

extension Float: LuaScalar {
    /// Pushes a number of the float subtype, in double precision.
    public func push(onto lua: borrowing Lua) throws(LuaError) { try lua.push(Double(self)) }

    /// Reads a number of either subtype, rounded to single precision.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Float {
        Float(try Double.read(from: lua, at: index))
    }

    /// Creates a number from a copied number, rounded to single precision.
    public init(luaValue: LuaValue) throws(LuaError) {
        self = Float(try Double(luaValue: luaValue))
    }

    /// Returns a number of the float subtype.
    public func luaValue() -> LuaValue { .number(Double(self)) }
}

// MARK: - Enumerations

extension LuaPushable where Self: RawRepresentable, RawValue: LuaPushable {
    /// Pushes the raw value.
    public func push(onto lua: borrowing Lua) throws(LuaError) { try rawValue.push(onto: lua) }
}

extension LuaReadable where Self: RawRepresentable, RawValue: LuaReadable {
    /// Reads the raw value of a case.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Self {
        let raw = try RawValue.read(from: lua, at: index)
        guard let value = Self(rawValue: raw) else {
            throw LuaError(.conversion, "\(raw) is not a value of \(Self.self)")
        }
        return value
    }
}

extension LuaReadable where Self: RawRepresentable & CaseIterable, RawValue: LuaReadable {
    /// Reads the raw value of a case. The error lists the cases.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Self {
        let raw = try RawValue.read(from: lua, at: index)
        guard let value = Self(rawValue: raw) else {
            let cases = allCases.map { "\($0.rawValue)" }.joined(separator: ", ")
            throw LuaError(.conversion, "one of \(cases) expected, got \(raw)")
        }
        return value
    }
}
