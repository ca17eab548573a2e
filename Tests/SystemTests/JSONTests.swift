// SPDX-License-Identifier: BSD-3-Clause

import Testing
import VTSystem

@Suite struct JSONTests {
    @Test func readsWhatItWrites() throws {
        let value: JSON = [
            "a": [1, -2, true, nil, "x\n\"\\\u{1}é😀"], "b": ["c": .number(1.5)],
            "d": .number(1e300), "": [:], "e": [],
        ]
        #expect(try JSON(parsing: value.bytes) == value)
        #expect(
            value["a"].compactText == "[1,-2,true,null,\"x\\n\\\"\\\\\\u0001é😀\"]")
    }

    @Test(
        arguments: [
            (#""\u00e9\ud83d\ude00\/\b\f\t""#, "é😀/\u{8}\u{C}\t"), (#""""#, ""),
            (" \"x\" \r\n", "x"),
        ])
    func readsText(_ text: String, _ wanted: String) throws {
        #expect(try JSON(parsing: Array(text.utf8)) == .string(wanted))
    }

    @Test(
        arguments: [
            ("0", JSON.integer(0)), ("-12", .integer(-12)), ("1.5e3", .number(1500)),
            ("9223372036854775807", .integer(.max)), ("9223372036854775808", .number(0x1p63)),
        ] as [(String, JSON)])
    func readsNumbers(_ text: String, _ wanted: JSON) throws {
        #expect(try JSON(parsing: Array(text.utf8)) == wanted)
    }

    @Test(
        arguments: [
            "", " ", "nul", "tru", "[", "[1", "[1,]", "{", "{\"a\"", "{\"a\":1,}", "{a:1}", "1 2",
            "\"", "\"\n\"", "\"\\x\"", "\"\\ud83d\"", "\"\\ud83dx\"", "\"\\u12\"", "+1", "-",
            ".5", "'a'", "[1}", "NaN", "Infinity",
        ])
    func refusesWhatIsNone(_ text: String) {
        #expect(throws: JSON.Malformed.self) { try JSON(parsing: Array(text.utf8)) }
    }

    @Test func refusesWhatIsNoUTF8() {
        #expect(throws: JSON.Malformed.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
    }

    @Test func depthHasABound() throws {
        func nested(_ levels: Int) -> [UInt8] {
            Array(repeating: UInt8(ascii: "["), count: levels)
                + Array(repeating: UInt8(ascii: "]"), count: levels)
        }
        #expect(throws: Never.self) { try JSON(parsing: nested(64)) }
        #expect(throws: JSON.Malformed.self) { try JSON(parsing: nested(65)) }
        #expect(throws: JSON.Malformed.self) { try JSON(parsing: nested(1_000_000)) }
    }

    /// Every piece of a message is either JSON or refused.
    @Test func prefixesAreRefused() {
        let value: JSON = ["a": [1, true, nil, "x\n"], "b": ["c": .number(1.5)]]
        let bytes = value.bytes
        for count in 0..<bytes.count {
            #expect(throws: JSON.Malformed.self) { try JSON(parsing: Array(bytes.prefix(count))) }
        }
    }

    @Test func whatIsNoNumberIsNull() {
        #expect(JSON.array([.number(.nan), .number(.infinity)]).compactText == "[null,null]")
    }

    @Test func commandsPrintSpaces() {
        let value: JSON = ["a": [1, 2], "b": ["c": "\r\t\u{1f}"]]
        #expect(value.text == #"{"a": [1, 2], "b": {"c": "\r\t\u001f"}}"#)
        #expect(value.compactText == #"{"a":[1,2],"b":{"c":"\r\t\u001f"}}"#)
    }

    @Test func membersAreComparedInTheirOrder() {
        let value: JSON = ["a": 1, "b": 2]
        #expect(value == ["a": 1, "b": 2])
        #expect(value != ["b": 2, "a": 1])
        #expect(JSON.integer(1) != .number(1))
        #expect(value["b"].int == 2)
        #expect(value["c"].isNull)
        #expect(JSON.number(2).int == 2 && JSON.number(2.5).int == nil)
    }
}
