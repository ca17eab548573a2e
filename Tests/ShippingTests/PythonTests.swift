// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTLuaBridge
import VTShipping
import Testing

/// Exchange with Python's cbor2, in both directions.
@Suite(.enabled(if: Python.hasCBOR, "there is no python3 with cbor2"))
struct PythonTests {
    @Test(arguments: [
        ("nil", "None"), ("true", "True"), ("1 << 40", "1099511627776"),
        ("math.mininteger", "-9223372036854775808"), ("1.5", "1.5"), ("1.0", "1.0"),
        ("-1e300", "-1e+300"), ("math.huge", "inf"), ("'abc'", "b'abc'"),
        ("'\\0\\255'", "b'\\x00\\xff'"),
        ("{1, {2.5, 'x'}}", "[1, [2.5, b'x']]"), ("{}", "[]"),
        ("{a = {[1.5] = true}}", "{b'a': {1.5: True}}"),
        ("{nil, 2}", "{2: 2}"),
    ])
    func reads(code: String, expected: String) throws {
        let told = try Python.run(
            "import cbor2, sys; print(repr(cbor2.loads(bytes.fromhex(sys.argv[1]))))",
            hex(try shipment("return " + code, [])))
        #expect(told == expected)
    }

    /// cbor2 supports the tags of shared values, and returns typed arrays as tagged bytes.
    @Test func readsSharing() throws {
        let told = try Python.run(
            """
            import cbor2, sys
            v = cbor2.loads(bytes.fromhex(sys.argv[1]))
            print(v[0] is v[1], v[2][0] is v[2], len(v))
            """, hex(try shipment("local t, c = {}, {} c[1] = c return {t, t, c}", [])))
        #expect(told == "True True 3")
        let list = try Python.run(
            """
            import cbor2, sys, struct
            v = cbor2.loads(bytes.fromhex(sys.argv[1]))
            print(hex(v.tag), v.value.tag, struct.unpack('<20d', v.value.value))
            """, hex(try shipment("local t = {} for i = 1, 20 do t[i] = i / 2 end return t", [])))
        let numbers = (1...20).map { "\(Double($0) / 2)" }.joined(separator: ", ")
        #expect(list == "0x56540001 86 (\(numbers))")
    }

    @Test(arguments: [
        ("None", "v == nil"), ("True", "v == true"), ("2**63 - 1", "v == math.maxinteger"),
        ("-2**63", "v == math.mininteger"), ("1.5", "v == 1.5"), ("float('inf')", "v == math.huge"),
        ("float('nan')", "v ~= v"), ("b'a\\0'", "v == 'a\\0'"), ("'h\\u00e9'", "v == 'h\\u{e9}'"),
        ("[1, [2]]", "v[2][1] == 2"), ("{'a': {1: 2.5}}", "v.a[1] == 2.5"),
        ("list(range(1000))", "#v == 1000 and v[1000] == 999"),
        ("{'k%d' % i: i for i in range(300)}", "v.k299 == 299"),
        ("[None, 1]", "v[1] == nil and v[2] == 1"),
    ])
    func writes(code: String, check: String) throws {
        for canonical in ["False", "True"] {
            let told = try Python.run(
                "import cbor2; print(cbor2.dumps(\(code), canonical=\(canonical)).hex())", "")
            try read(told, check: "local v = ... return " + check)
        }
    }

    @Test func writesSharing() throws {
        let told = try Python.run(
            """
            import cbor2
            t = [1]; c = {'t': t}; c['c'] = c
            print(cbor2.dumps([t, c, t], value_sharing=True).hex())
            """, "")
        try read(
            told, check: "local v = ... return v[1] == v[3] and v[2].c == v[2] and v[2].t == v[1]")
    }

    /// The canonical forms of plain values are the same bytes. This version of cbor2 sorts shorter
    /// keys first, as RFC 7049 specified.
    @Test(arguments: [
        ("{[1000] = 1, [100] = 2, [10] = 3}", "{10: 3, 100: 2, 1000: 1}"),
        ("{b = 1, aa = 2, a = {3, 4}}", "{b'b': 1, b'aa': 2, b'a': [3, 4]}"),
    ])
    func canonical(code: String, python: String) throws {
        let told = try Python.run(
            "import cbor2; print(cbor2.dumps(\(python), canonical=True).hex())", "")
        #expect(hex(try shipment("return " + code, .canonical)) == told)
    }

    private func read(_ text: String, check: String) throws {
        try withLua { lua in
            let data = bytes(text)
            var position = 0
            try data.withUnsafeBytes {
                try ShippingDecoder(trustsCode: false).decode($0, at: &position, lua)
            }
            #expect(position == data.count)
            try lua.check(check)
        }
    }
}

enum Python {
    static let hasCBOR = (try? run("import cbor2; print(1)", "")) == "1"

    /// The output of the code. The system's Python is used, because its packages are Debian's.
    static func run(_ code: String, _ argument: String) throws -> String {
        guard let stream = popen("/usr/bin/python3 -c \(quoted(code)) '\(argument)'", "r") else {
            throw PythonError()
        }
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&piece, 1, piece.count, stream)
            if count == 0 { break }
            output += piece[..<count]
        }
        guard pclose(stream) == 0 else { throw PythonError() }
        if output.last == UInt8(ascii: "\n") { output.removeLast() }
        return String(decoding: output, as: UTF8.self)
    }

    /// The text, quoted for the shell.
    private static func quoted(_ text: String) -> String {
        "'"
            + text.split(separator: "'", omittingEmptySubsequences: false).joined(
                separator: "'\\''")
            + "'"
    }
}

struct PythonError: Error {}
