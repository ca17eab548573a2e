// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTShipping
import Testing

@Suite struct CanonicalTests {
    /// Equal values that were built in different ways have the same form.
    @Test(arguments: [
        (
            "return {a = 1, b = 2, c = 3}",
            "local t = {} t.c = 3 t.x = 1 t.b = 2 t.a = 1 t.x = nil return t"
        ),
        ("return {1, 2, 3}", "local t = {} for i = 3, 1, -1 do t[i] = i end return t"),
        (
            "local t = {} for i = 1, 100 do t[i] = i end return t",
            "local t = {} for i = 100, 1, -1 do t[i] = i end return t"
        ),
        (
            "local t = {} for i = 1, 100 do t[i] = i / 2 end return t",
            "local t = {} for i = 101, 1, -1 do t[i] = i / 2 end t[101] = nil return t"
        ),
        (
            "local t = {} for i = 1, 500 do t['k' .. i] = i end return t",
            "local t = {} for i = 700, 1, -1 do t['k' .. i] = i end for i = 501, 700 do t['k' .. i] = nil end return t"
        ),
        (
            "return {1, 2, x = {y = 1, z = 2}}",
            "local t = {x = {z = 2, y = 1}} t[2] = 2 t[1] = 1 return t"
        ),
        (
            "local s = {} return {a = s, b = s, c = {s}}",
            "local s = {} local t = {c = {s}} t.b = s t.a = s return t"
        ),
        ("return {0/0}", "return {-(0/0)}"),
        (
            "local t = {} for i = 1, 20 do t[i] = 0/0 end return t",
            "local t = {} for i = 1, 20 do t[i] = -(0/0) end return t"
        ),
        (
            "return {[1.5] = 1, [true] = 2, x = 3, [-7] = 4}",
            "return {[-7] = 4, x = 3, [true] = 2, [1.5] = 1}"
        ),
    ])
    func equal(one: String, other: String) throws {
        let first = try shipment(one, .canonical)
        #expect(hex(first) == hex(try shipment(other, .canonical)))
        // Also after they were decoded.
        let again = try withLua { lua in
            var position = 0
            try ShippingDecoder(trustsCode: false).decode(first, at: &position, lua)
            let encoder = ShippingEncoder(.canonical)
            try encoder.encode(lua, at: -1)
            return encoder.ship()
        }
        #expect(hex(again) == hex(first))
    }

    @Test(arguments: [
        ("{b = 1, a = 2, aa = 3}", "a3 416102 416201 42616103"),
        ("{[100] = 1, [-1] = 2, z = 3, [false] = 4}", "a4 186401 2002 417a03 f404"),
        ("{[10] = 1, [1.5] = 2}", "a2 0a01 fb3ff8000000000000 02"),
        ("0/0", "fb7ff8000000000000"),
    ])
    func written(code: String, expected: String) throws {
        let found = hex(try shipment("return " + code, .canonical))
        #expect(found == String(expected.filter { $0 != " " }))
    }

    @Test(arguments: ["1", "1.0", "'1'", "{1}", "{1.0}", "{'1'}", "{a = 1}", "{a = 1.0}", "true"])
    func different(code: String) throws {
        let one = hex(try shipment("return " + code, .canonical))
        for other in ["nil", "{}", "2", "{b = 1}", "{1, 1}"] {
            #expect(try one != hex(shipment("return " + other, .canonical)))
        }
    }

    @Test func functions() throws {
        let code = "local cfg = {b = 1, a = {2}} return {function() return cfg, print end, cfg}"
        let one = try shipment(code, [.canonical, .functions])
        #expect(hex(one) == hex(try shipment(code, [.canonical, .functions])))
        try travel(
            code, [.canonical, .functions],
            check:
                "local v = ... local c, p = v[1]() return c == v[2] and p == print and c.a[1] == 2")
    }

    @Test func deep() throws {
        try travel(
            "local t = {} for i = 1, 100000 do t = {x = t, y = i} end return t", .canonical,
            check: """
                local v, n = ..., 0
                while next(v) do assert(v.y == 100000 - n) v = v.x n = n + 1 end
                return n == 100000
                """)
    }

    /// No finalizer runs during an item: it could change the value.
    @Test func collector() throws {
        try withLua { lua in
            try lua.pushResult(
                of: """
                    local t = {}
                    for i = 1, 2000 do t['some key that is longer than forty characters ' .. i] = {i} end
                    for i = 1, 2000 do
                      setmetatable({}, {__gc = function() for k in pairs(t) do t[k] = nil break end end})
                    end
                    return t
                    """)
            let encoder = ShippingEncoder(.canonical)
            try encoder.encode(lua, at: -1)
            #expect(encoder.withBytes { $0[0] } == 0xB9)
            try lua.collectGarbage()
        }
    }
}

@Suite struct LimitTests {
    /// An item that is longer than the limit is refused, and leaves no bytes.
    @Test(arguments: [
        ("return ('x'):rep(100)", 102),
        ("local t = {} for i = 1, 30 do t[i] = i end return t", 249),
        ("local t = {} for i = 1, 30 do t['k' .. i] = {} end return t", 143),
        ("local t = {} for i = 1, 20 do t[i] = 'ab' end return t", 61), ("return 1.5", 9),
    ])
    func isExact(_ code: String, count: Int) throws {
        try withLua { lua in
            try lua.pushResult(of: code)
            let encoder = ShippingEncoder(.canonical)
            encoder.limit = count - 1
            #expect(throws: ShippingLimit.self) { try encoder.encode(lua, at: -1) }
            #expect(encoder.count == 0)
            encoder.limit = count
            try encoder.encode(lua, at: -1)
            #expect(encoder.count == count)
        }
    }
}
