// SPDX-License-Identifier: BSD-3-Clause

import Dispatch
import VTLuaBridge
import Testing

/// Stops at random moments of a state that uses all functions of the bridge.
@Suite struct StopRaceTests {
    /// Some blocks are large: see `signalsComeAtOnce`.
    private static let busy = """
        local function churn(n)
          local t = {}
          for i = 1, n do t[i] = {tostring(i)} end
          return t
        end
        while true do
          pcall(function()
            local c <close> = setmetatable({}, {__close = function() churn(3) end})
            setmetatable({}, {__gc = function() pcall(churn, 3) end})
            churn(10)
            pcall(error, {})
          end)
          local co = coroutine.wrap(function() churn(3) coroutine.yield(twice('x')) churn(3) end)
          co() co()
          pcall(throw)
          debug.sethook(function() end, '', 3)
          churn(2)
          local s = ('x'):rep(65536)
          debug.sethook()
        end
        """

    @Test(arguments: 0..<2) func randomCancellations(worker: Int) async throws {
        let counts: [LuaError.Code: Int] = try await withCheckedThrowingContinuation { done in
            DispatchQueue(label: "busy \(worker)").async {
                done.resume(with: Result { try Self.cancelAtRandom(times: 500) })
            }
        }
        #expect(counts == [.cancelled: 500])
    }

    private static func cancelAtRandom(times: Int) throws -> [LuaError.Code: Int] {
        let state = try LuaState()
        return try state.run { lua in
            try lua.push { (text: String) in text + text }
            try lua.setGlobal("twice")
            try lua.push(function: { _ in throw Boom(n: 1) })
            try lua.setGlobal("throw")
            var counts: [LuaError.Code: Int] = [:]
            for _ in 0..<times {
                let cancellation = LuaCancellation()
                elsewhere.asyncAfter(
                    deadline: .now() + .microseconds(Int.random(in: 0..<2000))
                ) { cancellation.cancel() }
                do {
                    try lua.limited(timeout: .seconds(60), cancellation: cancellation) { lua in
                        try lua.execute(busy, name: "=busy")
                    }
                } catch let error as LuaError {
                    counts[error.code, default: 0] += 1
                }
                #expect(lua.top == 0)
                let hook = try lua.evaluate(
                    "local f = debug.gethook() debug.sethook() return type(f)", as: String.self)
                #expect(hook == "nil" || hook == "function")
            }
            return counts
        }
    }

    /// Cancelling scopes while they are opened and closed.
    @Test func shortScopes() async throws {
        let cancellations = (0..<200).map { _ in LuaCancellation() }
        async let cancelled: Void = withCheckedContinuation { done in
            elsewhere.async {
                for cancellation in cancellations { cancellation.cancel() }
                done.resume()
            }
        }
        let ended = try withLua { lua in
            var ended = 0
            for cancellation in cancellations {
                do {
                    try lua.limited(cancellation: cancellation) { try $0.execute("local t = {}") }
                } catch let error as LuaError {
                    #expect(error.code == .cancelled)
                }
                ended += 1
            }
            return ended
        }
        await cancelled
        #expect(ended == 200)
    }
}
