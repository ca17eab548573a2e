// SPDX-License-Identifier: BSD-3-Clause

import Dispatch
import VTLuaBridge
import Testing

/// Code that does not end.
struct Endless: Sendable, CustomTestStringConvertible {
    var name: String
    var code: String
    var testDescription: String { name }

    init(_ name: String, _ code: String) {
        self.name = name
        self.code = code
    }

    static let all: [Endless] = [
        Endless("loop", "while true do end"),
        Endless("recursion", "local function f() f() return 1 end while true do pcall(f) end"),
        Endless("pcall loop", "while true do pcall(function() end) end"),
        Endless("pcall of C", "while true do pcall(string.len) end"),
        Endless("pcall around", "while true do pcall(function() while true do end end) end"),
        Endless("pcall of pcall", "while true do pcall(pcall, pcall, error) end"),
        Endless("__close", "local t <close> = setmetatable({}, {__close = forever})"),
        Endless(
            "__close after an error",
            "local t <close> = setmetatable({}, {__close = forever}) error('x')"),
        Endless("coroutine", "coroutine.wrap(forever)()"),
        Endless(
            "yields",
            "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end"
        ),
        Endless(
            "coroutine in pcall",
            """
            while true do
              pcall(function()
                coroutine.wrap(function() while true do pcall(forever) end end)()
              end)
            end
            """),
        Endless(
            "resume loop",
            "while true do coroutine.resume(coroutine.create(forever)) end"),
        Endless(
            "coroutine.close",
            """
            local co = coroutine.create(function()
              local t <close> = setmetatable({}, {__close = forever})
              coroutine.yield()
            end)
            coroutine.resume(co)
            while true do coroutine.close(co) end
            """),
        Endless("message handler", "xpcall(error, forever)"),
        Endless("message handlers", "while true do xpcall(error, forever) end"),
        Endless("failing handler", "while true do xpcall(error, error) end"),
        Endless("comparator", "local t = {} for i = 1, 100 do t[i] = i end table.sort(t, forever)"),
        Endless("gsub", "while true do ('x'):gsub('.', forever) end"),
        Endless("__gc", "setmetatable({}, {__gc = forever}) collectgarbage()"),
        Endless(
            "pcall in __gc",
            """
            setmetatable({}, {__gc = function() while true do pcall(forever) end end})
            collectgarbage()
            """),
        Endless(
            "coroutine in __gc",
            """
            setmetatable({}, {__gc = function()
              while true do coroutine.resume(coroutine.create(forever)) end
            end})
            collectgarbage()
            """),
        Endless(
            "three __gc",
            """
            for i = 1, 3 do setmetatable({}, {__gc = forever}) end
            collectgarbage()
            """),
        Endless(
            "__gc that makes __gc",
            """
            local function again() setmetatable({}, {__gc = again}) end
            again()
            while true do collectgarbage() end
            """),
        Endless("__index", "return setmetatable({}, {__index = forever}).x"),
        Endless(
            "__index chain",
            """
            local t = {}
            for i = 1, 50 do t = setmetatable({}, {__index = t}) end
            while true do local x = t.x end
            """),
        Endless(
            "debug hook",
            "hook_on = true debug.sethook(function() while hook_on do end end, '', 1) local x = 1"),
        Endless(
            "pcall in a debug hook",
            """
            hook_on = true
            debug.sethook(function() while hook_on do pcall(forever) end end, '', 1)
            local x = 1
            """),
        Endless(
            "sethook loop", "while true do debug.sethook(function() end, '', 1) debug.sethook() end"
        ),
        Endless("require", "package.preload.forever = forever require 'forever'"),
        Endless("load", "while true do load(forever) end"),
        Endless("Swift between", "while true do through(forever) end"),
        Endless(
            "Swift between, twice",
            "while true do pcall(through, function() through(pcall, forever) end) end"),
        Endless(
            "Swift in a coroutine",
            "while true do pcall(coroutine.wrap(function() through(forever) end)) end"),
        Endless("another state", "while true do pcall(elsewhere) end"),
    ]
}

