// SPDX-License-Identifier: BSD-3-Clause

import VTJupyter
import Testing

@Suite struct PickleReaderTests {
    private static let plain: PythonValue = [
        .none, true, false, 0, 1, -1, 255, 256, 65535, 65536, -129, 2_147_483_648, -2_147_483_649,
        .int(.max), .int(.min), .bigInt("9223372036854775808"), .bigInt("-18446744073709551616"),
        .bigInt("1000000000000000000000000000000"), 0.0, -1.5, 1e300, .float(.infinity), "",
        "h\u{e9}\u{4e16}\u{1f600}\n\\", .string(String(repeating: "x", count: 260)), .bytes([]),
        .bytes([0, 255]), .bytes([UInt8](repeating: UInt8(ascii: "y"), count: 260)),
        .bytes([UInt8(ascii: "z")]), [], [1, [2]], .tuple([]), .tuple([1]), .tuple([1, 2]),
        .tuple([1, 2, 3]), .tuple([1, 2, 3, 4]), .dict([]), .dict(("a", 1), (2, [.none])),
        .set([]), .set([7]), .set([]), .set([8]), [0, 1, 2], [10, 7, 4, 1], [],
        .dict(("b", 1), ("a", 2)), .dict(("k", [1])), .dict(("a", 2)), [1, 2],
    ]

    @Test(arguments: [
        Fixtures.plain0, Fixtures.plain1, Fixtures.plain2, Fixtures.plain3, Fixtures.plain4,
        Fixtures.plain5,
    ])
    func readsPlainData(fixture: [[UInt8]]) throws {
        #expect(try PickleReader.value(of: fixture[0]) == Self.plain)
    }

