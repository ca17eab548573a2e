// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing

/// Numbers, strings and containers, pushed and read again.
@Suite struct ValueTests {
    @Test(arguments: [
        0, 1, -1, Int.max, Int.min, 1 << 53, (1 << 53) + 1, -(1 << 53) - 1, Int.max - 1,
    ])
    func integers(value: Int) throws {
        try withLua { lua in
            try lua.push(value)
            #expect(lua.isInteger(at: -1) == true)
            #expect(lua.integer(at: -1) == value)
            #expect(try lua.display(at: -1) == "\(value)")
        }
    }

    @Test(arguments: [
        0.0, -0.0, 1.5, Double.infinity, -Double.infinity, Double.greatestFiniteMagnitude,
        Double.leastNonzeroMagnitude, 9007199254740992, 9007199254740994, 1e308, -1e-308,
    ])
    func floats(value: Double) throws {
        try withLua { lua in
            try lua.push(value)
            #expect(lua.isInteger(at: -1) == false)
            #expect(lua.number(at: -1)?.bitPattern == value.bitPattern)
        }
    }

    @Test func notANumber() throws {
        try withLua { lua in
            try lua.push(Double.nan)
            #expect(lua.number(at: -1)?.isNaN == true)
            #expect(lua.integer(at: -1) == nil)
            #expect(try lua.equal(-1, -1) == false)
        }
    }

    @Test(arguments: [
        ("3.0", 3), ("-0.0", 0), ("2^53", 1 << 53), ("-2^63", Int.min), ("3.5", nil),
        ("2^63", nil), ("1/0", nil), ("'3'", nil), ("true", nil), ("math.mininteger", Int.min),
    ])
    func exactIntegers(code: String, value: Int?) throws {
        try withLua { lua in
            try lua.load("return " + code)
            try lua.call(results: 1)
            #expect(lua.integer(at: -1) == value)
        }
    }

    @Test(arguments: ["", "a", "a\0b", "æøå", "\u{1F600}", String(repeating: "long ", count: 100)])
    func strings(value: String) throws {
        try withLua { lua in
            try lua.push(value)
            #expect(lua.string(at: -1) == value)
            #expect(lua.rawLength(at: -1) == value.utf8.count)
        }
    }

    @Test func bytes() throws {
        try withLua { lua in
            let bytes: [UInt8] = [0xFF, 0, 0xC3, 0x28]
            try LuaBytes(bytes).push(onto: lua)
            #expect(lua.string(at: -1) == nil)
            #expect(lua.text(at: -1) == "\u{FFFD}\0\u{FFFD}(")
            #expect(try lua.read(LuaBytes.self, at: -1).bytes == bytes)
            let found = try failure(lua) { _ = try $0.read(String.self, at: -1) }
            #expect(found == Failure(.conversion, "the string is not UTF-8; read it as LuaBytes"))
            try lua.push(bytes: UnsafeRawBufferPointer(start: nil, count: 0))
            #expect(lua.string(at: -1) == "")
        }
    }

    @Test func mismatches() throws {
        try withLua { lua in
            try expect(lua, "nil", Int.self, "number expected, got nil")
            try expect(lua, "1.5", Int.self, "number has no integer representation")
            try expect(lua, "256", UInt8.self, "256 does not fit in UInt8")
            try expect(lua, "2^31", Int32.self, "2147483648 does not fit in Int32")
            try expect(lua, "'1'", Double.self, "number expected, got string")
            try expect(lua, "1", Bool.self, "boolean expected, got number")
            try expect(lua, "print", [Int].self, "table expected, got function")
            try expect(lua, "{1, 'x'}", [Int].self, "element 2: number expected, got string")
            try expect(
                lua, "{{1}, {true}}", [[Int]].self,
                "element 2: element 1: number expected, got boolean")
            try expect(
                lua, "{a = 'x'}", [String: Int].self, "field 'a': number expected, got string")
            try expect(lua, "{1}", [String: Int].self, "a number is a key; strings expected")
            try expect(
                lua, "{['\\xff'] = 1}", [String: Int].self,
                "a string that is not UTF-8 is a key; strings expected")
            try expect(
                lua, "setmetatable({}, {__name = 'Thing'})", Int.self, "number expected, got Thing")
        }
    }

    private func expect<T: LuaReadable>(
        _ lua: borrowing Lua, _ code: String, _ type: T.Type, _ message: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let found = try failure(lua) { _ = try $0.evaluate("return " + code, as: type) }
        #expect(found == Failure(.conversion, message), sourceLocation: sourceLocation)
        #expect(lua.top == 0, sourceLocation: sourceLocation)
    }

    @Test func containers() throws {
        try withLua { lua in
            try lua.push(any: [[1, 2], [], [3]])
            #expect(try lua.read([[Int]].self, at: -1) == [[1, 2], [], [3]])
            try lua.push(any: ["a": Int?.some(1)])
            #expect(try lua.read([String: Int?].self, at: -1) == ["a": 1])
            #expect(try lua.evaluate("return nil", as: Int?.self) == nil)
            #expect(try lua.evaluate("return 3", as: Int?.self) == 3)
        }
    }

    /// A length that a script invents neither reserves memory nor traps.
    @Test func endlessLength() throws {
        try withLua { lua in
            let found = try failure(lua) { lua in
                _ = try lua.evaluate(
                    """
                    local t = {}
                    for i = 0, 62 do t[1 << i] = 1 end
                    t[math.maxinteger] = 1
                    return t
                    """, as: [Int].self)
            }
            #expect(found == Failure(.conversion, "element 3: number expected, got nil"))
        }
    }

    @Test func copies() throws {
        try withLua { lua in
            let value = try lua.evaluate(
                "local t = {1, 2.5, a = {true}, [false] = 'x'} t.self = t return t",
                as: LuaValue.self)
            #expect(
                value
                    == .table([
                        .init(key: .integer(1), value: .integer(1)),
                        .init(key: .integer(2), value: .number(2.5)),
                        .init(
                            key: .string(LuaBytes("a")),
                            value: .table([.init(key: .integer(1), value: .boolean(true))])),
                        .init(
                            key: .string(LuaBytes("self")),
                            value: .opaque(type: "table", description: "...")),
                        .init(key: .boolean(false), value: .string(LuaBytes("x"))),
                    ]))
        }
    }

    @Test func rawAccessToNoTable() throws {
        try withLua { lua in
            try lua.push(1)
            let refused = Failure(.argument, "table expected, got number")
            let read = try failure(lua) { try $0.pushRawElement(1, of: 1) }
            #expect(read == refused)
            try lua.push(2)
            let written = try failure(lua) { try $0.setRawField("a", of: 1) }
            #expect(written == refused)
            #expect(lua.top == 1)
        }
    }
}
