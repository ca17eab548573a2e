// SPDX-License-Identifier: BSD-3-Clause

// The keys of a dictionary whose keys are `Int` are integers in Lua, too. The key that Swift's own
// code makes for the text "3" of a `[String: Int]` also has an integer: the type decides.

/// A dictionary whose keys are integers.
private protocol IntegerKeyed {}
extension Dictionary: IntegerKeyed where Key == Int {}

extension CodingKey {
    /// The integer that may be the key in Lua; nil for a key that is a text. A structure may number
    /// its keys, whose texts are its names.
    var luaInteger: Int? {
        guard let intValue, stringValue == "\(intValue)" else { return nil }
        return intValue
    }

    /// True if the keys of a value of the type `value`, which are of this type, are integers.
    static func areIntegers(of value: Any.Type?) -> Bool {
        Self(intValue: 1)?.luaInteger == 1 && value is any IntegerKeyed.Type
    }

    /// The key in a table of Lua.
    func luaKey(isInteger: Bool) -> LuaValue {
        if isInteger, let number = luaInteger { return .integer(number) }
        return .string(LuaBytes(stringValue))
    }
}

extension Lua {
    /// Sets the value of a key to the topmost value, which is removed.
    func setRaw(_ key: any CodingKey, isInteger: Bool, of table: Int) throws(LuaError) {
        if isInteger, let number = key.luaInteger {
            try setRawElement(number, of: table)
        } else {
            try setRawField(key.stringValue, of: table)
        }
    }

    /// Pushes the value of a key. A table that was read from JSON has texts instead of integers.
    func pushRaw(_ key: any CodingKey, of table: Int) throws(LuaError) {
        guard let number = key.luaInteger else {
            return try pushRawField(key.stringValue, of: table)
        }
        try pushRawElement(number, of: table)
        guard isNil(at: -1) else { return }
        pop()
        try pushRawField(key.stringValue, of: table)
    }
}
