// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing

/// Conversions of errors between Lua and Swift, compared whole.
@Suite struct ErrorTests {
    @Test func runtime() throws {
        try withLua { lua in
            let found = try failure(
                lua, of: "local function f() error('x') end\nlocal t = {f = f}\nt.f()")
            #expect(
                found
                    == Failure(
                        .runtime, "test:1: x",
                        traceback: [
                            "[C]: in global 'error'", "test:1: in field 'f'",
                            "test:3: in main chunk",
                        ]))
            #expect(lua.top == 0)
        }
    }

    @Test func syntax() throws {
        try withLua { lua in
            try expect(lua, "x = = 1", Failure(.syntax, "test:1: unexpected symbol near '='"))
        }
    }

    @Test func file() throws {
        try withLua { lua in
            let found = try failure(lua) { lua in try lua.load(file: "/nowhere/at/all.lua") }
            #expect(
                found
                    == Failure(.file, "cannot open /nowhere/at/all.lua: No such file or directory"))
        }
    }

    @Test func bytecode() throws {
        try withLua { lua in
            try lua.load("return 1")
            try lua.dump()
            let bytes = try lua.read(LuaBytes.self, at: -1).bytes
            lua.pop()
            let found = try failure(lua) { lua in
                try bytes.withUnsafeBytes { try lua.load(bytes: $0, name: "=test") }
            }
            #expect(found == Failure(.syntax, "attempt to load a binary chunk (mode is 't')"))
            try bytes.withUnsafeBytes { try lua.load(bytes: $0, name: "=test", form: .binary) }
            try lua.call(results: 1)
            #expect(lua.integer(at: -1) == 1)
        }
    }

    @Test func values() throws {
        try withLua { lua in
            let pair = LuaValue.Pair(key: .string(LuaBytes("code")), value: .integer(7))
            try expect(
                lua, "error({code = 7})",
                Failure(
                    .runtime, "(error object is a table value)", value: .table([pair]),
                    traceback: ["[C]: in global 'error'", "test:1: in main chunk"]))
            try expect(
                lua, "error(nil)",
                Failure(
                    .runtime, "(error object is a nil value)", value: .nil,
                    traceback: ["[C]: in global 'error'", "test:1: in main chunk"]))
            try expect(
                lua, "error(42)",
                Failure(
                    .runtime, "42", value: .integer(42),
                    traceback: ["[C]: in global 'error'", "test:1: in main chunk"]))
            let error = try failure(
                lua, of: "error(setmetatable({}, {__tostring = function() return 'told' end}))")
            #expect(error.message == "told" && error.value == .table([]))
        }
    }

    /// A value whose description raises the value itself is reported without an endless recursion.
    @Test func endlessDescription() throws {
        try withLua { lua in
            let found = try failure(
                lua,
                of: """
                    debug.setmetatable(print, {__tostring = function(f) error(f) end})
                    error(print)
                    """)
            #expect(found.message == "(error object is a function value)")
            #expect(found.value == .opaque(type: "function", description: "function"))
        }
    }

    @Test func deepTraceback() throws {
        try withLua { lua in
            let found = try failure(
                lua,
                of: """
                    local function down(n)
                      if n == 0 then error('bottom', 0) end
                      down(n - 1)
                      return 1
                    end
                    down(100)
                    """)
            #expect(found.message == "bottom")
            #expect(found.traceback.count == 24)
            #expect(found.skipped == 79)
            #expect(
                found.traceback.prefix(2) == [
                    "[C]: in global 'error'", "test:2: in upvalue 'down'",
                ])
            #expect(
                found.traceback.suffix(2) == ["test:3: in local 'down'", "test:6: in main chunk"])
        }
    }

    @Test func stackOverflow() throws {
        try withLua { lua in
            let found = try failure(lua, of: "local function f() return 1 + f() end f()")
            #expect(found.code == .runtime)
            #expect(found.message.hasPrefix("test:1: stack overflow"), "\(found.message)")
            #expect(try lua.evaluate("return 1", as: Int.self) == 1)
        }
    }

    @Test func noRoom() throws {
        try withLua { lua in
            let found = try failure(lua) { lua in
                while true { try lua.push(1) }
            }
            #expect(found == Failure(.stackOverflow, "no room for another value on the Lua stack"))
        }
    }
}

/// Swift errors that pass through Lua, and Lua errors that pass through Swift.
@Suite struct ThrownErrorTests {
    private func withBoom(_ body: (borrowing Lua) throws -> Void) throws {
        try withLua { lua in
            try lua.push(function: { _ in throw Boom(n: 7) })
            try lua.setGlobal("boom")
            try lua.push(function: { lua in
                try lua.call(arguments: lua.top - 1, results: nil)
                return .values(lua.top)
            })
            try lua.setGlobal("through")
            try body(lua)
        }
    }

