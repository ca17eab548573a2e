// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua

/// A Swift value that can be pushed onto a Lua stack.
public protocol LuaPushable: SendableMetatype {
    /// Pushes exactly one value, for which the caller has reserved a slot. Throws and leaves the
    /// stack unchanged on failure.
    func push(onto lua: borrowing Lua) throws(LuaError)
}

/// A Swift value that can be read from a Lua stack.
public protocol LuaReadable: SendableMetatype {
    /// Reads the value at `index`, and leaves the stack unchanged.
    ///
    /// - Throws: ``LuaError`` with code `conversion` and a message such as `number expected,
    ///   got nil`.
    static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Self
}

extension Lua {
    /// Reads the value at `index`.
    ///
    /// - Throws: ``LuaError`` with code `conversion`.
    public func read<T: LuaReadable>(_ type: T.Type = T.self, at index: Int) throws(LuaError) -> T {
        try T.read(from: self, at: index)
    }

    /// The error for a value of another type, such as `integer expected, got nil`.
    public func mismatch(_ expected: String, at index: Int) -> LuaError {
        LuaError(.conversion, "\(expected) expected, got \(typeName(at: index))")
    }
}

// MARK: - Scalars

extension Bool: LuaPushable, LuaReadable {
    /// Pushes a boolean.
    @inlinable
    public func push(onto lua: borrowing Lua) throws(LuaError) { lua.pushReserved(self) }

    /// Reads a boolean. Other values are not converted.
    @inlinable
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Bool {
        guard let value = lua.boolean(at: index) else {
            throw lua.mismatch("boolean", at: index)
        }
        return value
    }
}

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

extension Int: LuaPushable, LuaReadable {
    /// Pushes a number of the integer subtype.
    @inlinable
    public func push(onto lua: borrowing Lua) throws(LuaError) { lua.pushReserved(self) }

    /// Reads an integer, or a float that is integral.
    @inlinable
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Int {
        if let value = lua.integer(at: index) { return value }
        return try readInteger(from: lua, at: index)
    }
}

extension Int64: LuaPushable, LuaReadable {
    /// Pushes a number of the integer subtype.
    public func push(onto lua: borrowing Lua) throws(LuaError) { try lua.push(Int(self)) }

    /// Reads an integer, or a float that is integral.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Int64 {
        try readInteger(from: lua, at: index)
    }
}

extension Int32: LuaPushable, LuaReadable {
    /// Pushes a number of the integer subtype.
    public func push(onto lua: borrowing Lua) throws(LuaError) { try lua.push(Int(self)) }

    /// Reads an integer, or a float that is integral, that fits in 32 bits.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Int32 {
        try readInteger(from: lua, at: index)
    }
}

extension UInt8: LuaPushable, LuaReadable {
    /// Pushes a number of the integer subtype.
    public func push(onto lua: borrowing Lua) throws(LuaError) { try lua.push(Int(self)) }

    /// Reads an integer, or a float that is integral, from 0 to 255.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> UInt8 {
        try readInteger(from: lua, at: index)
    }
}

extension Double: LuaPushable, LuaReadable {
    /// Pushes a number of the float subtype.
    @inlinable
    public func push(onto lua: borrowing Lua) throws(LuaError) { lua.pushReserved(self) }

    /// Reads a number of either subtype.
    @inlinable
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Double {
        guard let value = lua.number(at: index) else { throw lua.mismatch("number", at: index) }
        return value
    }
}

extension Float: LuaPushable, LuaReadable {
    /// Pushes a number of the float subtype, in double precision.
    public func push(onto lua: borrowing Lua) throws(LuaError) { try lua.push(Double(self)) }

    /// Reads a number of either subtype, rounded to single precision.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Float {
        Float(try Double.read(from: lua, at: index))
    }
}

// MARK: - Strings

