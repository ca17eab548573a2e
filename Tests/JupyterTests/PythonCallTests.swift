// SPDX-License-Identifier: BSD-3-Clause

import VTJupyter
import Testing

/// What genuine clients and engines sent.
@Suite struct PythonCallTests {
    private static let big = PythonValue.array(.range(130))

    private static func text(_ letter: Character, _ count: Int) -> PythonValue {
        .bytes(Array(String(repeating: letter, count: count).utf8))
    }

    private static func half(_ range: Range<Int>) -> PythonValue {
        .array(PythonArray(range.map(Double.init)))
    }

    private static func push(_ name: String, _ value: PythonValue) -> PythonCall {
        PythonCall(function: .push, keywords: [PythonCall.Keyword(name, value)])
    }

    private static func python(_ name: String, _ arguments: PythonValue...) -> PythonCall {
        PythonCall(function: .pythonFunction(name), arguments: arguments)
    }

    private static func map(_ name: String, _ arguments: PythonValue...) -> PythonCall {
        PythonCall(function: .map(.reference(name)), arguments: arguments)
    }

    private static let expected: [String: PythonCall] = [
        "push": PythonCall(
            function: .push,
            keywords: [
                PythonCall.Keyword("big", big),
                PythonCall.Keyword("d", .dict(("a", text("s", 1)), ("b", big))),
                PythonCall.Keyword("n", 1),
                PythonCall.Keyword("raw", text("r", 1030)),
                PythonCall.Keyword("text", "t"),
            ]),
        "pullOne": PythonCall(function: .pull, arguments: ["n"]),
        "pullSome": PythonCall(function: .pull, arguments: [["n", "text"]]),
        "gather": PythonCall(function: .pull, arguments: ["part"]),
        "execute": PythonCall(function: .execute, arguments: ["q = 1"]),
        "scatter0": push("part", [1, 2]),
        "scatter1": push("part", [3]),
        "scatterFlat0": push("part", 1),
        "scatterFlat1": push("part", 2),
        "scatterArray0": push("part", half(0..<65)),
        "scatterArray1": push("part", half(65..<130)),
        "update": push("m", array("<f8", [], [0, 0, 0, 0, 0, 0, 0xF8, 0x3F])),
        "applyReference": PythonCall(
            function: .reference("anything"),
            arguments: [
                3, 4.0, .reference("n"), .bytes(Array("small".utf8)), text("m", 1050),
                [big, text("x", 1040), .reference("n")], array("<f8", [0, 3], []),
                array("<f8", [0], []),
            ],
            keywords: [
                PythonCall.Keyword("first", .none),
                PythonCall.Keyword("last", .dict(("a", text("b", 1025)), ("z", .reference("n")))),
            ]),
        "applyFunction": python("double", 3),
        "applyLambda": python("<lambda>"),
        "applyBuiltin": python("_operator.add", 1, 2),
        "applyAbs": python("abs", -1),
        "applyPartial": python("double", 3),
        "applyDependent": python("double", 3),
        "applyWithFunction": PythonCall(
            function: .reference("anything"),
            arguments: [.object(PythonObject(module: "__main__", name: "double")), 1]),
        "mapReference0": map("abs", [0, 1, 2]),
        "mapReference1": map("abs", [3, 4]),
        "mapFunction0": PythonCall(
            function: .map(.pythonFunction("double")), arguments: [[1, 2]]),
        "mapFunction1": PythonCall(function: .map(.pythonFunction("double")), arguments: [[3]]),
        "mapTwo": map("pow", [1], .tuple([3])),
        "mapArray": map("abs", half(0..<65)),
        "imap": PythonCall(function: .reference("abs"), arguments: [1]),
        "parallel": python("double", [1]),
        "broadcastApply": PythonCall(function: .reference("abs"), arguments: [-1]),
        "broadcastMap0": push("_seq_key_0", [1]),
        "broadcastMap1": push("_seq_key_0", [2]),
        "broadcastMap2": PythonCall(
            function: .broadcastMap(.reference("abs")), arguments: ["_seq_key_0"]),
        "broadcastPush": push("n", 1),
    ]