    /// The Swift error leaves Lua unchanged, whatever Lua code does with it.
    @Test(arguments: [
        "boom()", "through(boom)", "through(through, through, boom)",
        "through(function() through(boom) end)",
        "local ok, e = pcall(boom) error(e)", "local ok, e = pcall(boom) error(e, 2)",
        "local ok, e = pcall(through, boom) through(error, e)",
        "coroutine.wrap(boom)()", "coroutine.wrap(function() through(boom) end)()",
        "local co = coroutine.create(boom) local ok, e = coroutine.resume(co) error(e)",
        "local co = coroutine.create(boom) coroutine.resume(co) local ok, e = coroutine.close(co) error(e)",
        "local x <close> = setmetatable({}, {__close = function(_, e) error(e) end}) boom()",
        "xpcall(boom, function(e) kept = e end) error(kept)",
        "return setmetatable({}, {__index = boom}).x",
        "table.sort({1, 2}, boom)", "('x'):gsub('.', boom)",
        "package.preload.x = boom local ok, e = pcall(boom) error(e)",
    ])
    func sameErrorComesOut(code: String) throws {
        try withBoom { lua in
            #expect(throws: Boom(n: 7)) { try lua.execute(code) }
            #expect(lua.top == 0)
        }
    }

    @Test func luaSeesAnObject() throws {
        try withBoom { lua in
            let text = try lua.evaluate(
                """
                local ok, e = pcall(boom)
                return tostring(ok) .. ' ' .. type(e) .. ' ' .. tostring(e) .. ' '
                  .. tostring(getmetatable(e))
                """, as: String.self)
            #expect(text == "false userdata Boom(n: 7) false")
        }
    }

    @Test func tableKeepsItsIdentity() throws {
        try withBoom { lua in
            let same = try lua.evaluate(
                """
                local thrown = setmetatable({}, {})
                local ok, caught = pcall(through, through, error, thrown)
                return caught == thrown
                """, as: Bool.self)
            #expect(same)
            let isNil = try lua.evaluate(
                "local ok, e = pcall(through, error, nil) return e == nil", as: Bool.self)
            #expect(isNil)
        }
    }

    /// The code and the frames are those of the original error.
    @Test func luaErrorThroughSwift() throws {
        try withBoom { lua in
            let found = try failure(lua, of: "local function f() error('deep') end\nthrough(f)")
            #expect(
                found
                    == Failure(
                        .runtime, "test:1: deep",
                        traceback: [
                            "[C]: in global 'error'", "test:1: in function <test:1>",
                            "[C]: in global 'through'", "test:2: in main chunk",
                        ]))
        }
    }

    @Test(arguments: LuaError.Code.allCases)
    func codesSurvive(code: LuaError.Code) throws {
        try withLua { lua in
            try lua.push(function: { _ in throw LuaError(code, "said by Swift") })
            try lua.setGlobal("fail")
            let frames = ["[C]: in global 'fail'", "test:1: in main chunk"]
            try expect(lua, "fail()", Failure(code, "said by Swift", traceback: frames))
            let text = try lua.evaluate("return select(2, pcall(fail))", as: String.self)
            #expect(text == "said by Swift")
            // An error with the same message is another error.
            let other = try failure(lua, of: "pcall(fail) pcall(error) error('other', 0)")
            #expect(other.code == .runtime && other.message == "other")
        }
    }

    /// A stop that a Swift function has caught is an ordinary error for its callers.
    @Test func innerTimeoutThroughLua() throws {
        try withLua { lua in
            try lua.push(function: { lua in
                try lua.limited(timeout: .milliseconds(2)) { lua in
                    try lua.execute("while true do local s = ('x'):rep(65536) end")
                }
                return 0
            })
            try lua.setGlobal("short")
            let text = try lua.evaluate(
                "local ok, e = pcall(short) return tostring(e)", as: String.self)
            #expect(text == "timed out")
            let found = try failure(lua, of: "short()")
            #expect(found.code == .timedOut && found.message == "timed out")
        }
    }

    @Test func promisedTooMuch() throws {
        try withLua { lua in
            try lua.push(function: { _ in 3 })
            try lua.setGlobal("few")
            try expect(
                lua, "few()",
                Failure(
                    .runtime,
                    "test:1: a Swift function returned 3 values, but only 0 are on the stack",
                    traceback: ["[C]: in global 'few'", "test:1: in main chunk"]))
        }
    }

    /// Finalizers run in any order: a function that was collected is an error.
    @Test func functionAfterItsEnd() throws {
        let said = Said()
        do {
            let state = try LuaState()
            try state.run { lua in
                lua.setWarnings(true)
                lua.setWarningSink { said.add($0) }
                try lua.execute(
                    "setmetatable({}, {__gc = function(t) late() end})", name: "=test")
                try lua.push(function: { _ in 0 })
                try lua.setGlobal("late")
            }
        }
        #expect(
            said.all == [
                "error in __gc (test:1: a Swift function was called after it was collected)"
            ])
    }
}
