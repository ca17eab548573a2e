// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing

/// Swift types with a Lua class.
@Suite struct ClassTests {
    private func withPoint(_ body: (borrowing Lua) throws -> Void) throws {
        try withLua { lua in
            try lua.register(Point.luaClass)
            try body(lua)
        }
    }

    @Test func members() throws {
        try withPoint { lua in
            let seen = try lua.evaluate(
                """
                local p = Point(3, 4)
                local before = p.norm
                p:move(3, 4)
                p.x = p.x + 1
                local x, y = p:scaled(2):unpack()
                return table.concat({before, p.x, p.y, x, y, #p, p(2), tostring(p), type(p),
                  tostring(p == Point(7, 8)), tostring(p + Point.zero()), tostring(p.absent),
                  tostring(getmetatable(p))}, ' ')
                """, as: String.self)
            #expect(
                seen == "5.0 7.0 8.0 14.0 16.0 2 14.0 (7.0, 8.0) userdata true (7.0, 8.0) nil false"
            )
        }
    }

    @Test(arguments: [
        ("Point(1)", "bad argument #2 to 'Point' (number expected, got no value)"),
        ("Point(1, 2):scaled('x')", "bad argument #1 to 'scaled' (number expected, got string)"),
        (
            "Point(1, 2).scaled(1)",
            "bad argument #1 to 'scaled' (Point expected, got number; is the call written with ':'?)"
        ),
        ("Point(1, 2).z = 3", "Point: cannot set field 'z'"),
        ("Point(1, 2).norm = 3", "Point: cannot set field 'norm': it is read-only"),
        ("Point(1, 2).x = 'a'", "Point.x: number expected, got string"),
        ("return Point(1, 2) + 1", "bad argument #2 to 'add' (Point expected, got number)"),
        ("return 1 + Point(1, 2)", "bad argument #1 to 'add' (Point expected, got number)"),
        (
            "return (function(p) p('x') end)(Point(1, 2))",
            "bad argument #2 to 'p' (number expected, got string)"
        ),
        ("return Point(1, 2) < Point(1, 2)", "attempt to compare two Point values"),
        ("return Point(1, 2) .. 'x'", "attempt to concatenate a Point value"),
    ])
    func mistakes(code: String, message: String) throws {
        try withPoint { lua in
            let found = try failure(lua, of: code)
            #expect(found.message == "test:1: " + message)
            #expect(found.code == .runtime)
        }
    }

    @Test func swiftErrorOfAGetter() throws {
        try withPoint { lua in
            #expect(throws: Boom(n: 3)) { try lua.execute("return Point(1, 2).broken") }
        }
    }

    @Test func classesAreNotConfused() throws {
        try withPoint { lua in
            try lua.push(Owner(token: Token()), as: Owner.luaClass)
            let found = try failure(lua) { _ = try $0.read(Point.self, at: -1) }
            #expect(found == Failure(.conversion, "Point expected, got Owner"))
            let other = LuaClass<Point>("Point") { _ in }
            try lua.push(Point(), as: other)
            #expect(lua.object(Point.luaClass, at: -1) == nil)
            #expect(lua.object(other, at: -1) == Point())
        }
    }

    /// A metatable that the debug library sets does not make a value an object.
    @Test func foreignUserdata() throws {
        try withPoint { lua in
            let told = try lua.evaluate(
                """
                local meta = debug.getmetatable(Point(1, 2))
                meta.__gc(io.stderr)
                meta.__gc(1)
                local stock = debug.getmetatable(io.stderr)
                debug.setmetatable(io.stderr, meta)
                local ok, e = pcall(function() return io.stderr.x end)
                debug.setmetatable(io.stderr, stock)
                local p = Point(1, 2)
                meta.__gc(p)
                meta.__gc(p)
                local ok2, e2 = pcall(function() return p.x end)
                return tostring(e) .. '; ' .. tostring(e2)
                """, as: String.self)
            #expect(told == "Point expected, got Point; Point expected, got Point")
        }
    }

    @Test func releasedOnce() throws {
        var tokens = (0..<3).map { _ in Token() }
        try withLua { lua in
            for token in tokens { try lua.push(Owner(token: token), as: Owner.luaClass) }
            #expect(lua.object(Owner.luaClass, at: 1)?.token === tokens[0])
            lua.remove(at: 1)
            try lua.collectGarbage()
            #expect(isKnownUniquelyReferenced(&tokens[0]))
            #expect(!isKnownUniquelyReferenced(&tokens[1]))
        }
        for index in tokens.indices { #expect(isKnownUniquelyReferenced(&tokens[index])) }
    }

    @Test func functionsAreReleased() throws {
        var token = Token()
        try withLua { lua in
            let held = token
            try lua.push(function: { _ in
                withExtendedLifetime(held) {}
                return 0
            })
            try lua.setGlobal("f")
        }
        #expect(isKnownUniquelyReferenced(&token))
    }

    @Test func aFieldWithAnotherNameIsSuggested() throws {
        try withLua { lua in
            let type = LuaClass<Token>("Token") { type in
                type.property("name", { _ in "a" })
                type.newIndex { lua, _ in throw lua.error("own refusal") }
            }
            try lua.push(Token(), as: type)
            try lua.setGlobal("token")
            try lua.setGlobal("point", to: Point())
            #expect(
                try failure(lua, of: "point.xy = 1").message
                    == "test:1: Point: cannot set field 'xy'; did you mean `x`?")
            #expect(try failure(lua, of: "token.nam = 1").message == "test:1: own refusal")
        }
    }
}
