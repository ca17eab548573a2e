// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge

extension Use {
    static let functions: [Use] = [
        Use("load") { lua, _ in
            try lua.load("local a, b = ... return function() return a, b end", name: "=chunk")
            lua.pop()
        },
        Use("dump", prepare: { try $0.load("return 1") }) { lua, _ in
            try lua.pushValue(at: -1)
            try lua.dump()
            lua.pop()
        },
        Use("evaluate") { lua, _ in
            _ = try lua.evaluate("return ('x'):rep(100)", as: String.self)
        },
        Use(
            "call a reference",
            prepare: { lua in
                try lua.load("return (...) .. 'y'")
                try lua.setGlobal("f")
            }
        ) { lua, _ in
            try lua.pushGlobal("f")
            let function = try lua.takeReference()
            let text = try lua.call(function, "x", returning: String.self)
            guard text == "xy" else { throw Boom(n: 1) }
        },
        Use("push function") { lua, token in
            try lua.push(function: { _ in
                withExtendedLifetime(token) {}
                return 0
            })
            lua.pop()
        },
        Use("call a Swift function") { lua, token in
            try lua.push { (text: String) in
                withExtendedLifetime(token) { text + text }
            }
            try lua.setGlobal("double")
            _ = try lua.evaluate(
                "return double('some text that is longer than forty characters')", as: String.self)
            try lua.pushNil()
            try lua.setGlobal("double")
        },
        Use("a Swift error comes back") { lua, token in
            try lua.push(function: { _ in
                withExtendedLifetime(token) {}
                throw Boom(n: 9)
            })
            do {
                try lua.call()
            } catch let error as Boom {
                guard error == Boom(n: 9) else { throw error }
            }
        },
        Use("a Swift error as text") { lua, token in
            try lua.push(function: { _ in
                withExtendedLifetime(token) {}
                throw Boom(n: 9)
            })
            try lua.setGlobal("boom")
            let text = try lua.evaluate(
                "local ok, e = pcall(boom); return tostring(e)", as: String.self)
            guard text == "Boom(n: 9)" || text == "not enough memory" else { throw Boom(n: 1) }
        },
        Use(
            "a Lua error through Swift",
            prepare: { lua in
                try lua.push(function: { lua in
                    try lua.execute("error({code = 7})", name: "=inner")
                    return 0
                })
                try lua.setGlobal("inner")
            }
        ) { lua, _ in
            do {
                try lua.execute("inner()", name: "=outer")
            } catch let error as LuaError where error.code == .runtime {
                guard error.message == "(error object is a table value)" else { throw error }
            }
        },
        Use(
            "an error of Swift for Lua",
            prepare: { lua in
                try lua.push { (n: Int) in n }
                try lua.setGlobal("number")
            }
        ) { lua, _ in
            let text = try lua.evaluate("return select(2, pcall(number, {}))", as: String.self)
            let whole = "bad argument #1 to 'pcall' (number expected, got table)"
            guard text == whole || text == "not enough memory" || text.hasSuffix(": memory")
            else { throw Boom(n: 1) }
        },
        Use(
            "coroutine",
            prepare: { lua in
                try lua.load("local a = ... local b = coroutine.yield(a .. 'x') return b .. 'y', 2")
                try lua.setGlobal("body")
                try lua.push("one string")
                try lua.setGlobal("text")
            }
        ) { lua, _ in
            try lua.pushGlobal("body")
            let coroutine = try lua.takeCoroutine()
            try lua.pushGlobal("text")
            guard try coroutine.resume(lua, arguments: 1) == .suspended(values: 1) else {
                throw Boom(n: 1)
            }
            guard try coroutine.resume(lua, arguments: 1) == .finished(values: 2) else {
                throw Boom(n: 2)
            }
            lua.pop(2)
            try coroutine.close(lua)
        },
        Use(
            "coroutine with a close",
            prepare: { lua in
                try lua.load(
                    """
                    local x <close> = setmetatable({}, {__close = function() return {{}, {}} end})
                    coroutine.yield({})
                    """)
                try lua.setGlobal("body")
            }
        ) { lua, _ in
            try lua.pushGlobal("body")
            let coroutine = try lua.takeCoroutine()
            guard try coroutine.resume(lua) == .suspended(values: 1) else { throw Boom(n: 1) }
            lua.pop()
            try coroutine.close(lua)
        },
        Use(
            "yield from Swift",
            prepare: { lua in
                try lua.push(function: { lua in
                    try lua.push("yielded by Swift, and not short")
                    return .yield(1)
                })
                try lua.setGlobal("yield")
                try lua.execute("function body() return (yield()) end")
            }
        ) { lua, _ in
            _ = try lua.evaluate(
                "local co = coroutine.wrap(body) co() return co({}) and 1", as: Int.self)
        },
        Use("limited") { lua, _ in
            try lua.limited(timeout: .seconds(60), cancellation: LuaCancellation()) { lua in
                try lua.execute("local t = {} for i = 1, 10 do t[i] = {} end")
            }
        },
        Use("cancelled") { lua, _ in
            let cancellation = LuaCancellation()
            cancellation.cancel()
            do {
                try lua.limited(cancellation: cancellation) { lua in
                    try lua.execute("while true do local s = ('x'):rep(65536) end")
                }
            } catch let error as LuaError where error.code == .cancelled {}
        },
    ]

    static let objects: [Use] = [
        Use("class") { lua, _ in try lua.register(Point.luaClass) },
        Use("object") { lua, _ in
            try lua.push(Point(x: 1, y: 2), as: Point.luaClass)
            guard try lua.read(Point.self, at: -1) == Point(x: 1, y: 2) else { throw Boom(n: 1) }
            lua.pop()
        },
        Use("object with a token") { lua, token in
            try lua.push(Owner(token: token), as: Owner.luaClass)
            lua.pop()
        },
        Use("objects in scripts", prepare: { try $0.register(Point.luaClass) }) { lua, _ in
            let point = try lua.evaluate(
                """
                local p = Point(3, 4)
                p:move(1, 1)
                p.x = p.x + #p + p(1)
                assert(p == Point(p.x, p.y) and tostring(p) ~= '')
                return p + p:scaled(2) + Point.zero()
                """, as: Point.self)
            guard point == Point(x: 30, y: 15) else { throw Boom(n: 1) }
        },
    ]
}

/// Holds a token, to observe its release.
struct Owner {
    var token: Token
    static let luaClass = LuaClass<Owner>("Owner") { _ in }
}