extension LuaBytes: LuaPushable, LuaReadable {
    /// Pushes the string unchanged.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        // The standard library's closures do not support typed throws.
        var failure: LuaError?
        bytes.withUnsafeBytes { bytes in
            do throws(LuaError) { try lua.push(bytes: bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Reads a string of any bytes.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> LuaBytes {
        guard let bytes = lua.withBytes(at: index, { LuaBytes($0) }) else {
            throw lua.mismatch("string", at: index)
        }
        return bytes
    }
}

extension String: LuaPushable, LuaReadable {
    /// Pushes the text as UTF-8.
    public func push(onto lua: borrowing Lua) throws(LuaError) { try lua.push(self) }

    /// Reads a string that must be UTF-8. Numbers are not converted.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> String {
        guard lua.type(at: index) == .string else { throw lua.mismatch("string", at: index) }
        guard let value = lua.string(at: index) else {
            throw LuaError(.conversion, "the string is not UTF-8; read it as LuaBytes")
        }
        return value
    }
}

// MARK: - Containers

extension Optional: LuaPushable where Wrapped: LuaPushable {
    /// Pushes the wrapped value, or nil.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        if let self { try self.push(onto: lua) } else { try lua.pushNil() }
    }
}

extension Optional: LuaReadable where Wrapped: LuaReadable {
    /// Reads the wrapped value; nil for nil and for an absent value.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Wrapped? {
        lua.isNil(at: index) ? nil : try Wrapped.read(from: lua, at: index)
    }
}

extension Array: LuaPushable where Element: LuaPushable {
    /// Pushes a list: a new table with the elements from index 1 on.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        let base = lua.top
        do throws(LuaError) {
            try lua.pushTable(elements: count)
            for (offset, element) in enumerated() {
                try element.push(onto: lua)
                try lua.setRawElement(offset + 1, of: -2)
            }
        } catch {
            lua_settop(lua.L, Int32(base))
            throw error
        }
    }
}

extension Array: LuaReadable where Element: LuaReadable {
    /// Reads elements 1 to `#t`, without metamethods.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> [Element] {
        guard lua.type(at: index) == .table else { throw lua.mismatch("table", at: index) }
        let table = lua.absolute(index)
        let count = lua.rawLength(at: table)
        var elements: [Element] = []
        // A script can create a table with a large `#t` and few elements.
        elements.reserveCapacity(Swift.min(count, 65536))
        var position = 0
        while position < count {
            position += 1
            try lua.pushRawElement(position, of: table)
            defer { lua.pop() }
            do throws(LuaError) {
                elements.append(try Element.read(from: lua, at: -1))
            } catch {
                throw LuaError(error.code, "element \(position): \(error.message)")
            }
        }
        return elements
    }
}

extension Dictionary: LuaPushable where Key == String, Value: LuaPushable {
    /// Pushes a new table with a field for each pair.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        let base = lua.top
        do throws(LuaError) {
            try lua.pushTable(fields: count)
            for (key, value) in self {
                try lua.push(key)
                try value.push(onto: lua)
                try lua.setRawIndexed(of: base + 1)
            }
        } catch {
            lua_settop(lua.L, Int32(base))
            throw error
        }
    }
}

extension Dictionary: LuaReadable where Key == String, Value: LuaReadable {
    /// Reads all pairs of a table. A key that is not a string is an error.
    public static func read(
        from lua: borrowing Lua, at index: Int
    ) throws(LuaError) -> [String: Value] {
        guard lua.type(at: index) == .table else { throw lua.mismatch("table", at: index) }
        let table = lua.absolute(index)
        let base = lua.top
        defer { lua_settop(lua.L, Int32(base)) }
        var pairs: [String: Value] = [:]
        try lua.pushNil()
        while try lua.next(of: table) {
            guard let key = lua.string(at: -2) else {
                let kind =
                    lua.type(at: -2) == .string ? "string that is not UTF-8" : lua.typeName(at: -2)
                throw LuaError(.conversion, "a \(kind) is a key; strings expected")
            }
            do throws(LuaError) {
                pairs[key] = try Value.read(from: lua, at: -1)
            } catch {
                throw LuaError(error.code, "field '\(key)': \(error.message)")
            }
            lua.pop()
        }
        return pairs
    }
}