    private static func array(_ dtype: String, _ shape: [Int], _ data: [UInt8]) -> PythonValue {
        PythonArray(dtype: dtype, shape: shape, data: data).map { .array($0) } ?? .none
    }

    @Test(arguments: expected.keys.sorted()) func reads(name: String) throws {
        let buffers = try #require(Fixtures.all[name])
        #expect(try PythonCall(buffers: buffers) == Self.expected[name])
    }

    @Test func readsResults() throws {
        func result(_ buffers: [[UInt8]]) throws -> PythonValue {
            try PythonCall.result(of: buffers)
        }
        #expect(
            try result(Fixtures.resultPlain)
                == .dict(("a", [1, 2.5, .none]), ("b", .tuple([true, "x"]))))
        #expect(try result(Fixtures.resultArray) == Self.big)
        #expect(
            try result(Fixtures.resultArrays) == [Self.big, Self.text("x", 1040), Self.half(0..<2)])
        #expect(
            try result(Fixtures.resultDict) == .dict(("a", Self.text("q", 1030)), ("z", Self.big)))
        #expect(try result(Fixtures.resultNumber) == 8385.0)
        #expect(try result(Fixtures.resultFunction).kind == "'<lambda>'")
        #expect(try result(Fixtures.resultObject).kind == "an object of 'fractions.Fraction'")
        #expect(
            try result(Fixtures.longList)
                == .list(Array(repeating: .bytes(Array("abc".utf8)), count: 100)))
    }

    @Test func readsWhatItWrites() throws {
        let call = PythonCall(
            function: .reference("f"),
            arguments: [Self.big, [1, Self.big, Self.text("t", 2000)], .reference("x")],
            keywords: [PythonCall.Keyword("a", .none), PythonCall.Keyword("b", Self.big)])
        let buffers = try PythonCall.request(
            expression: "f", arguments: call.arguments, keywords: call.keywords.reversed())
        #expect(buffers.count == 11)
        #expect(try PythonCall(buffers: buffers) == call)
        for value in call.arguments {
            #expect(try PythonCall.result(of: try PythonCall.reply(value)) == value)
        }
    }

    /// Only what refers to itself is known to be a function nevertheless.
    @Test func takesAFunctionWithACycleForPythons() throws {
        let cycle = Array("]q".utf8) + [0] + Array("h".utf8) + [0] + Array("a.".utf8)
        var buffers = try PythonCall.request(expression: "f", arguments: [1])
        buffers[0] = cycle
        #expect(
            try PythonCall(buffers: buffers)
                == PythonCall(function: .pythonFunction("a function"), arguments: [1]))
        buffers = Fixtures.mapReference0
        buffers[2] = cycle
        #expect(try PythonCall(buffers: buffers).function == .map(.pythonFunction("a function")))
        buffers[3] = cycle
        #expect(error(buffers)?.code == .pickle)
    }

    private func error(_ buffers: [[UInt8]]) -> PythonError? {
        do throws(PythonError) {
            _ = try PythonCall(buffers: buffers)
            return nil
        } catch { return error }
    }

    @Test func refuses() throws {
        let call = try PythonCall.request(expression: "f", arguments: [Self.big, 1])
        let json = Array(#"{"lang":"lua"}"#.utf8)
        #expect(error([]) == PythonError(.malformed, "a buffer is missing"))
        #expect(
            error([json])?.description == "pickle, byte 0: no instruction has the code 123")
        #expect(
            error(Array(call.prefix(2)))
                == PythonError(.malformed, "the buffers do not contain a call"))
        #expect(error(Array(call.prefix(1))) == PythonError(.malformed, "a buffer is missing"))
        #expect(error(call + [call[4]]) == PythonError(.malformed, "more buffers than arguments"))
        var short = call
        short[3].removeLast()
        #expect(
            error(short)
                == PythonError(.malformed, "an array whose data does not fit its shape"))
        var early = call
        early[4].removeLast()
        #expect(error(early)?.description == "pickle, byte 4: the pickle ends too early")
    }
}
