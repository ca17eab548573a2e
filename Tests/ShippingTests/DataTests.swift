// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTShipping
import Testing

@Suite struct DataTests {
    @Test(arguments: [
        ("nil", "return v == nil"),
        ("true", "return v == true"),
        ("false", "return v == false"),
        ("0", "return math.type(v) == 'integer' and v == 0"),
        ("math.maxinteger", "return v == math.maxinteger"),
        ("math.mininteger", "return v == math.mininteger"),
        ("1.0", "return math.type(v) == 'float' and v == 1"),
        ("1e300", "return v == 1e300"),
        ("math.huge", "return v == math.huge"),
        ("-math.huge", "return v == -math.huge"),
        ("0/0", "return v ~= v"),
        ("-0.0", "return 1 / v == -math.huge"),
        ("''", "return v == ''"),
        ("'a\\0b\\255'", "return v == 'a\\0b\\255'"),
        ("('x'):rep(100000)", "return v == ('x'):rep(100000)"),
        ("{}", "return next(v) == nil and type(v) == 'table'"),
        ("{1, 2, 3}", "return #v == 3 and v[1] == 1 and v[3] == 3"),
        ("{nil, 2}", "return v[1] == nil and v[2] == 2"),
        ("{1, nil, 3}", "return v[1] == 1 and v[2] == nil and v[3] == 3"),
        ("{1, 2, x = 3}", "return #v == 2 and v[2] == 2 and v.x == 3"),
        ("{[0] = 1, 2}", "return v[0] == 1 and v[1] == 2"),
        ("{[-1] = 1, [1.5] = 2, [true] = 3}", "return v[-1] + v[1.5] + v[true] == 6"),
        ("{[math.huge] = 1, [1e300] = 2}", "return v[math.huge] == 1 and v[1e300] == 2"),
        ("{{}, {{}}, a = {b = {}}}", "return #v[2] == 1 and v.a.b and true"),
        ("{['a b'] = 1, [''] = 2}", "return v['a b'] == 1 and v[''] == 2"),
        ("{[{1}] = {2}}", "local k, w = next(v) return k[1] == 1 and w[1] == 2"),
        ("_ENV", "return v == _ENV"),
    ])
    func values(code: String, check: String) throws {
        for rules: ShippingRules in [[], .functions, [.functions, .references]] {
            try travel("return " + code, rules, check: "local v = ... " + check)
        }
    }

    /// Lengths around those at which the head of an item grows.
    @Test(arguments: [1, 15, 16, 23, 24, 25, 255, 256, 257, 65535, 65536, 65537])
    func sizes(n: Int) throws {
        let lists = [
            "i", "i + 0.5", "tostring(i)", "i % 2 == 0 and i or i + 0.5", "{i}", "true",
            "i == n and 'x' or i", "i == n and 1.5 or i", "i == n and 1 or i + 0.5",
        ]
        for element in lists {
            let check =
                """
                local v = ... local n = \(n)
                local function same(a, b)
                  return type(a) == 'table' and a[1] == b[1] or math.type(a) == math.type(b) and a == b
                end
                for i = 1, n do if not same(v[i], \(element)) then return i end end
                return #v == n and next(v, n) == nil
                """
            let make = "local n = \(n) local t = {} "
            let forward = "for i = 1, n do t[i] = \(element) end return t"
            let backward = "for i = n, 1, -1 do t[i] = \(element) end return t"
            try travel(make + forward, check: check)
            if n <= 300 { try travel(make + backward, check: check) }
            try travel(
                make + "t.x = 1 " + forward, check: "local v = ... return v.x == 1 and #v == \(n)")
        }
        try travel(
            "local t = {} for i = 1, \(n) do t['k' .. i] = i end return t",
            check:
                "local n = 0 for k, v in pairs(...) do assert(k == 'k' .. v) n = n + 1 end return n == \(n)"
        )
        try travel("return ('x'):rep(\(n))", check: "return ... == ('x'):rep(\(n))")
        try travel(
            "return {\(n), -\(n), \(n) - 1, \(n) + 1}",
            check: "local v = ... return v[1] == \(n) and v[2] == -\(n) and v[3] == \(n) - 1")
    }

