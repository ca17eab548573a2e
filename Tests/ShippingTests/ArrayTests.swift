// SPDX-License-Identifier: BSD-3-Clause

import CVTArrayLua
import VTLuaBridge
import VTShipping
import Testing

/// Arrays in the format of docs/shipping.md.
@Suite struct ArrayTests {
    private func withArrays<R>(_ body: (borrowing Lua) throws -> R) throws -> R {
        try withLua { lua in
            let status = vta_push_table(lua.L)
            try #require(status == 0)
            try lua.setGlobal("array")
            return try body(lua)
        }
    }

    private func encoded(_ code: String, _ rules: ShippingRules = []) throws -> Shipment {
        try withArrays { lua in
            try lua.pushResult(of: "return " + code)
            let encoder = ShippingEncoder(rules)
            try encoder.encode(lua, at: -1)
            return encoder.ship()
        }
    }

    @Test(arguments: [
        ("array.from { 1.0, 2.0 }", "d828828102d85650000000000000f03f0000000000000040"),
        ("array.from({ { 1, 2 }, { 3, 4 } }, 'int16')", "d82882820202d84d480100020003000400"),
        (
            "array.from({ { 1, 2 }, { 3, 4 } }, 'uint8'):permute_dims { 2, 1 }",
            "d82882820202d8404401030204"
        ),
        ("array.from { true, false }", "da5654000ad828828102d840420100"),
        ("array.zeros({ 0, 3 }, 'float32')", "d82882820003d85540"),
        ("array.zeros({}, 'int8')", "d8288280d8484100"),
        ("array.from({ 1 }, 'complex64')", "da5654000bd82882820102d855480000803f00000000"),
    ])
    func format(code: String, expected: String) throws {
        for rules in [[], .canonical] as [ShippingRules] {
            #expect(hex(try encoded(code, rules)) == expected)
        }
        #expect(
            LuaValue(shipped: bytes(expected))
                == (try withArrays { lua in
                    try lua.pushResult(of: "return " + code)
                    let found = lua.arrayDescription(at: -1)
                    let text = "array \(try #require(found))"
                    return .opaque(type: text, description: text)
                }))
        try withArrays { lua in
            var position = 0
            try bytes(expected).withUnsafeBytes {
                try ShippingDecoder(trustsCode: false).decode($0, at: &position, lua)
            }
            try lua.check("local a = ... return a == \(code) and a.dtype == (\(code)).dtype")
        }
    }

    @Test func sharesMemoryBetweenThreads() throws {
        let shipment = try encoded(
            "{ array.ones { 200, 100 }, array.ones { 100, 200 }:permute_dims { 2, 1 } }",
            .references)
        #expect(shipment.count < 100)
        #expect(shipment.hasReferences)
        try withArrays { lua in
            for _ in 0..<2 {
                var position = 0
                try ShippingDecoder(trustsCode: false).decode(shipment, at: &position, lua)
                // The second time, the first one's change is not seen.
                try lua.check(
                    """
                    local t = ...
                    local sum = t[1]:sum() + t[2]:sum()
                    t[1][{ 1, 1 }] = 7
                    t[2][{ 1, 1 }] = 7
                    return sum == 40000 and t[1]:sum() == 20006
                    """)
            }
        }
    }

    @Test(arguments: [
        ("d82805", "an array without its shape and elements, at byte 3"),
        ("d8288105", "an array without its shape and elements, at byte 3"),
        ("d828820500", "an array without its shape, at byte 4"),
        ("d8288281f5", "an array with a length that is not an integer, at byte 5"),
        ("d828828120", "an array with a length that is not an integer, at byte 5"),
        (
            "d82882811bffffffffffffffffd84000",
            "an array with a length that is not an integer, at byte 13"
        ),
        ("d82882910000", "an array of too many or too few axes, at byte 4"),
        ("d82882810200", "an array without its type, at byte 6"),
        ("d828828102d844420000", "an array of elements of an unknown type, at byte 7"),
        ("d828828102d85640", "an array whose bytes do not fit its shape, at byte 8"),
        ("d828828102d85648", "a string longer than the bytes that are left, at byte 8"),
        ("d828828102d84200", "an array of elements of an unknown type, at byte 7"),
        (
            "d82882821b40000000000000001b4000000000000000d84040",
            "an array that is too large, at byte 24"
        ),
        (
            "d8288283001b40000000000000001b4000000000000000d84040",
            "an array that is too large, at byte 25"
        ),
        ("d828828102d840da5654000700", "a reference; none is accepted here, at byte 13"),
        ("d828828102d84000", "an array without its bytes, at byte 8"),
        ("da5654000a05", "the mark of an array before something else, at byte 6"),
        ("da5654000ad828828102d840420002", "a boolean that is neither 0 nor 1, at byte 15"),
        ("da5654000ad828828102d848420001", "an array of elements of an unknown type, at byte 12"),
        ("da5654000bd8288280d85640", "an array of too many or too few axes, at byte 9"),
        ("da5654000bd82882820103d85640", "complex numbers without their two parts, at byte 11"),
        ("da5654000bd82882820102d84040", "an array of elements of an unknown type, at byte 13"),
    ])
    func malformed(code: String, expected: String) throws {
        try withArrays { lua in
            #expect(failure(bytes(code), lua) == "malformed message: " + expected)
        }
    }

    /// Every proper prefix of a valid message is malformed.
    @Test func truncated() throws {
        let whole = bytes("da5654000bd82882820102d855480000803f00000000")
        try withArrays { lua in
            for count in 0..<whole.count {
                let message = failure(Array(whole.prefix(count)), lua)
                #expect(message.hasPrefix("malformed message: "), "\(count)")
            }
        }
    }
}
