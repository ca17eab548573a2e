// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing

/// Tables and functions as handles, and calls by name.
@Suite struct HandleTests {
    @Test func tables() throws {
        try withLua { lua in
            try lua.execute("config = {width = 2, names = {'a'}, [3] = true}")
            let config = try lua.global("config", as: LuaTable.self)
            #expect(try config.get("width", in: lua, as: Int.self) == 2)
            try config.set("height", to: 1.5, in: lua)
            let names = try config.get("names", in: lua, as: LuaTable.self)
            try names.append("b", in: lua)
            try names.set("twice", to: LuaClosure { (x: Int) in x * 2 }, in: lua)
            #expect(try names.count(in: lua) == 2)
            #expect(try names.call("twice", 4, in: lua, returning: Int.self) == 8)
            #expect(
                try lua.evaluate("return config.height, config.names", as: (Double, [String]).self)
                    == (1.5, ["a", "b"]))
            #expect(try config.get("absent", in: lua, as: Int?.self) == nil)
            #expect(try config.get(3, in: lua, as: Bool.self))
            let globals = try lua.globals
            try globals.set("x", to: [1, 2], in: lua)
            #expect(try lua.evaluate("return #x", as: Int.self) == 2)
            let made = try lua.makeTable()
            try made.set("k", to: 1, in: lua)
            #expect(try made.pairs(in: lua, as: (String, Int).self).map(\.key) == ["k"])
            #expect(lua.top == 0)
        }
    }

    @Test func functions() throws {
        try withLua { lua in
            try lua.execute("function range(a, b) return math.min(a, b), math.max(a, b), 'x' end")
            let range = try lua.global("range", as: LuaFunction.self)
            #expect(try range.call(5, 3, in: lua, returning: Int.self) == 3)
            #expect(try range.call(5, 3, in: lua, returning: (Int, Int).self) == (3, 5))
            let all: LuaVariadic<LuaValue> = try range.call(5, 3, in: lua)
            #expect(all.elements == [3, 5, "x"])
            try range.call(1, 2, in: lua)
            #expect(try lua.call("string.rep", "ab", 2, returning: String.self) == "abab")
            let (low, rest) = try lua.call(
                "range", 2, 1, returning: (Int, LuaVariadic<LuaValue>).self)
            #expect(low == 1 && rest.elements == [2, "x"])
            try lua.call("rawset", try lua.globals, "set", true)
            #expect(try lua.global("set", as: Bool.self))
            #expect(
                try lua.call("select", "#", LuaVariadic(["a", "b", "c"]), returning: Int.self) == 3)
            #expect(lua.top == 0)
        }
    }

    @Test func mistakes() throws {
        try withLua { lua in
            try lua.execute("config = {width = 'x', [2] = 1}")
            let config = try lua.global("config", as: LuaTable.self)
            func expect(
                _ lua: borrowing Lua, _ expected: Failure,
                _ body: (borrowing Lua) throws -> Void
            ) throws {
                let found = try failure(lua, body)
                #expect(found == expected)
                #expect(lua.top == 0)
            }
            try expect(lua, Failure(.conversion, "field 'width': number expected, got string")) {
                _ = try config.get("width", in: $0, as: Int.self)
            }
            try expect(lua, Failure(.conversion, "field 2: string expected, got number")) {
                _ = try config.get(2, in: $0, as: String.self)
            }
            try expect(lua, Failure(.conversion, "global 'absent': table expected, got nil")) {
                _ = try $0.global("absent", as: LuaTable.self)
            }
            try expect(lua, Failure(.conversion, "global 'config': function expected, got table")) {
                _ = try $0.global("config", as: LuaFunction.self)
            }
            try expect(
                lua,
                Failure(
                    .argument,
                    "no function 'string.repp': 'string.repp' is nil; did you mean `string.rep`?")
            ) { try $0.call("string.repp", 1) }
            try expect(
                lua,
                Failure(
                    .argument, "no function 'strin.rep': 'strin' is nil; did you mean `string`?")
            ) { try $0.call("strin.rep") }
            try expect(lua, Failure(.argument, "no function '_VERSION.b': no table has 'b'")) {
                try $0.call("_VERSION.b")
            }
            try expect(lua, Failure(.argument, "no function 'config.width': it is a string")) {
                try $0.call("config.width")
            }
        }
    }

    /// A handle outlives its state, and its use is an error then.
    @Test func closed() throws {
        let table = try withLua { try $0.makeTable() }
        try withLua { lua in
            let found = try failure(lua) { _ = try table.count(in: $0) }
            #expect(found == Failure(.closed, "the Lua state is closed"))
        }
    }
}
