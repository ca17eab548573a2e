// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua

/// A Swift value that can be pushed onto a Lua stack.
public protocol LuaPushable: SendableMetatype {
    /// Pushes exactly one value, for which the caller has reserved a slot. Throws and leaves the
    /// stack unchanged on failure.
    func push(onto lua: borrowing Lua) throws(LuaError)

    /// Pushes the value as a result or an argument of a function, and returns the number of values:
    /// 1, but for ``LuaVariadic``. Throws and leaves the stack unchanged on failure.
    func pushResults(onto lua: borrowing Lua) throws(LuaError) -> Int
}

extension LuaPushable {
    /// Pushes one value.
    @inlinable
    public func pushResults(onto lua: borrowing Lua) throws(LuaError) -> Int {
        try push(onto: lua)
        return 1
    }
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
    /// Pushes a value of any type that is ``LuaPushable``: a list, a dictionary, an object.
    public func push(_ value: some LuaPushable) throws(LuaError) {
        try reserve(1)
        try value.push(onto: self)
    }

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

extension Bool {
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

extension Int {
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

extension Double {
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

// MARK: - Strings

extension LuaBytes {
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

extension String {
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
            try lua.reserve(1)
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
    /// Reads elements 1 to `#t`, without metamethods, the elements of a typed array, or the
    /// rows of a frame.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> [Element] {
        guard lua.type(at: index) == .table else {
            if let elements = try lua.copiedElements(at: index, as: Self.self) { return elements }
            throw lua.mismatch("table", at: index)
        }
        let table = lua.absolute(index)
        let count = lua.rawLength(at: table)
        if count == 0, let rows = try lua.copiedElements(at: index, as: Self.self) { return rows }
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

extension Dictionary: LuaPushable where Key: LuaPushable, Value: LuaPushable {
    /// Pushes a new table with a field for each pair.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        let base = lua.top
        do throws(LuaError) {
            try lua.pushTable(fields: count)
            try lua.reserve(2)
            for (key, value) in self {
                try key.push(onto: lua)
                try value.push(onto: lua)
                try lua.setRawIndexed(of: base + 1)
            }
        } catch {
            lua_settop(lua.L, Int32(base))
            throw error
        }
    }
}

extension Dictionary: LuaReadable where Key: LuaReadable, Value: LuaReadable {
    /// Reads all pairs of a table. A key of another type is an error.
    public static func read(
        from lua: borrowing Lua, at index: Int
    ) throws(LuaError) -> [Key: Value] {
        guard lua.type(at: index) == .table else { throw lua.mismatch("table", at: index) }
        let table = lua.absolute(index)
        let base = lua.top
        defer { lua_settop(lua.L, Int32(base)) }
        var pairs: [Key: Value] = [:]
        try lua.pushNil()
        while try lua.next(of: table) {
            let key = try readKey(lua)
            do throws(LuaError) {
                pairs[key] = try Value.read(from: lua, at: -1)
            } catch {
                throw LuaError(
                    error.code, "field \(LuaValue(lua: lua, at: -2).fieldName): \(error.message)")
            }
            lua.pop()
        }
        return pairs
    }

    private static func readKey(_ lua: borrowing Lua) throws(LuaError) -> Key {
        do throws(LuaError) {
            return try Key.read(from: lua, at: -2)
        } catch {
            guard error.code == .conversion else { throw error }
            guard Key.self == String.self else {
                throw LuaError(.conversion, "a key: \(error.message)")
            }
            let kind =
                lua.type(at: -2) == .string ? "string that is not UTF-8" : lua.typeName(at: -2)
            throw LuaError(.conversion, "a \(kind) is a key; strings expected")
        }
    }
}
