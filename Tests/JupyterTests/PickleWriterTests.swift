// SPDX-License-Identifier: BSD-3-Clause

import VTJupyter
import Testing

@Suite struct PickleWriterTests {
    private static let plain: PythonValue = [
        .none, true, false, 0, 255, 256, 65535, 65536, -1, 2_147_483_648, .int(.max), .int(.min),
        .bigInt("-18446744073709551616"), 0.5, .float(-.infinity), "h\u{e9}\n", .bytes([0, 255]),
        [], [[1]], .tuple([]), .tuple([1, "a"]), .dict([]), .dict(("a", 1), (2.5, .none)),
        .set([]), .set([7]),
    ]

    @Test func writesWhatItReads() throws {
        let all = PythonValue.list([Self.plain, .bigInt("5")])
        let read = try PickleReader.value(of: try PickleWriter.bytes(of: all))
        #expect(read == [Self.plain, 5])
    }

    @Test(.enabled(if: Python.isThere, "there is no python3"))
    func writesWhatPythonReads() throws {
        let told = try Python.run(
            "import pickle; print(ascii(pickle.loads(given[0])))",
            [try PickleWriter.bytes(of: Self.plain)])
        #expect(
            told == """
                [None, True, False, 0, 255, 256, 65535, 65536, -1, 2147483648, \
                9223372036854775807, -9223372036854775808, -18446744073709551616, 0.5, -inf, \
                'h\\xe9\\n', b'\\x00\\xff', [], [[1]], (), (1, 'a'), {}, {'a': 1, 2.5: None}, \
                set(), {7}]
                """)
    }

    @Test func refuses() {
        func message(_ value: PythonValue) -> String? {
            do throws(PythonError) {
                _ = try PickleWriter.bytes(of: value)
                return nil
            } catch { return error.message }
        }
        #expect(
            message([.object(PythonObject(module: "os", name: "system"))])
                == "'os.system' cannot be sent")
        #expect(message(.bigInt("1\n.")) == "'1\n.' is not an integer")
        var deep: PythonValue = 1
        for _ in 0..<200 { deep = [deep] }
        #expect(message(deep) == "values are nested too deeply")
    }

    // MARK: With numpy and ipyparallel

    private static let arrays: [PythonValue] = [
        .array(PythonArray([0.5, -1.5])), .array(PythonArray([Double]())),
        array("<f8", [], [0, 0, 0, 0, 0, 0, 4, 0x40]), array("<i2", [2, 1], [1, 0, 254, 255]),
        array("|b1", [2], [1, 0]), array("<f8", [0, 3], []), array(">u4", [1], [0, 0, 0, 1]),
    ]

    private static func array(_ dtype: String, _ shape: [Int], _ data: [UInt8]) -> PythonValue {
        PythonArray(dtype: dtype, shape: shape, data: data).map { .array($0) } ?? .none
    }

    @Test(.enabled(if: Python.hasClient, "python3 has no ipyparallel"))
    func writesArrays() throws {
        let told = try Python.run(
            """
            import pickle
            for a in pickle.loads(given[0]):
                print(a.dtype.str, a.shape, a.tolist(), a.flags.writeable)
            """, [try PickleWriter.bytes(of: .list(Self.arrays))])
        #expect(
            told == """
                <f8 (2,) [0.5, -1.5] True
                <f8 (0,) [] True
                <f8 () 2.5 True
                <i2 (2, 1) [[1], [-2]] True
                |b1 (2,) [True, False] True
                <f8 (0, 3) [] True
                >u4 (1,) [1] True
                """)
    }

    @Test(.enabled(if: Python.hasClient, "python3 has no ipyparallel"))
    func writesWhatAClientTakes() throws {
        let big = PythonValue.array(.range(130))
        let long = PythonValue.bytes([UInt8](repeating: 0x62, count: 1025))
        let results: [PythonValue] = [
            .list(Self.arrays), big, long, [big, 1, long, big], .tuple([long, [big]]),
            .dict(("z", big), ("a", long)), .dict(("z", 1), (2, "b")),
            .dict(("a", 1), (.bytes([0xFF]), 2)), .dict((.none, 1)), .dict((1, 2), (1.5, 3)),
            .list(Array(repeating: big, count: 70)), .none, [], .tuple([]), .dict([]),
        ]
        let told = try results.map { value in
            try Python.run(
                """
                from ipyparallel.serialize import deserialize_object
                import numpy
                def show(v):
                    if isinstance(v, numpy.ndarray): return 'A%d=%s' % (v.size, v.sum())
                    if isinstance(v, bytes) and len(v) > 99: return 'B%d' % len(v)
                    if isinstance(v, dict): return [(k, show(v[k])) for k in v]
                    if isinstance(v, (list, tuple)): return type(v)(map(show, v))
                    return v
                value, rest = deserialize_object([memoryview(b) for b in given])
                print(len(given), len(rest), show(value))
                """, try PythonCall.reply(value))
        }
        let sum = "A130=8385.0"
        let seventy = Array(repeating: "'\(sum)'", count: 70).joined(separator: ", ")
        #expect(
            told == [
                "1 0 ['A2=-1.0', 'A0=0.0', 'A1=2.5', 'A2=-1', 'A2=1', 'A0=0.0', 'A1=1']",
                "2 0 \(sum)", "2 0 B1025", "4 0 ['\(sum)', 1, 'B1025', '\(sum)']",
                "2 0 ('B1025', ['\(sum)'])", "1 0 [('a', 'B1025'), ('z', '\(sum)')]",
                "1 0 [('z', 1), (2, 'b')]", "1 0 [('a', 1), (b'\\xff', 2)]", "1 0 [(None, 1)]",
                "1 0 [(1, 2), (1.5, 3)]", "1 0 [\(seventy)]", "1 0 None", "1 0 []", "1 0 ()",
                "1 0 []",
            ])
    }

    @Test(.enabled(if: Python.hasClient, "python3 has no ipyparallel"))
    func writesWhatAnEngineTakes() throws {
        let buffers = try PythonCall.request(
            expression: "table['f']",
            arguments: [3, .array(.range(130)), .reference("n"), [.reference("n"), "x"]],
            keywords: [
                PythonCall.Keyword("z", .bytes([UInt8](repeating: 0, count: 2000))),
                PythonCall.Keyword("a", .dict(("b", .reference("n")))),
            ])
        let told = try Python.run(
            """
            from ipyparallel.serialize import unpack_apply_message
            f, args, kwargs = unpack_apply_message(given, {'table': {'f': len}, 'n': 7})
            kwargs['z'] = len(kwargs['z'])
            print(f, args[0], args[1].sum(), args[2:], kwargs)
            """, buffers)
        #expect(
            told
                == "<built-in function len> 3 8385.0 (7, [7, 'x']) {'a': {'b': 7}, 'z': 2000}")
    }
}
