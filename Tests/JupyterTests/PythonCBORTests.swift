// SPDX-License-Identifier: BSD-3-Clause

import VTJupyter
import VTParallel
import Testing

@Suite struct PythonCBORTests {
    private func cbor(_ value: PythonValue) throws -> String {
        var out: [UInt8] = []
        try value.appendCBOR(to: &out)
        return hex(out)
    }

    /// The value, and how many bytes it took.
    private func read(_ digits: String) throws(PythonError) -> (PythonValue, Int) {
        let all = bytes([digits])[0]
        var result: Result<(PythonValue, Int), PythonError> = .success((.none, 0))
        all.withUnsafeBytes { all in
            var position = 0
            do throws(PythonError) {
                let value = try PythonValue(cbor: all, at: &position)
                result = .success((value, position))
            } catch { result = .failure(error) }
        }
        return try result.get()
    }

    private static let sixteenFloats = (0..<16).map { bits(Double($0)) }.joined()

    private static func bits(_ number: Double) -> String {
        withUnsafeBytes(of: number.bitPattern.littleEndian) { hex(Array($0)) }
    }

    private static let both: [(PythonValue, String)] = [
        (.none, "f6"), (true, "f5"), (false, "f4"), (0, "00"), (23, "17"), (24, "1818"),
        (256, "190100"), (65536, "1a00010000"), (4_294_967_296, "1b0000000100000000"), (-1, "20"),
        (.int(.max), "1b7fffffffffffffff"), (.int(.min), "3b7fffffffffffffff"),
        (1.0, "fb3ff0000000000000"), ("", "40"), ("h\u{e9}", "4368c3a9"), (.bytes([0xFF]), "41ff"),
        ([], "80"), ([1, [.none]], "820181f6"), (.dict([]), "a0"),
        (
            .dict(("a", 1), (2, true), (1.5, .bytes([0xFE])), (false, 3)),
            "a441610102f5fb3ff800000000000041fef403"
        ),
        (.list((0..<15).map { .int($0) }), "8f000102030405060708090a0b0c0d0e"),
        (.list((0..<16).map { .float(Double($0)) }), "da56540001d8565880" + sixteenFloats),
        (
            .list((-1..<15).map { .int($0) }),
            "da56540001d84f5880ffffffffffffffff"
                + (0..<15).map { hex([UInt8($0)]) + "00000000000000" }.joined()
        ),
        (
            .list([0.5] + Array(repeating: 1, count: 16)),
            "91fb3fe0000000000000" + String(repeating: "01", count: 16)
        ),
    ]

    @Test(arguments: both.indices) func goesBothWays(index: Int) throws {
        let (value, digits) = Self.both[index]
        #expect(try cbor(value) == digits)
        let (back, length) = try read(digits + "00")
        #expect(back == value)
        #expect(length == digits.utf8.count / 2)
    }