    /// Numbers of every length.
    @Test func integers() throws {
        try travel(
            "local t = {} for i = 0, 63 do for d = -1, 1 do t[#t + 1] = (1 << i) + d end end t.x = 1 return t",
            check: """
                local v = ... local n = 0
                for i = 0, 63 do for d = -1, 1 do
                  n = n + 1
                  if v[n] ~= (1 << i) + d or math.type(v[n]) ~= 'integer' then return n end
                end end
                return true
                """)
    }

    /// A table without some of its elements is not a list.
    @Test func holes() throws {
        try travel(
            "local t = {} for i = 1, 40 do t[i] = i end t[20] = nil return t",
            check: "local v = ... return v[19] == 19 and v[20] == nil and v[40] == 40")
        try travel(
            "local t = {} for i = 1, 40 do t[i] = i end t[40] = nil t[41] = 1 return t",
            check: "local v = ... return v[39] == 39 and v[40] == nil and v[41] == 1")
    }
}

@Suite struct SharingTests {
    @Test(arguments: [
        ("local t = {} return {t, t}", "return v[1] == v[2] and next(v[1]) == nil"),
        ("local t = {} return {t, {}, t}", "return v[1] == v[3] and v[1] ~= v[2]"),
        ("local t = {} t[1] = t return t", "return v[1] == v"),
        ("local t = {} t.t = t t.n = 1 return t", "return v.t == v and v.n == 1"),
        ("local a, b = {}, {} a[1], b[1] = b, a return a", "return v[1][1] == v and v[1] ~= v"),
        ("local t = {} return {[t] = t}", "local k, w = next(v) return k == w"),
        ("local t = {} t[t] = t return t", "return v[v] == v"),
        (
            "local t = {} for i = 1, 20 do t[i] = i + 0.5 end return {t, t, {t}}",
            "return v[1] == v[2] and v[2] == v[3][1] and #v[1] == 20"
        ),
        (
            "local t, all = {}, {} for i = 1, 300 do t[i] = {i} all[i] = t[i] end return {t, all}",
            "for i = 1, 300 do if v[1][i] ~= v[2][i] or v[1][i][1] ~= i then return i end end return true"
        ),
        ("local s = ('x'):rep(50) return {s, s}", "return v[1] == v[2]"),
    ])
    func tables(code: String, check: String) throws {
        for rules: ShippingRules in [[], .functions] {
            try travel(code, rules, check: "local v = ... " + check)
        }
    }

    /// Values are shared within one item, not among items.
    @Test func amongElements() throws {
        try withLua { lua in
            let encoder = ShippingEncoder()
            try lua.pushResult(of: "local t = {} return t")
            try lua.pushValue(at: 1)
            try encoder.encode(lua, elementsFrom: 1, count: 2)
            try encoder.encode(lua, elementsFrom: 1, count: 1)
            let shipment = encoder.ship()
            let decoder = ShippingDecoder(trustsCode: false)
            var position = 0
            #expect(try decoder.decodeElements(shipment, at: &position, lua) == 2)
            #expect(try decoder.decodeElements(shipment, at: &position, lua) == 1)
            #expect(position == shipment.count)
            #expect(lua.rawEqual(3, 4) == true)
            #expect(lua.rawEqual(3, 5) == false)
        }
    }

    @Test func nilElements() throws {
        try withLua { lua in
            let encoder = ShippingEncoder()
            for count in [0, 1, 8, 9, 30] {
                lua.pop(lua.top)
                for i in 0..<count {
                    if i % 3 == 0 { try lua.pushNil() } else { try lua.push(i) }
                }
                if count > 9 { try lua.pushTable() }
                let total = lua.top
                try encoder.encode(lua, elementsFrom: 1, count: total)
                var position = 0
                let shipment = encoder.ship()
                let decoder = ShippingDecoder(trustsCode: false)
                #expect(try decoder.decodeElements(shipment, at: &position, lua) == total)
                #expect(lua.top == 2 * total)
                for i in 0..<count {
                    #expect(lua.integer(at: total + 1 + i) == (i % 3 == 0 ? nil : i))
                }
            }
        }
    }
}
