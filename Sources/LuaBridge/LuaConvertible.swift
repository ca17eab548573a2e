// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// A Swift value that can be pushed onto a Lua stack.
public protocol LuaPushable: SendableMetatype {
    /// Pushes exactly one value, or throws and leaves the stack as it was. The caller has made
    /// room for one.
    func push(onto lua: borrowing Lua) throws(LuaError)
}

/// A Swift value that can be read from a Lua stack.
public protocol LuaReadable: SendableMetatype {
    /// Reads the value at `index` and leaves the stack as it was.
    ///
    /// - Throws: ``LuaError`` with code `conversion` and a message such as `number expected,
    ///   got nil`.
    static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Self
}

extension Lua {
    /// Reads the value at `index`.
    public func read<T: LuaReadable>(_ type: T.Type = T.self, at index: Int) throws(LuaError) -> T {
        try T.read(from: self, at: index)
    }

    /// `integer expected, got nil`
    public func mismatch(_ expected: String, at index: Int) -> LuaError {
        LuaError(.conversion, "\(expected) expected, got \(typeName(at: index))")
    }
}

// MARK: - Scalars

extension Bool: LuaPushable, LuaReadable {
    @inlinable
    public func push(onto lua: borrowing Lua) throws(LuaError) { lua.pushReserved(self) }

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
    @inlinable
    public func push(onto lua: borrowing Lua) throws(LuaError) { lua.pushReserved(self) }

    @inlinable
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Int {
        if let value = lua.integer(at: index) { return value }
        return try readInteger(from: lua, at: index)
    }
}

extension Int64: LuaPushable, LuaReadable {
    public func push(onto lua: borrowing Lua) throws(LuaError) { try lua.push(Int(self)) }

    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Int64 {
        try readInteger(from: lua, at: index)
    }
}

extension Int32: LuaPushable, LuaReadable {
    public func push(onto lua: borrowing Lua) throws(LuaError) { try lua.push(Int(self)) }

    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Int32 {
        try readInteger(from: lua, at: index)
    }
}

extension UInt8: LuaPushable, LuaReadable {
    public func push(onto lua: borrowing Lua) throws(LuaError) { try lua.push(Int(self)) }

    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> UInt8 {
        try readInteger(from: lua, at: index)
    }
}

extension Double: LuaPushable, LuaReadable {
    @inlinable
    public func push(onto lua: borrowing Lua) throws(LuaError) { lua.pushReserved(self) }

    @inlinable
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Double {
        guard let value = lua.number(at: index) else { throw lua.mismatch("number", at: index) }
        return value
    }
}

extension Float: LuaPushable, LuaReadable {
    public func push(onto lua: borrowing Lua) throws(LuaError) { try lua.push(Double(self)) }

    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Float {
        Float(try Double.read(from: lua, at: index))
    }
}

// MARK: - Strings

/// A string of Lua: bytes, in any encoding or none.
public struct LuaBytes: Hashable, Sendable, LuaPushable, LuaReadable {
    public var bytes: [UInt8]

    public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// The text; bytes that are not UTF-8 become U+FFFD.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    public func push(onto lua: borrowing Lua) throws(LuaError) {
        // Typed throws do not pass through the standard library's closures.
        var failure: LuaError?
        bytes.withUnsafeBytes { bytes in
            do throws(LuaError) { try lua.push(bytes: bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> LuaBytes {
        guard let bytes = lua.withBytes(at: index, { LuaBytes($0) }) else {
            throw lua.mismatch("string", at: index)
        }
        return bytes
    }
}

extension String: LuaPushable, LuaReadable {
    public func push(onto lua: borrowing Lua) throws(LuaError) { try lua.push(self) }

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
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        if let self { try self.push(onto: lua) } else { try lua.pushNil() }
    }
}

extension Optional: LuaReadable where Wrapped: LuaReadable {
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Wrapped? {
        lua.isNil(at: index) ? nil : try Wrapped.read(from: lua, at: index)
    }
}

extension Array: LuaPushable where Element: LuaPushable {
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
        // A script can make `#t` as large as it likes, with few elements.
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
    /// Reads the pairs with string keys; any other key is an error.
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
