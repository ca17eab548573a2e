// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTLuaBridge
import Testing

/// Coroutines that Swift code resumes.
@Suite struct CoroutineTests {
    @Test func resumes() throws {
        try withLua { lua in
            try lua.load("local a, b = ... local c = coroutine.yield(a + b, 'x') return c, c, c")
            let coroutine = try lua.takeCoroutine()
            #expect(lua.top == 0)
            #expect(coroutine.isSuspended)
            try lua.push(1)
            try lua.push(2)
            let first = try coroutine.resume(lua, arguments: 2)
            #expect(first == .suspended(values: 2))
            #expect(lua.integer(at: 1) == 3)
            #expect(lua.string(at: 2) == "x")
            lua.pop(2)
            try lua.push(9)
            let second = try coroutine.resume(lua, arguments: 1)
            #expect(second == .finished(values: 3))
            #expect(lua.top == 3)
            lua.pop(3)
            #expect(!coroutine.isSuspended)
            let dead = try failure(lua) { _ = try coroutine.resume($0) }
            #expect(dead == Failure(.runtime, "cannot resume dead coroutine"))
            #expect(lua.top == 0)
        }
    }

    @Test func fails() throws {
        try withLua { lua in
            try lua.load(
                """
                local x <close> = setmetatable({}, {__close = function() closed = true end})
                local function f() error('bad') end
                f()
                """, name: "=co")
            let coroutine = try lua.takeCoroutine()
            let found = try failure(lua) { _ = try coroutine.resume($0) }
            #expect(
                found
                    == Failure(
                        .runtime, "co:2: bad",
                        traceback: [
                            "[C]: in global 'error'", "co:2: in local 'f'",
                            "co:3: in main chunk",
                        ]))
            let again = try failure(lua) { _ = try coroutine.resume($0) }
            #expect(again == Failure(.runtime, "cannot resume dead coroutine"))
            let closing = try failure(lua) { try coroutine.close($0) }
            #expect(closing.code == .runtime)
            #expect(try lua.evaluate("return closed", as: Bool.self) == true)
            #expect(lua.top == 0)
        }
    }

    @Test func swiftErrorComesOut() throws {
        try withLua { lua in
            try lua.push(function: { _ in throw Boom(n: 4) })
            let coroutine = try lua.takeCoroutine()
            #expect(throws: Boom(n: 4)) { _ = try coroutine.resume(lua) }
            #expect(lua.top == 0)
        }
    }

    @Test func closes() throws {
        try withLua { lua in
            try lua.load(
                """
                local x <close> = setmetatable({}, {__close = function() closed = true end})
                coroutine.yield()
                """)
            let coroutine = try lua.takeCoroutine()
            _ = try coroutine.resume(lua)
            try coroutine.close(lua)
            #expect(try lua.evaluate("return closed", as: Bool.self) == true)
            #expect(!coroutine.isSuspended)
            try coroutine.close(lua)
            try lua.load(
                """
                local x <close> = setmetatable({}, {__close = function() error('closing', 0) end})
                coroutine.yield()
                """)
            let failing = try lua.takeCoroutine()
            _ = try failing.resume(lua)
            let found = try failure(lua) { try failing.close($0) }
            #expect(found.code == .runtime && found.message == "closing")
            #expect(lua.top == 0)
        }
    }

    /// A coroutine may outlive its state; its use is an error then.
    @Test func outlivesItsState() throws {
        var kept: LuaCoroutine?
        try withLua { lua in
            try lua.load("coroutine.yield()")
            kept = try lua.takeCoroutine()
        }
        #expect(kept?.isSuspended == false)
        try withLua { lua in
            let found = try failure(lua) { _ = try kept?.resume($0) }
            #expect(found == Failure(.closed, "the Lua state is closed"))
        }
    }

    @Test func ofAnotherState() throws {
        try withLua { one in
            try one.load("return 1")
            let coroutine = try one.takeCoroutine()
            try withLua { other in
                let found = try failure(other) { _ = try coroutine.resume($0) }
                #expect(found == Failure(.argument, "the value belongs to another Lua state"))
            }
        }
    }

    @Test func yieldsFromSwift() throws {
        try withLua { lua in
            try lua.push(function: { lua in
                guard lua.isYieldable else { throw Boom(n: 1) }
                try lua.push(5)
                return .yield(1)
            })
            try lua.setGlobal("five")
            let sum = try lua.evaluate(
                "local co = coroutine.wrap(function() return five() + 1 end) return co() + co(10)",
                as: Int.self)
            #expect(sum == 16)
            #expect(throws: Boom(n: 1)) { try lua.execute("five()") }
        }
    }

    /// The replaced functions behave as those of the stock interpreter, message by message.
    @Test func asStock() throws {
        let folder = "\(#filePath)".split(separator: "/").dropLast().joined(separator: "/")
        let script = "/\(folder)/Scripts/stock.lua"
        let ours = try withLua { lua in
            let said = Said()
            try lua.push { (text: String) in said.add(text) }
            try lua.setGlobal("print")
            try lua.load(file: script)
            try lua.call()
            return said.all
        }
        let stock = try #require(output(of: "lua5.4 '\(script)'"))
        #expect(ours == stock)
        #expect(ours.count > 60)
    }

    private func output(of command: String) -> [String]? {
        guard let stream = popen(command, "r") else { return nil }
        defer { pclose(stream) }
        var text = ""
        while let byte = Optional(fgetc(stream)), byte != EOF {
            text.unicodeScalars.append(Unicode.Scalar(UInt8(byte)))
        }
        return text.split(separator: "\n").map(String.init)
    }
}