/// No hook is set during normal execution, and all Lua code can be stopped: each of these scripts
/// would run forever.
@Suite struct StopTests {
    @Test(.enabled(if: signalsComeAtOnce), arguments: Endless.all) func deadline(endless: Endless)
        throws
    {
        try withPreparedLua { lua in
            let start = ContinuousClock.now
            let stopped = try failure(lua) { lua in
                try lua.limited(timeout: .milliseconds(20)) { lua in
                    try lua.execute(endless.code, name: "=test")
                }
            }
            let late = ContinuousClock.now - start - .milliseconds(20)
            #expect(stopped.code == .timedOut && stopped.message == "timed out", "\(stopped)")
            #expect(stopped.value == .string(LuaBytes("timed out")))
            report(endless, "deadline", late)
            try expectUsable(lua)
        }
    }

    @Test(.enabled(if: signalsComeAtOnce), arguments: Endless.all) func cancellation(
        endless: Endless
    ) throws {
        try withPreparedLua { lua in
            let requested = Moment()
            let cancellation = LuaCancellation()
            elsewhere.asyncAfter(deadline: .now() + .milliseconds(20)) {
                requested.set()
                cancellation.cancel()
            }
            let stopped = try failure(lua) { lua in
                try lua.limited(cancellation: cancellation) { lua in
                    try lua.execute(endless.code, name: "=test")
                }
            }
            let late = requested.elapsed
            #expect(stopped.code == .cancelled && stopped.message == "cancelled", "\(stopped)")
            #expect(cancellation.isCancelled)
            report(endless, "cancellation", late)
            try expectUsable(lua)
        }
    }

    /// The threads of a dispatch pool have all signals blocked, also after an evaluation.
    @Test(.enabled(if: signalsComeAtOnce), arguments: Endless.all.prefix(3)) func onDispatchThread(
        endless: Endless
    ) async throws {
        let queue = DispatchQueue(label: "stop")
        let codes: [LuaError.Code?] = await withCheckedContinuation { done in
            queue.async {
                let codes = (0..<3).map { _ -> LuaError.Code? in
                    do {
                        try withLua { lua in
                            try lua.execute("function forever() while true do end end")
                            try lua.limited(timeout: .milliseconds(10)) { lua in
                                try lua.execute(endless.code)
                            }
                        }
                        return nil
                    } catch {
                        return (error as? LuaError)?.code
                    }
                }
                done.resume(returning: codes)
            }
        }
        #expect(codes == [.timedOut, .timedOut, .timedOut])
    }

    private func withPreparedLua(_ body: (borrowing Lua) throws -> Void) throws {
        try withLua { lua in
            try lua.execute("function forever() while true do end end")
            try lua.push(function: { lua in
                try lua.call(arguments: lua.top - 1, results: nil)
                return .values(lua.top)
            })
            try lua.setGlobal("through")
            try lua.push(function: { lua in
                try withLua { other in try other.execute("while true do pcall(error) end") }
                return 0
            })
            try lua.setGlobal("elsewhere")
            try body(lua)
        }
    }

    /// The state works at full speed, with no hook but the script's own.
    private func expectUsable(_ lua: borrowing Lua) throws {
        #expect(lua.top == 0)
        try lua.push(false)
        try lua.setGlobal("hook_on")
        let hook = try lua.evaluate(
            """
            local hook = debug.gethook()
            debug.sethook()
            return type(hook) .. ' ' .. tostring(debug.gethook())
            """, as: String.self)
        #expect(hook == "nil nil" || hook == "function nil", "\(hook)")
        try lua.execute("forever = function() end collectgarbage()")
        let sum = try lua.evaluate(
            "local n = 0 for i = 1, 100000 do n = n + 1 end return n", as: Int.self)
        #expect(sum == 100_000)
        let inner = try lua.evaluate(
            "return coroutine.wrap(function() return tostring(debug.gethook()) end)()",
            as: String.self)
        #expect(inner == "nil")
    }

    private func report(_ endless: Endless, _ how: String, _ late: Duration) {
        if late > .milliseconds(50) { print("stop by \(how) after \(late): \(endless.name)") }
    }
}