    @Test(.enabled(if: Python.isThere, "there is no python3"), arguments: 0...5)
    func readsWhatThePythonHereWrites(version: Int) throws {
        let told = try Python.pickle(
            "[{'a': (1, 2.5, None, True), 'b': b'x'}, [{3}] * 2, 2**70, range(2)]",
            protocol: version)
        let three = PythonValue.set([3])
        #expect(
            try PickleReader.value(of: told) == [
                .dict(("a", .tuple([1, 2.5, .none, true])), ("b", .bytes([0x78]))),
                [three, three], .bigInt("1180591620717411303424"), [0, 1],
            ])
    }

    @Test(.enabled(if: Python.isThere, "there is no python3"), arguments: 0...5)
    func leavesAloneWhatItDoesNotKnow(version: Int) throws {
        let told = try Python.pickle(
            "[len, __import__('fractions').Fraction(1, 2), __import__('decimal').Decimal('1.5'),"
                + "__import__('types').SimpleNamespace(a=1)]", protocol: version)
        let values = try PickleReader.value(of: told).elements ?? []
        #expect(
            values.map(\.kind) == [
                "'len'", "an object of 'fractions.Fraction'", "an object of 'decimal.Decimal'",
                "an object of 'types.SimpleNamespace'",
            ])
        #expect(values[0] == .object(PythonObject(module: "builtins", name: "len")))
        #expect(
            values[2]
                == .object(
                    PythonObject(module: "decimal", name: "Decimal", arguments: .tuple(["1.5"]))))
        #expect(values[3].object?.state == .dict(("a", 1)))
    }

    /// Each begins and ends a part of the stack, which is not to be copied for that.
    @Test func readsManyContainers() throws {
        let many = PythonValue.list((0..<50_000).map { .dict(("n", .int($0)), ("t", .tuple([]))) })
        #expect(try PickleReader.value(of: try PickleWriter.bytes(of: many)) == many)
    }

    // MARK: numpy

    @Test(arguments: [Fixtures.arrays2, Fixtures.arrays3, Fixtures.arrays4, Fixtures.arrays5])
    func readsArrays(fixture: [[UInt8]]) throws {
        let values = try PickleReader.value(of: fixture[0]).elements ?? []
        let table = Self.int64([2, 3], 0..<6)
        #expect(
            values.prefix(10) == [
                .array(PythonArray([0.5, -1.5])), .array(PythonArray([Double]())),
                Self.array("<f8", [], [0, 0, 0, 0, 0, 0, 4, 0x40]), table, table,
                Self.int64([2, 3, 4], 0..<24), Self.array("<i2", [2], [1, 0, 254, 255]),
                Self.array(">u4", [2], [0, 0, 0, 1, 0, 0, 0, 2]), Self.array("|b1", [2], [1, 0]),
                Self.array("<f2", [3], [0, 0x3E, 0, 0xB4, 0xFF, 0x7B]),
            ])
        // Complex numbers are an array; texts and objects are not.
        #expect(
            values.dropFirst(10).map { $0.object?.module.hasPrefix("numpy._core.") }
                == [nil, true, true])
    }

    @Test func readsScalars() throws {
        let values = try PickleReader.value(of: Fixtures.scalars[0]).elements ?? []
        #expect(
            values.dropLast() == [1.5, 0.25, -7, 200, true, .bigInt("18446744073709551615")])
        #expect(values.last?.kind == "a numpy scalar of '<c16'")
    }

    @Test func readsBuffersOutOfBand() throws {
        let all = Fixtures.outOfBand
        let value = all[1].withUnsafeBytes { one in
            all[2].withUnsafeBytes { two in
                all[0].withUnsafeBytes { try? PickleReader.value(of: $0, buffers: [one, two]) }
            }
        }
        #expect(value == [Self.int64([2, 3], 0..<6), .bytes(Array("abc".utf8))])
        #expect(error(all[0])?.message == "a buffer is missing")
    }

    private static func array(_ dtype: String, _ shape: [Int], _ data: [UInt8]) -> PythonValue {
        PythonArray(dtype: dtype, shape: shape, data: data).map { .array($0) } ?? .none
    }

    private static func int64(_ shape: [Int], _ numbers: Range<Int>) -> PythonValue {
        array("<i8", shape, PythonArray(Array(numbers)).data)
    }

    // MARK: Refusals

    /// Each character is a byte.
    private func raw(_ pickle: String) -> [UInt8] {
        pickle.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    private func error(_ pickle: [UInt8]) -> PickleError? {
        do throws(PickleError) {
            _ = try PickleReader.value(of: pickle)
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        ("", 0, "the pickle ends too early"),
        ("N", 1, "the pickle ends too early"),
        ("\u{80}\u{6}.", 0, "protocol 6 is not known"),
        ("Px\n.", 0, "a persistent id cannot be read"),
        ("U\u{1}a.", 0, "a string of Python 2 cannot be read"),
        ("\u{ff}", 0, "no instruction has the code 255"),
        (".", 0, "a value is missing"),
        ("NN.", 2, "more than one value"),
        ("(N.", 2, "more than one value"),
        ("(.", 1, "a value is missing"),
        ("(Na.", 2, "there is nothing to add to"),
        ("t.", 0, "a mark is missing"),
        ("(Nd.", 2, "a key without a value"),
        ("]N(NNu.", 5, "there is nothing to add to"),
        ("](NNu.", 4, "items of another kind are added"),
        ("h\u{0}.", 0, "the memo has nothing at 0"),
        ("NrABCD.", 1, "the memo has no place 1145258561"),
        ("X\u{ff}\u{ff}\u{ff}\u{ff}a", 0, "the pickle ends too early"),
        ("\u{8e}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}a", 0, "the pickle ends too early"),
        ("\u{8b}\u{ff}\u{ff}\u{ff}\u{ff}a", 0, "the pickle ends too early"),
        (
            "\u{95}\u{ff}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}N.", 0,
            "a frame that is longer than the pickle"
        ),
        ("X\u{1}\u{0}\u{0}\u{0}\u{ff}.", 0, "a text that is not UTF-8"),
        ("I1x\n.", 0, "a number is malformed"),
        ("V\\u12\n.", 0, "a text with a malformed escape"),
        ("V\\ud800\n.", 0, "a text that is not Unicode"),
        ("]Nb.", 2, "a state for what has none, or has one"),
        ("NN\u{93}.", 2, "a name that is not text"),
    ])
    func refuses(pickle: String, offset: Int, message: String) {
        #expect(
            error(raw(pickle)) == PickleError(code: .malformed, offset: offset, message: message))
    }

    @Test func refusesCycles() {
        let cycle = PickleError(
            code: .cycle, offset: 0, message: "a value that contains itself")
        #expect(error(raw("]q\0h\0a.")) == cycle)
        #expect(error(raw("}q\0Nh\0s.")) == cycle)
        // A list in a tuple in that list.
        #expect(error(raw("]q\0h\0\u{85}a.")) == cycle)
    }

    @Test func boundsDepth() {
        func nested(_ levels: Int) -> String {
            String(repeating: "]", count: levels) + String(repeating: "a", count: levels - 1) + "."
        }
        #expect(error(raw(nested(200))) == nil)
        #expect(error(raw(nested(201)))?.message == "values are nested too deeply")
        #expect(error(raw(nested(100_000)))?.message == "values are nested too deeply")
        // A tuple of one around what is in the memo, over and over.
        let chain = ")q\00" + String(repeating: "h\0\u{85}q\00", count: 300) + "h\0."
        #expect(error(raw(chain))?.message == "values are nested too deeply")
    }

    @Test func boundsSharing() throws {
        // Each list has the one before ten times.
        func laughs(_ rounds: Int) -> [UInt8] {
            let ten = String(repeating: "h\0", count: 10)
            return raw("]q\00" + String(repeating: "(\(ten)lq\00", count: rounds) + "h\0.")
        }
        let ten = PythonValue.list(Array(repeating: [], count: 10))
        #expect(
            try PickleReader.value(of: laughs(2)) == .list(Array(repeating: ten, count: 10)))
        #expect(error(laughs(20))?.message == "too many values")
        #expect(error(laughs(150))?.message == "too many values")
    }

    @Test func boundsNumbers() throws {
        let range = Array("cbuiltins\nrange\n(I0\nI100000000\nI1\ntR.".utf8)
        #expect(error(range)?.message == "a range of too many numbers")
        let digits = String(repeating: "9", count: 5000)
        #expect(
            error(Array("L\(digits)L\n.".utf8))?.message == "an integer of more than 4300 digits")
        let long = [0x8B, 0x00, 0x10, 0, 0] + [UInt8](repeating: 1, count: 0x1000)
        #expect(error(long + Array(".".utf8))?.message == "an integer of more than 4300 digits")
        let shape = Array(
            "cnumpy.core.numeric\n_frombuffer\n(C\0cnumpy\ndtype\n(Vf8\nI00\nI01\ntR".utf8)
        let huge = shape + Array("(I0\nI4611686018427387904\nI4611686018427387904\ntVC\ntR.".utf8)
        #expect(try PickleReader.value(of: huge).object?.name == "_frombuffer")
    }
}
