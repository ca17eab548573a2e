// SPDX-License-Identifier: BSD-3-Clause

import Dispatch
import VTLuaBridge
import Testing

/// The evaluations that a stop ends, and the state that it leaves unchanged.
@Suite struct StopScopeTests {
    private let forever = "while true do pcall(function() return ('x'):rep(65536) end) end"

    @Test func innerDeadlineEndsTheInnerOnly() throws {
        try withLua { lua in
            let result = try lua.limited(timeout: .seconds(60)) { lua in
                let inner = try failure(lua) { lua in
                    try lua.limited(timeout: .milliseconds(5)) { lua in try lua.execute(forever) }
                }
                #expect(inner.code == .timedOut)
                try lua.checkCancellation()
                return try lua.evaluate("return debug.gethook() == nil", as: Bool.self)
            }
            #expect(result)
        }
    }

    @Test func outerDeadlineEndsBoth() throws {
        try withLua { lua in
            let outer = try failure(lua) { lua in
                try lua.limited(timeout: .milliseconds(5)) { lua in
                    let inner = try failure(lua) { lua in
                        try lua.limited(timeout: .seconds(60)) { lua in try lua.execute(forever) }
                    }
                    #expect(inner.code == .timedOut)
                    try lua.execute("return 1")
                }
            }
            #expect(outer.code == .timedOut)
            #expect(try lua.evaluate("return debug.gethook() == nil", as: Bool.self))
        }
    }

    @Test func outerCancellationEndsBoth() throws {
        try withLua { lua in
            let cancellation = LuaCancellation()
            elsewhere.asyncAfter(deadline: .now() + .milliseconds(5)) {
                cancellation.cancel()
            }
            var inner: Failure?
            let outer = try failure(lua) { lua in
                try lua.limited(cancellation: cancellation) { lua in
                    inner = try failure(lua) { lua in
                        try lua.limited(timeout: .seconds(60)) { lua in try lua.execute(forever) }
                    }
                    try lua.checkCancellation()
                }
            }
            #expect(inner == Failure(.cancelled, "cancelled", traceback: inner?.traceback ?? []))
            #expect(outer == Failure(.cancelled, "cancelled"))
        }
    }

    /// The outermost scope that was stopped determines the reason.
    @Test func reason() throws {
        try withLua { lua in
            let cancellation = LuaCancellation()
            let outer = try failure(lua) { lua in
                try lua.limited(cancellation: cancellation) { lua in
                    let inner = try failure(lua) { lua in
                        try lua.limited(timeout: .milliseconds(5)) { lua in
                            try? lua.execute(forever)
                            cancellation.cancel()
                            try lua.checkCancellation()
                        }
                    }
                    #expect(inner == Failure(.cancelled, "cancelled"))
                    try lua.execute(forever)
                }
            }
            #expect(outer.code == .cancelled)
        }
    }

    @Test func cancelledBefore() throws {
        try withLua { lua in
            let cancellation = LuaCancellation()
            cancellation.cancel()
            for _ in 1...3 {
                let stopped = try failure(lua) { lua in
                    try lua.limited(cancellation: cancellation) { lua in
                        try lua.execute("x = 1 while true do local s = ('x'):rep(65536) end")
                    }
                }
                #expect(stopped.code == .cancelled)
            }
            #expect(try lua.evaluate("return x == nil", as: Bool.self))
        }
    }

    @Test func deadlineInThePast() throws {
        try withLua { lua in
            let stopped = try failure(lua) { lua in
                try lua.limited(timeout: .seconds(-1)) { lua in try lua.execute(forever) }
            }
            #expect(stopped.code == .timedOut)
        }
    }

    @Test func noDeadlineIsTooFar() throws {
        try withLua { lua in
            let one = try lua.limited(timeout: .seconds(Int64.max)) { lua in
                try lua.evaluate("return 1", as: Int.self)
            }
            #expect(one == 1)
        }
    }

    /// A result that was complete before the stop is returned.
    @Test func lateCancellation() throws {
        try withLua { lua in
            let cancellation = LuaCancellation()
            let one = try lua.limited(cancellation: cancellation) { lua in
                try lua.evaluate("return 1", as: Int.self)
            }
            cancellation.cancel()
            #expect(one == 1)
            #expect(try lua.evaluate("return 2", as: Int.self) == 2)
        }
    }

    @Test func twoStatesWithOneCancellation() throws {
        let cancellation = LuaCancellation()
        let codes = try withLua { outer in
            var codes: [LuaError.Code] = []
            let all = try failure(outer) { outer in
                try outer.limited(cancellation: cancellation) { outer in
                    codes.append(
                        try withLua { inner in
                            elsewhere.async { cancellation.cancel() }
                            return try failure(inner) { try $0.execute(forever) }.code
                        })
                    try outer.execute("return 1")
                }
            }
            return codes + [all.code]
        }
        #expect(codes == [.cancelled, .cancelled])
    }
}

