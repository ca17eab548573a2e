// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTShipping
import Testing

/// The bytes, compared with RFC 8949.
@Suite struct FormatTests {
    @Test(arguments: [
        ("nil", "f6"), ("false", "f4"), ("true", "f5"),
        ("0", "00"), ("23", "17"), ("24", "1818"), ("255", "18ff"), ("256", "190100"),
        ("65535", "19ffff"), ("65536", "1a00010000"), ("0xffffffff", "1affffffff"),
        ("0x100000000", "1b0000000100000000"), ("math.maxinteger", "1b7fffffffffffffff"),
        ("-1", "20"), ("-24", "37"), ("-25", "3818"), ("math.mininteger", "3b7fffffffffffffff"),
        ("1.5", "fb3ff8000000000000"), ("-0.0", "fb8000000000000000"),
        ("math.huge", "fb7ff0000000000000"),
        ("''", "40"), ("'abc'", "43616263"), ("('x'):rep(24)", "5818" + x(24)),
        ("{}", "80"), ("{1, 2}", "820102"), ("{{}, {1}}", "82808101"),
        ("{a = 1}", "a1416101"), ("{[2] = 1}", "a10201"), ("{5, [3] = 6}", "a201050306"),
        // A list of one type, from 16 elements on.
        ("{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}", "8f" + zeros(15)),
        (
            "{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1}",
            "da56540001d84f5880" + zeros(120) + "0100000000000000"
        ),
        (
            "{0.,0.,0.,0.,0.,0.,0.,0.,0.,0.,0.,0.,0.,0.,0.,1.}",
            "da56540001d8565880" + zeros(120) + "000000000000f03f"
        ),
        ("{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1.}", "90" + zeros(15) + "fb3ff0000000000000"),
        ("_G", "da5654000481425f47"), ("print", "da5654000482425f47457072696e74"),
        ("string.rep", "da565400048246737472696e6743726570"),
        ("string", "da565400048146737472696e67"),
    ])
    func written(code: String, expected: String) throws {
        #expect(hex(try shipment("return " + code, [])) == expected)
    }

    @Test(arguments: [
        // Only shared values are marked; tags 28 are numbered in the order of their positions.
        ("local t = {} return {t, t}", "82d81c80d81d00"),
        ("local t = {} t[1] = t return t", "d81c81d81d00"),
        ("local a, b = {}, {1} return {a, b, b, a}", "84d81c80d81c8101d81d01d81d00"),
        ("local a = {} local b = {a} return {b, a, b}", "83d81c81d81c80d81d01d81d00"),
    ])
    func shared(code: String, expected: String) throws {
        #expect(hex(try shipment(code, [])) == expected)
    }

    /// More values than the number in a head of one byte.
    @Test func manyShared() throws {
        let shipment = try shipment(
            "local t = {} for i = 1, 300 do t[i] = {} t[600 - i] = t[i] end return t")
        let text = hex(shipment)
        #expect(text.hasPrefix("990257d81c80d81c80"))
        #expect(text.hasSuffix("d81d02d81d01d81d00"))
        #expect(text.contains("d81d18ffd81d18fe"))
        #expect(text.contains("d81d190100"))
    }

    /// Items that other encoders write and this one does not.
    @Test(arguments: [
        ("63616263", "v == 'abc'"), ("f93c00", "math.type(v) == 'float' and v == 1"),
        ("f98001", "v == -2^-24"), ("f97bff", "v == 65504"), ("f9fc00", "v == -math.huge"),
        ("f97e00", "v ~= v"), ("fa3fc00000", "v == 1.5"), ("fa7f800000", "v == math.huge"),
        ("1800", "v == 0"), ("1b0000000000000001", "v == 1"), ("3800", "v == -1"),
        ("9800", "next(v) == nil"), ("b80161610a", "v.a == 10"), ("5803414243", "v == 'ABC'"),
        ("82d81c43616263d81d00", "v[1] == 'abc' and v[2] == 'abc'"),
        ("82d81c05d81d00", "v[2] == 5"),
        ("82d81c80d81cd81d00", "false"),
        ("a20101fb3ff000000000000002", "v[1] == 2"),
        ("da5654000481625f47", "v == _G"),
        ("da56540001d84f40", "next(v) == nil"),
    ])
    func read(code: String, check: String) throws {
        try withLua { lua in
            let data = bytes(code)
            if check == "false" {
                #expect(failure(data, lua).contains("a reference is marked as shared"))
                return
            }
            var position = 0
            let decoder = ShippingDecoder(trustsCode: false)
            try data.withUnsafeBytes { try decoder.decode($0, at: &position, lua) }
            #expect(position == data.count)
            try lua.check("local v = ... return " + check)
        }
    }
}

private func x(_ count: Int) -> String { String(repeating: "78", count: count) }
private func zeros(_ count: Int) -> String { String(repeating: "00", count: count) }
