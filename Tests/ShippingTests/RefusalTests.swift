// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTShipping
import Testing

@Suite struct RefusalTests {
    static let create = "Create it inside the task instead."

    @Test(arguments: [
        ("return coroutine.create(print)", "it is a coroutine. \(create)"),
        ("return io.tmpfile()", "it is a file. Open it inside the task instead."),
        ("return string.gmatch('', '')", "it is a C function. \(create)"),
        (
            "return setmetatable({}, {})",
            "it is a table with an unregistered metatable. Register it with vt.class(name, metatable)."
        ),
        ("return {{cb = co}}", "[1].cb is a coroutine. \(create)"),
        ("return {name = {sub = {1, 2, co}}}", ".name.sub[3] is a coroutine. \(create)"),
        ("return {x = 1, y = {co}}", ".y[1] is a coroutine. \(create)"),
        (
            "local cfg = {handlers = {{cb = co}}} return function() return cfg end",
            "upvalue 'cfg' -> cfg.handlers[1].cb is a coroutine. \(create)"
        ),
        ("local c = co return function() return c end", "upvalue 'c' is a coroutine. \(create)"),
        (
            "local log = {out = co} return {callbacks = {1, function() return log end}}",
            ".callbacks[2] -> upvalue 'log' -> log.out is a coroutine. \(create)"
        ),
        (
            "local c = co local function f() return c end return function() return f end",
            "upvalue 'f' -> upvalue 'c' is a coroutine. \(create)"
        ),
        ("return {['a b'] = co}", "[\"a b\"] is a coroutine. \(create)"),
        ("return {['end'] = co}", "[\"end\"] is a coroutine. \(create)"),
        ("return {['a\"\\n\\0'] = co}", "[\"a\\\"\\n\\000\"] is a coroutine. \(create)"),
        ("return {[true] = co}", "[true] is a coroutine. \(create)"),
        ("return {[1.5] = co}", "[1.5] is a coroutine. \(create)"),
        ("return {[-3] = co}", "[-3] is a coroutine. \(create)"),
        ("return {[{}] = co}", "[table] is a coroutine. \(create)"),
        (
            "return {[('k'):rep(100)] = co}",
            ".\(String(repeating: "k", count: 40))... is a coroutine. \(create)"
        ),
        ("return {[co] = 1}", "a key is a coroutine. \(create)"),
        ("return {x = {[co] = 1}}", "key of .x is a coroutine. \(create)"),
        ("return {x = {[{1, co}] = 1}}", "key of .x -> [2] is a coroutine. \(create)"),
        (
            "local t = {x = {[co] = 1}} return function() return t end",
            "key of upvalue 't' -> t.x is a coroutine. \(create)"
        ),
    ])
    func one(code: String, expected: String) throws {
        let found = try refusal("co = coroutine.create(print) " + code)
        #expect(found == "cannot send it all: " + expected)
    }

    @Test func functions() throws {
        let remedy = "Return data; a function comes back from threads only."
        #expect(
            try refusal("return {f = function() end}", [])
                == "cannot send it all: .f is a function. \(remedy)")
    }

    @Test func userdata() throws {
        let found = try refusal("return {thing}") { lua in
            try lua.push(Thing(), as: Thing.luaClass)
            try lua.setGlobal("thing")
        }
        #expect(found == "cannot send it all: [1] is a Thing (userdata). \(Self.create)")
        let light = try refusal("return {a = {light}}") { lua in
            try lua.pushResult(of: "return debug.upvalueid(function() return print end, 1)")
            try lua.setGlobal("light")
        }
        #expect(light == "cannot send it all: .a[1] is a light userdata. \(Self.create)")
    }

    @Test func several() throws {
        let code = "local t = {} for i = 1, 7 do t[i] = coroutine.create(print) end return t"
        let lines = (1...5).map { "\n  [\($0)] is a coroutine. \(Self.create)" }
        #expect(
            try refusal(code) == "cannot send it all:\(lines.joined())\n  and 2 more")
        #expect(
            try refusal("return {coroutine.create(print), x = io.tmpfile()}")
                == """
                cannot send it all:
                  [1] is a coroutine. \(Self.create)
                  .x is a file. Open it inside the task instead.
                """)
    }

    @Test func elements() throws {
        try withLua { lua in
            try lua.push(1)
            try lua.pushResult(of: "return {x = coroutine.create(print)}")
            try lua.pushResult(of: "return coroutine.create(print)")
            let encoder = ShippingEncoder()
            do {
                try encoder.encode(lua, elementsFrom: 1, count: 3)
                Issue.record("nothing was thrown")
            } catch let refusal as ShippingRefusal {
                #expect(
                    refusal
                        == ShippingRefusal(
                            offenders: [
                                .init(
                                    element: 2, path: ".x", what: "a coroutine", remedy: Self.create
                                ),
                                .init(
                                    element: 3, path: "", what: "a coroutine", remedy: Self.create),
                            ], total: 2))
                #expect(
                    refusal.message(sending: "the call") { "argument \($0)" }
                        == """
                        cannot send the call:
                          argument 2.x is a coroutine. \(Self.create)
                          argument 3 is a coroutine. \(Self.create)
                        """)
            }
            #expect(lua.top == 3)
        }
    }

    /// A path of a hundred steps is abbreviated to its ends.
    @Test func longPath() throws {
        let found = try refusal(
            "local t = {coroutine.create(print)} for i = 1, 99 do t = {x = t} end return t")
        let end = String(repeating: ".x", count: 12)
        #expect(
            found
                == "cannot send it all: \(end) ... \(end.dropLast(2))[1] is a coroutine. \(Self.create)"
        )
    }

    @Test func canonicalKeys() throws {
        let found = try refusal("return {a = {[{}] = 1}}", .canonical)
        #expect(
            found
                == "cannot send it all: key of .a is a table, which cannot be sorted. Use strings, numbers or booleans as keys."
        )
    }
}

struct Thing: LuaObject {
    static let luaClass = LuaClass<Thing>("Thing") { _ in }
}