/// Hooks and coroutines after a stop.
@Suite struct StopHookTests {
    @Test func ownHookSurvives() throws {
        try withLua { lua in
            try lua.execute(
                "count = 0 function hook() count = count + 1 end debug.sethook(hook, '', 7)")
            _ = try failure(lua) { lua in
                try lua.limited(timeout: .milliseconds(5)) {
                    try $0.execute("while true do local s = ('x'):rep(65536) end")
                }
            }
            let hook = try lua.evaluate(
                """
                local f, mask, n = debug.gethook()
                local before = count
                for i = 1, 100 do end
                return tostring(f == hook) .. ' ' .. mask .. ' ' .. n .. ' ' .. tostring(count > before)
                """, as: String.self)
            #expect(hook == "true  7 true")
        }
    }

    @Test func ownHookOfACoroutineSurvives() throws {
        try withLua { lua in
            try lua.execute(
                """
                function hook() end
                co = coroutine.create(function()
                  while true do
                    if stopping then pcall(coroutine.yield) end
                    coroutine.yield(debug.gethook())
                  end
                end)
                debug.sethook(co, hook, 'l')
                coroutine.resume(co)
                """)
            let cancellation = LuaCancellation()
            try lua.push(function: { _ in
                cancellation.cancel()
                return 0
            })
            try lua.setGlobal("cancel")
            // The stop arrives while the coroutine runs C, which yields: it survives.
            try lua.execute(
                """
                co2 = coroutine.create(function() cancel() end)
                debug.sethook(co2, hook, 'l')
                """)
            let stopped = try failure(lua) { lua in
                try lua.limited(cancellation: cancellation) { lua in
                    try lua.execute("coroutine.resume(co2)")
                }
            }
            #expect(stopped.code == .cancelled)
            let hooks = try lua.evaluate(
                """
                local a, mask = debug.gethook(co)
                local b = debug.gethook(co2)
                local ok, c = coroutine.resume(co)
                return tostring(a == hook) .. mask .. tostring(b == hook) .. tostring(c == hook)
                """, as: String.self)
            #expect(hooks == "trueltruetrue")
        }
    }

    /// A C function that Swift stops and that yields: the coroutine can be resumed later.
    @Test func suspendedCoroutineGoesOn() throws {
        try withLua { lua in
            let cancellation = LuaCancellation()
            try lua.push(function: { lua in
                cancellation.cancel()
                try lua.push("yielded")
                return .yield(1)
            })
            try lua.setGlobal("cancelAndYield")
            let stopped = try failure(lua) { lua in
                try lua.limited(cancellation: cancellation) { lua in
                    try lua.execute(
                        """
                        co = coroutine.create(function()
                          local given = cancelAndYield()
                          return given .. tostring(debug.gethook())
                        end)
                        coroutine.resume(co)
                        reached = true
                        """)
                }
            }
            #expect(stopped.code == .cancelled)
            let text = try lua.evaluate(
                "local ok, text = coroutine.resume(co, 'given ') return text .. tostring(reached)",
                as: String.self)
            #expect(text == "given nilnil")
        }
    }

    /// A coroutine that is created during a stop inherits its hook, which removes itself.
    @Test func coroutineMadeMeanwhile() throws {
        try withLua { lua in
            let cancellation = LuaCancellation()
            try lua.push(function: { lua in
                cancellation.cancel()
                try lua.pushGlobal("body")
                try lua.pushGlobal("create")
                lua.insert(at: -2)
                try lua.call(arguments: 1, results: 1)
                try lua.setGlobal("made")
                return 0
            })
            try lua.setGlobal("cancelAndMake")
            try lua.execute(
                """
                create = coroutine.create
                body = function()
                  for i = 1, 10 do end
                  return tostring(debug.gethook())
                end
                """)
            _ = try failure(lua) { lua in
                try lua.limited(cancellation: cancellation) { try $0.execute("cancelAndMake()") }
            }
            let hook = try lua.evaluate(
                "local ok, hook = coroutine.resume(made) return hook", as: String.self)
            #expect(hook == "nil")
        }
    }

    /// A finalizer that does not end is stopped when the state is closed. Otherwise the test hangs.
    @Test func endlessFinalizersAtTheEnd() throws {
        do {
            let state = try LuaState(closingLimit: .milliseconds(50))
            try state.run { lua in
                try lua.execute(
                    """
                    -- A call of C: the ThreadSanitizer lets signals through only there.
                    local function gc() while true do string.format("%d", 1) end end
                    for _ = 1, 3 do kept = { kept, setmetatable({}, { __gc = gc }) } end
                    """)
            }
        }
    }
}
