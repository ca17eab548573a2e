// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTShipping
import Testing

@Suite struct DepthTests {
    @Test(arguments: [
        ("{t}", "v[1]"), ("{x = t}", "v.x"), ("{1, 2, t, y = 1}", "v[3]"),
    ])
    func deep(level: String, inside: String) throws {
        try travel(
            "local t = {} for i = 1, 100000 do t = \(level) end return t",
            check: """
                local v, n = ..., 0
                while next(v) do v = \(inside) n = n + 1 end
                return n == 100000
                """)
    }

    @Test func functions() throws {
        try travel(
            "local f = function() return 0 end for i = 1, 20000 do local g = f f = function() return g end end return f",
            check: """
                local v, n = ..., 0
                while v ~= 0 do v = v() n = n + 1 end
                return n == 20001
                """)
    }

    @Test func chainOfShared() throws {
        try travel(
            "local t, all = {}, {} for i = 1, 100000 do t = {t} all[i] = t end return {all, t}",
            check: """
                local v = ...
                return v[2] == v[1][100000] and v[1][100000][1] == v[1][99999] and #v[1] == 100000
                """)
    }

    @Test func tooDeep() throws {
        try withLua { lua in
            try lua.pushResult(of: "local t = {} for i = 1, 200000 do t = {t} end return t")
            let encoder = ShippingEncoder()
            for _ in 1...2 {
                do {
                    try encoder.encode(lua, at: 1)
                    Issue.record("nothing was thrown")
                } catch let refusal as ShippingRefusal {
                    #expect(
                        refusal.message(sending: "the value")
                            == "cannot send the value: it is nested too deeply. At most 190000 levels "
                            + "can be sent; use a flatter value.")
                }
                #expect(encoder.count == 0)
                #expect(lua.top == 1)
            }
            let deep = [UInt8](repeating: 0x81, count: 200_000) + [0]
            #expect(
                failure(deep, lua)
                    == "malformed message: values are nested too deeply, at byte 190001")
        }
    }
}
