// SPDX-License-Identifier: BSD-3-Clause

import CVTArrayLua
import VTLuaBridge
import VTShipping
import Testing

@Suite struct HostileTests {
    /// Messages with values of all kinds.
    static let messages = [
        "return {1, -1, 300, 70000, 1 << 40, 1.5, 'text', ('x'):rep(300), true, false, {}, {a = 1}}",
        "local t = {} for i = 1, 20 do t[i] = i end return {t, t, x = {t}}",
        "local t = {} for i = 1, 20 do t[i] = i + 0.5 end return t",
        "return {print, string.format, io.stdout, _G, math}",
        "local n = 0 local function f() n = n + 1 return f, print end return {f, function() return n end, f}",
        "return {point, {point}}",
        "return function() return point, Point end",
    ]

    static let prepare = """
        Point = {} Point.__index = Point function Point.get(p) return p.x end
        point = setmetatable({x = 1}, Point)
        """

    /// Every proper prefix of a valid message is reported as malformed.
    @Test(arguments: messages) func prefixes(code: String) throws {
        try withLua { lua in
            try lua.execute(Self.prepare)
            try lua.pushResult(of: "return Point")
            try lua.registerClass("Point")
            try lua.pushResult(of: code)
            let encoder = ShippingEncoder(.functions)
            try encoder.encode(lua, at: 1)
            let whole = encoder.withBytes { Array($0) }
            for count in 0..<whole.count {
                let message = failure(Array(whole[..<count]), trustsCode: true, lua)
                #expect(
                    message.contains("malformed message") || message.contains("truncated"),
                    "\(count) of \(whole.count): \(message)")
            }
            // Bytes after the item are ignored.
            var position = 0
            try (whole + [0xFF]).withUnsafeBytes {
                try ShippingDecoder(trustsCode: true).decode($0, at: &position, lua)
            }
            #expect(position == whole.count)
        }
    }

    @Test(arguments: [
        ("", "the bytes end too early, at byte 0"),
        ("18", "the bytes end too early, at byte 1"),
        ("5bffffffffffffffff", "a string longer than the bytes that are left, at byte 9"),
        ("7a10000000", "a string longer than the bytes that are left, at byte 5"),
        ("5a0fffffff41", "a string longer than the bytes that are left, at byte 5"),
        ("9bffffffffffffffff", "a count larger than the bytes that are left, at byte 9"),
        ("9affffffff00", "a count larger than the bytes that are left, at byte 5"),
        ("bbffffffffffffffff", "a count larger than the bytes that are left, at byte 9"),
        ("bb800000000000000000", "a count larger than the bytes that are left, at byte 9"),
        ("8581000000", "a count larger than the bytes that are left, at byte 1"),
        ("84000083000000", "a count larger than the bytes that are left, at byte 4"),
        ("1bffffffffffffffff", "an integer of more than 64 bits, at byte 9"),
        ("1b8000000000000000", "an integer of more than 64 bits, at byte 9"),
        ("3b8000000000000000", "an integer of more than 64 bits, at byte 9"),
        ("9f00ff", "an indefinite length, at byte 0"), ("5fff", "an indefinite length, at byte 0"),
        ("bfff", "an indefinite length, at byte 0"), ("7f", "an indefinite length, at byte 0"),
        ("ff", "a break, at byte 0"), ("1c", "a reserved head, at byte 0"),
        ("fc", "a reserved head, at byte 0"), ("9e", "a reserved head, at byte 0"),
        ("f7", "a simple value that Lua does not have, at byte 1"),
        ("f820", "a simple value that Lua does not have, at byte 2"),
        ("e0", "a simple value that Lua does not have, at byte 1"),
        ("c000", "unknown tag 0, at byte 1"),
        ("d9d9f700", "unknown tag 55799, at byte 3"),
        ("dbffffffffffffffff00", "unknown tag 18446744073709551615, at byte 9"),
        ("d84f40", "unknown tag 79, at byte 2"),
        ("a1f600", "a key that is nil, at byte 2"),
        ("a1fb7ff800000000000000", "a key that is NaN, at byte 10"),
        ("a1f97e0000", "a key that is NaN, at byte 4"),
        ("d81d00", "a reference to nothing, at byte 3"),
        ("82d81c80d81d01", "a reference to nothing, at byte 7"),
        ("d81cd81d00", "a reference is marked as shared, at byte 5"),
        ("d81cd81c80", "a value is marked twice as shared, at byte 4"),
        ("da5654000100", "a list of an unknown type, at byte 6"),
        ("da56540001d85500", "a list of an unknown type, at byte 7"),
        ("da56540001d84f00", "a list without its bytes, at byte 8"),
        ("da56540001d84f4100", "a list that ends within a number, at byte 9"),
        ("da56540001d84f4800", "a string longer than the bytes that are left, at byte 8"),
        ("da5654000281da5654000340", "a function; only data is accepted here, at byte 5"),
        ("da5654000480", "a name without its module, at byte 6"),
        ("da56540004830000", "a name without its module, at byte 6"),
        ("da565400048100", "a name that is not a string, at byte 7"),
        ("da565400058200", "an object without a class, at byte 7"),
        ("da565400058200f6", "an object without a class, at byte 7"),
        ("da5654000581f6", "an object without a class, at byte 6"),
        (
            "da5654000582da5654000482425f47457072696e7480",
            "an object whose class is not a table, at byte 21"
        ),
        (
            "da5654000582da5654000481425f4705",
            "a class or an object whose content is not a table, at byte 15"
        ),
        (
            "d81c82d81c80da5654000582da5654000481425f47d81d01",
            "a class or an object whose content is not a table, at byte 21"
        ),
        (
            "da5654000582da565400068241414080",
            "a class definition; only data is accepted here, at byte 12"
        ),
        ("da56540006f6", "a class without its name, at byte 6"),
        ("da565400068241414080", "a class definition; only data is accepted here, at byte 6"),
        ("da5654000700", "a reference; none is accepted here, at byte 6"),
        ("da5654000800", "a reference; none is accepted here, at byte 6"),
        ("da5654000900", "a reference to a value of the call; none is accepted here, at byte 6"),
        ("da5654000d00", "unknown tag 1448345613, at byte 5"),
        ("da5654000c00", "an array of elements of an unknown type, at byte 6"),
        ("da5654000340", "unknown tag 1448345603, at byte 5"),
    ])
    func malformed(code: String, expected: String) throws {
        // The codec reads arrays, whichever tests have run before.
        vta_register()
        try withLua { lua in
            #expect(failure(bytes(code), lua) == "malformed message: " + expected)
        }
    }

    @Test(arguments: [
        ("05", "expected an array of values, at byte 1"),
        ("a0", "expected an array of values, at byte 1"),
        ("9a00ffffff", "a count larger than the bytes that are left, at byte 5"),
        ("8205", "a count larger than the bytes that are left, at byte 1"),
        ("8205a1", "a count larger than the bytes that are left, at byte 3"),
    ])
    func elements(code: String, expected: String) throws {
        try withLua { lua in
            #expect(
                failure(bytes(code), elements: true, lua) == "malformed message: " + expected)
        }
    }

    /// More elements than the Lua stack holds.
    @Test func tooManyElements() throws {
        try withLua { lua in
            let many = [0x9A, 0x00, 0x20, 0, 0] + [UInt8](repeating: 0, count: 0x200000)
            #expect(
                failure(many, elements: true, lua)
                    == "malformed message: more values than the Lua stack can hold, at byte 5")
        }
    }

    /// The parts of a function are checked even when code is trusted.
    @Test func malformedFunctions() throws {
        try withLua { lua in
            try lua.pushResult(of: "local a, b = 1, 2 return function() return a, b end")
            let encoder = ShippingEncoder(.functions)
            try encoder.encode(lua, at: 1)
            let whole = encoder.withBytes { Array($0) }
            #expect(whole[5] == 0x83 && whole.suffix(4) == [0x81, 1, 0x81, 2])
            let count = whole.count
            let changes: [(at: Int, to: [UInt8], expected: String)] = [
                (5, [0x82], "a function with 1 upvalues for 2, at byte \(count - 4)"),
                (5, [0x80], "a function without its code, at byte 6"),
                (count - 2, [0x80], "an upvalue without its cell, at byte \(count - 1)"),
                (6, [0], "a reference to unknown code, at byte 7"),
                (
                    count - 2, [0xD8, 0x1D, 0],
                    "a reference that is not to an upvalue, at byte \(count + 1)"
                ),
            ]
            for change in changes {
                let changed = whole[..<change.at] + change.to + whole[(change.at + 1)...]
                #expect(
                    failure(Array(changed), trustsCode: true, lua)
                        == "malformed message: " + change.expected)
            }
        }
    }

    /// A reference to a table is not accepted as a cell, nor a reference to a cell as a value.
    @Test func cellsAreNoValues() throws {
        try withLua { lua in
            try lua.pushResult(
                of: "local n = 1 return {function() return n end, function() return n end}")
            let encoder = ShippingEncoder(.functions)
            try encoder.encode(lua, at: 1)
            var whole = encoder.withBytes { Array($0) }
            #expect(whole.suffix(3) == [0xD8, 0x1D, 0])
            whole[0] = 0x83
            #expect(
                failure(whole + [0xD8, 0x1D, 0], trustsCode: true, lua)
                    == "malformed message: a reference to nothing, at byte \(whole.count + 3)")
        }
    }
}