    @Test func becomesWhatLuaHas() throws {
        #expect(try cbor(.tuple([1, "a"])) == "82014161")
        #expect(try cbor(.set([1])) == "8101")
        let numbers = PythonArray([1.0, 2.0])
        #expect(
            try cbor(.array(numbers)) == "d828828102d85650" + Self.bits(1.0) + Self.bits(2.0))
        #expect(try cbor(.array(PythonArray([Int]()))) == "d828828100d84f40")
        func array(_ dtype: String, _ shape: [Int], _ data: [UInt8]) throws -> String {
            try cbor(.array(try #require(PythonArray(dtype: dtype, shape: shape, data: data))))
        }
        #expect(try array("<f8", [], numbers.data.dropLast(8)) == "fb3ff0000000000000")
        #expect(
            try array("<i8", [2, 1], PythonArray([1, 2]).data)
                == "d82882820201d84f5001000000000000000200000000000000")
        #expect(
            try array("<i2", [2, 2], [1, 0, 0xFF, 0xFF, 3, 0, 4, 0])
                == "d82882820202d84d480100ffff03000400")
        #expect(try array("|b1", [2], [0, 5]) == "da5654000ad828828102d840420001")
        #expect(try array("<f4", [1], [0, 0, 0, 0x3F]) == "d828828101d855440000003f")
        #expect(try array("<f2", [2], [0, 0x3C, 1, 0]) == "d828828102d855480000803f00008033")
        #expect(
            try array(">u8", [1], [0x80, 0, 0, 0, 0, 0, 0, 1])
                == "d828828101d847480100000000000080")
        #expect(
            try array(">c8", [1], [0x3F, 0x80, 0, 0, 0x40, 0, 0, 0])
                == "da5654000bd82882820102d855480000803f00000040")
        #expect(try array("<f8", [2, 0], []) == "d82882820200d85640")
        #expect(try array("<f8", [0, 2], []) == "d82882820002d85640")
    }

    @Test func arraysOfLuaAreArrays() throws {
        for (dtype, shape, data) in [
            ("|b1", [2], [0, 1]), ("<u8", [1, 1], [1, 0, 0, 0, 0, 0, 0, 0x80]),
            ("<c8", [1], [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]), ("<f4", [0, 3], []),
            ("|i1", [3], [1, 2, 0xFF]),
        ] as [(String, [Int], [UInt8])] {
            let array = try #require(PythonArray(dtype: dtype, shape: shape, data: data))
            #expect(try read(cbor(.array(array))).0 == .array(array))
        }
    }

    @Test func readsOtherWidthsAndTexts() throws {
        #expect(try read("f93c00").0 == 1.0)
        #expect(try read("fa3fc00000").0 == 1.5)
        #expect(try read("6161").0 == "a")
        #expect(try read("61ff").0 == .bytes([0xFF]))
        #expect(try read("1900ff").0 == 255)
    }

    @Test func resolvesSharedValues() throws {
        // {t, t, u, u}, and t again in u
        #expect(
            try read("84d81c8101d81d00d81c81d81d00d81d01").0 == [[1], [1], [[1]], [[1]]])
        #expect(try read("82d81c4161d81d00").0 == ["a", "a"])
    }

    private func error(_ digits: String) -> String? {
        do throws(PythonError) {
            _ = try read(digits)
            return nil
        } catch { return "\(error.code): \(error)" }
    }

    @Test func refusesWhatIsNoData() {
        #expect(
            error("da565400028100") == "value: a Lua function cannot go to Python: only data can")
        #expect(
            error("da565400048141ff") == "value: a Lua module cannot go to Python: only data can")
        #expect(
            error("81da56540005820080")
                == "value: a Lua table with a metatable cannot go to Python: only data can")
        #expect(
            error("d81c81d81d00") == "value: a Lua table that contains itself cannot go to Python")
        #expect(
            error("a18001") == "value: a Lua table with a table as a key cannot go to Python")
    }

    @Test(arguments: [
        ("", "CBOR, byte 0: it ends too early"), ("18", "CBOR, byte 0: it ends too early"),
        ("4261", "CBOR, byte 1: it ends too early"), ("9bffffffffffffffff", nil),
        ("bbffffffffffffffff00", nil), ("5bffffffffffffffff", nil), ("9f01ff", nil),
        ("1bffffffffffffffff", "CBOR, byte 9: an integer of more than 64 bits"),
        ("3b8000000000000000", "CBOR, byte 9: an integer of more than 64 bits"),
        ("f7", "CBOR, byte 1: a simple value without a counterpart in Lua"), ("f818", nil),
        ("d81d00", "CBOR, byte 3: a reference to nothing"),
        ("c100", "CBOR, byte 1: unknown tag 1"),
        ("da56540001d8564700000000000000", nil), ("da5654000180", nil), ("a1f600", nil),
    ])
    func refusesMalformed(digits: String, message: String?) {
        let told = error(digits)
        #expect(told != nil)
        if let message { #expect(told == "malformed: " + message) }
    }

    @Test func boundsDepthAndSharing() {
        #expect(error(String(repeating: "81", count: 199) + "80") == nil)
        #expect(
            error(String(repeating: "81", count: 200) + "80")
                == "malformed: CBOR, byte 200: values are nested too deeply")
        // Each list has the one before ten times; then, each has the one before.
        var laughs = "d81c80"
        for round in 0..<20 {
            let reference = "d81d18" + hex([UInt8(round)])
            laughs += "d81c8a" + String(repeating: reference, count: 10)
        }
        #expect(error("95" + laughs)?.hasSuffix("too many values") == true)
        var chain = "d81c80"
        for round in 0..<250 { chain += "d81c81d81d18" + hex([UInt8(round)]) }
        #expect(error("98fb" + chain)?.hasSuffix("values are nested too deeply") == true)
    }

    @Test func tuplesReturnAsTuples() throws {
        for value: PythonValue in [
            .tuple([]), .tuple([1, "a"]), [.tuple([1, .tuple([2.5, [3]])])],
            .tuple((0..<20).map { .int($0) }), .dict(("k", .tuple([1]))),
        ] {
            var out: [UInt8] = []
            try value.appendCBOR(to: &out, marksTuples: true)
            var position = 0
            let back = try out.withUnsafeBytes { try PythonValue(cbor: $0, at: &position) }
            #expect(back == value)
            #expect(position == out.count)
        }
    }

    @Test func refusesWhatLuaHasNot() {
        func message(_ value: PythonValue) -> String? {
            var out: [UInt8] = []
            do throws(PythonError) {
                try value.appendCBOR(to: &out)
                return nil
            } catch { return error.message }
        }
        #expect(
            message([.object(PythonObject(module: "m", name: "C", arguments: .tuple([])))])
                == "an object of 'm.C' has no counterpart in Lua")
        #expect(message(.reference("x")) == "a reference to 'x' has no counterpart in Lua")
        #expect(message(.dict((.tuple([1]), 1))) == "a tuple cannot be a key in Lua")
        #expect(message(.dict((.none, 1))) == "None cannot be a key in Lua")
        #expect(message(.dict((.float(.nan), 1))) == "a float cannot be a key in Lua")
        let end = " does not fit into the 64 bits of Lua's integers; send a float or a string"
        #expect(message(.bigInt("9223372036854775808")) == "the int 9223372036854775808" + end)
        #expect(
            message([1, .bigInt("18446744073709551616")]) == "the int 18446744073709551616" + end)
        #expect(
            message(.bigInt(String(repeating: "9", count: 400))) == "an int of 400 digits" + end)
        func array(_ dtype: String, _ data: [UInt8]) -> PythonValue {
            PythonArray(dtype: dtype, shape: [1], data: data).map { .array($0) } ?? .none
        }
        #expect(message(array("<u8", [0, 0, 0, 0, 0, 0, 0, 0x7F])) == nil)
        #expect(
            message(array(">u8", [0x80, 0, 0, 0, 0, 0, 0, 0]))
                == nil)
        #expect(
            message(PythonArray(dtype: "<c32", shape: [0], data: []).map { .array($0) } ?? .none)
                == "a numpy array of '<c32' has no counterpart in Lua")
        #expect(
            message(
                PythonArray(
                    dtype: "|i1", shape: Array(repeating: 1, count: 17), data: [0]
                ).map { .array($0) } ?? .none)
                == "a numpy array of 17 dimensions has no counterpart in Lua; at most 16 are possible"
        )
    }
}
