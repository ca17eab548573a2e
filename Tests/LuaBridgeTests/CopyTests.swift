// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing

/// Copies of values: literals, access, descriptions, Codable.
@Suite struct CopyTests {
    private let value: LuaValue = [
        "name": "Ada", "ratio": 0.5, "count": 3, "on": true, "none": nil,
        "list": [1, 2, ["deep": "x"]],
    ]

    @Test func literals() throws {
        #expect(
            value
                == .table([
                    .init(key: .string("count"), value: .integer(3)),
                    .init(
                        key: .string("list"),
                        value: [.integer(1), .integer(2), ["deep": .string("x")]]),
                    .init(key: .string("name"), value: .string("Ada")),
                    .init(key: .string("on"), value: .boolean(true)),
                    .init(key: .string("ratio"), value: .number(0.5)),
                ]))
        #expect(LuaValue(["b": 2, "a": 1]) == ["a": 1, "b": 2])
        #expect(["a": 1, "a": 2] as LuaValue == ["a": 2])
        #expect([1, nil, 3] as LuaValue == [1: 1, 3: 3])
        let there = try withLua { lua in
            try lua.setGlobal("value", to: value)
            return try lua.evaluate("return value", as: LuaValue.self)
        }
        #expect(there == value)
    }

    @Test func access() {
        #expect(value["name"].string == "Ada")
        #expect(value["name"].bytes == "Ada")
        #expect(value["ratio"].number == 0.5 && value["ratio"].integer == nil)
        #expect(value["count"].number == 3.0 && value["count"].integer == 3)
        #expect(LuaValue.number(4).integer == 4)
        #expect(value["on"].boolean == true)
        #expect(value["absent"].isNil && value["absent"]["deeper"][3].isNil)
        #expect(value["list"][3]["deep"].string == "x")
        #expect(value["list"].array?.count == 3)
        #expect(value["list"][.number(2.0)] == 2)
        #expect(value.array == nil && value["list"].dictionary == nil)
        #expect(value.dictionary?.keys.sorted() == ["count", "list", "name", "on", "ratio"])
        #expect(value["name"].integer == nil && value["count"].string == nil)
        let outputs: [String: LuaValue] = ["n": 5]
        #expect(outputs["n"]?.integer == 5)
    }

    @Test func changes() {
        var value: LuaValue = nil
        value["size"]["width"] = 2
        value["list"][1] = "a"
        value["list"][2] = "b"
        value["size"]["height"] = 3
        value["size"]["width"] = nil
        #expect(value == ["list": ["a", "b"], "size": ["height": 3]])
    }

    @Test func descriptions() {
        #expect("\(LuaValue.string("it's \"x\""))" == "it's \"x\"")
        #expect("\(LuaValue.integer(3)) \(LuaValue.number(3)) \(LuaValue.nil)" == "3 3.0 nil")
        #expect(
            "\(["a b": [1, 2.5], "c": "x\"\n", "end": nil, 7: true] as LuaValue)"
                == #"{[7] = true, ["a b"] = {1, 2.5}, c = "x\"\n"}"#)
        #expect("\(["n": "text"] as [String: LuaValue])" == #"["n": "text"]"#)
        #expect(LuaValue.string(LuaBytes([0xFF, 65])).debugDescription == #""\xFFA""#)
        #expect(
            "\(LuaValue.opaque(type: "function", description: "function: builtin"))"
                == "<function: builtin>")
    }

    @Test func codable() throws {
        let copy = try LuaValue(encoding: Crate.example)
        #expect(try copy.decode(Crate.self) == .example)
        let same = try withLua { lua in
            try lua.push(encoding: Crate.example)
            return try lua.read(LuaValue.self, at: -1)
        }
        #expect(copy == same)
        #expect(
            try LuaValue(encoding: ByHand())
                == withLua { lua in
                    try lua.push(encoding: ByHand())
                    return try lua.read(LuaValue.self, at: -1)
                })
        let derived = try LuaValue(encoding: Derived(base: 1, own: "two")).decode(Derived.self)
        #expect(derived.base == 1 && derived.own == "two")
        #expect(try value.decode([String: LuaValue].self) == value.dictionary)
    }

    private static let wrongFields: [(String, LuaValue, String)] = [
        ("items", ["x"], "items[1]: table expected, got string"),
        (
            "items", [["name": "a", "tags": [1]]],
            "items[1].tags[1]: string expected, got number"
        ),
        ("kind", nil, "no field 'kind'"), ("count", -1, "count: -1 does not fit in UInt32"),
        ("count", 1.5, "count: number has no integer representation"),
        ("note", [1], "note: string expected, got table"),
    ]

    @Test(arguments: wrongFields)
    func mistakes(name: String, replacement: LuaValue, message: String) throws {
        var crate = try LuaValue(encoding: Crate.example)
        crate[name] = replacement
        let error = #expect(throws: DecodingError.self) { try crate.decode(Crate.self) }
        #expect(LuaError(coding: try #require(error)).message == message)
        // The same by the decoder of the stack.
        try withLua { lua in
            try lua.push(crate)
            let error = #expect(throws: DecodingError.self) {
                try lua.read(decoding: Crate.self, at: -1)
            }
            #expect(LuaError(coding: try #require(error)).message == message)
        }
    }

    @Test func unencodable() {
        #expect(throws: EncodingError.self) { try LuaValue(encoding: [UInt64.max]) }
        #expect(throws: EncodingError.self) { try LuaValue(encoding: [Int?.none]) }
    }

    /// An object of a library, of which copies have a value.
    struct Range: LuaCopiedObject {
        static let luaTypeName = "range"
        var end: Int
        var luaSummary: String { "range to \(end)" }
        var luaElements: [LuaValue]? { (1...end).map { .integer($0) } }
        func luaValue(of key: LuaValue) -> LuaValue { key.integer == end ? key : .nil }
        func push(onto lua: borrowing Lua) throws(LuaError) { try lua.push(end) }
    }

    @Test func objects() throws {
        let value: LuaValue = ["r": .object(.init(Range(end: 3)))]
        #expect("\(value)" == "{r = <range to 3>}")
        #expect(value["r"].typeName == "range" && value["r"].array == [1, 2, 3])
        #expect(value["r"][3] == 3 && value["r"][2] == .nil && value["r"]["a"] == .nil)
        #expect(try value.decode([String: [Int]].self) == ["r": [1, 2, 3]])
        #expect(value == ["r": .object(.init(Range(end: 3)))])
        #expect(value != ["r": .object(.init(Range(end: 4)))])
        #expect(throws: DecodingError.self) { try value["r"].decode(Int.self) }
        try withLua { lua in
            try lua.setGlobal("v", to: value)
            #expect(try lua.evaluate("return v.r", as: Int.self) == 3)
        }
    }
}
