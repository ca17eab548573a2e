// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif
public import VTLuaBridge

// Types of Foundation as arguments, results and fields. They are in a product of their own, so that
// programs that do not use Foundation need not link it.

extension Data: LuaScalar {
    /// Creates data from a string of any bytes.
    public init(luaValue: LuaValue) throws(LuaError) {
        self.init(try LuaBytes(luaValue: luaValue).bytes)
    }

    /// Returns a string with the bytes.
    public func luaValue() -> LuaValue { .string(LuaBytes(self)) }

    /// Pushes a string with the bytes.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        var failure: LuaError?
        withUnsafeBytes { bytes in
            do throws(LuaError) { try lua.push(bytes: bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Reads a string of any bytes.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Data {
        guard let data = lua.withBytes(at: index, { Data($0) }) else {
            throw lua.mismatch("string", at: index)
        }
        return data
    }
}

extension Date: LuaScalar {
    /// Creates a date from a number of seconds since 1970-01-01 00:00:00 UTC, as `os.time` returns.
    public init(luaValue: LuaValue) throws(LuaError) {
        self.init(timeIntervalSince1970: try Double(luaValue: luaValue))
    }

    /// Returns the number of seconds since 1970-01-01 00:00:00 UTC: an integer where it is whole.
    public func luaValue() -> LuaValue {
        let seconds = timeIntervalSince1970
        return Int(exactly: seconds).map { .integer($0) } ?? .number(seconds)
    }
}

extension UUID: LuaScalar {
    /// Creates an identifier from its text.
    public init(luaValue: LuaValue) throws(LuaError) {
        let text = try String(luaValue: luaValue)
        guard let value = UUID(uuidString: text) else {
            throw LuaError(.conversion, "a UUID expected, got '\(text)'")
        }
        self = value
    }

    /// Returns the identifier as a string.
    public func luaValue() -> LuaValue { .string(LuaBytes(uuidString)) }
}

extension URL: LuaScalar {
    /// Creates a URL from its text.
    public init(luaValue: LuaValue) throws(LuaError) {
        let text = try String(luaValue: luaValue)
        guard let value = URL(string: text) else {
            throw LuaError(.conversion, "a URL expected, got '\(text)'")
        }
        self = value
    }

    /// Returns the URL as a string.
    public func luaValue() -> LuaValue { .string(LuaBytes(absoluteString)) }
}
