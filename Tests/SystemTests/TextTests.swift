// SPDX-License-Identifier: BSD-3-Clause

import Testing
import VTSystem

@Suite struct EscapingTests {
    @Test(arguments: [
        ("plain ünïcode 😀", "plain ünïcode 😀"), ("a\nb\r\tc", #"a\nb\r\tc"#),
        ("\u{1b}[31mred\u{7}", #"\u{1b}[31mred\u{7}"#),
        ("\u{0}\u{7f}\u{9b}", #"\u{0}\u{7f}\u{9b}"#),
        ("a\u{202e}b\u{2066}c\u{2069}", #"a\u{202e}b\u{2066}c\u{2069}"#),
        ("a\u{2028}b\u{2029}", #"a\u{2028}b\u{2029}"#), ("e\u{301}", "e\u{301}"),
        ("\"quoted\" \\", "\"quoted\" \\"),
    ])
    func escapesForTerminals(_ text: String, _ wanted: String) {
        #expect(text.escapedForTerminal == wanted)
    }

    @Test func escapesForQuotes() {
        #expect("\"a\"\\\n\u{1b}".escapedForQuotes == #"\"a\"\\\n\u{1b}"#)
    }

    @Test func bytesThatAreNoTextStayVisible() {
        let text = String(decoding: [0x61, 0xFF, 0x1B, 0xC3], as: UTF8.self)
        #expect(text.escapedForTerminal == "a\u{FFFD}\\u{1b}\u{FFFD}")
    }

    @Test func isOneLineWhateverComes() {
        for value in 0..<0x3000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = String(Character(scalar)).escapedForTerminal
            #expect(!text.unicodeScalars.contains { $0.isUnsafeForTerminals })
        }
    }
}

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"), (1_795_000_000.25, "2026-11-18T11:06:40.250000Z"),
        (-0.25, "1969-12-31T23:59:59.750000Z"), (-86_400, "1969-12-31T00:00:00.000000Z"),
        (-2_208_988_800, "1900-01-01T00:00:00.000000Z"),
        (951_782_400, "2000-02-29T00:00:00.000000Z"),
        (0.9999999, "1970-01-01T00:00:00.999999Z"),
    ])
    func isISO8601(_ seconds: Double, _ wanted: String) {
        #expect(Timestamp.text(seconds) == wanted)
    }

    @Test func hasAsManyDigitsAsAsked() {
        #expect(Timestamp.text(1.9999, digits: 3) == "1970-01-01T00:00:01.999Z")
        #expect(Timestamp.text(-1.5, digits: 1) == "1969-12-31T23:59:58.5Z")
    }

    @Test func nowIsThisCentury() { #expect(Timestamp.now.hasPrefix("20")) }
}

@Suite struct HexTests {
    @Test func hasTwoDigitsForEachByte() {
        #expect(Hex.text([0, 1, 0x7f, 0x80, 0xff]) == "00017f80ff")
        #expect(Hex.text([] as [UInt8]) == "")
        #expect(Hex.digits([0xAB]) == Array("ab".utf8))
        #expect(Hex.text((0...255).map { UInt8($0) }[250...]) == "fafbfcfdfeff")
    }
}

@Suite struct FormatTests {
    @Test(arguments: [
        (0, "0 ms"), (0.00004, "40 \u{b5}s"), (0.0056, "5.6 ms"), (0.056, "56 ms"), (1.2, "1.2 s"),
        (125, "2 min 5 s"), (12_000, "3 h 20 min"),
    ])
    func durations(_ seconds: Double, _ wanted: String) {
        #expect(Format.duration(seconds) == wanted)
    }

    @Test(arguments: [(512, "512 B"), (3_400_000, "3.4 MB"), (2_500_000_000_000, "2.5 TB")])
    func sizes(_ bytes: Int, _ wanted: String) { #expect(Format.size(bytes) == wanted) }

    @Test func counts() {
        #expect(Format.count(12_345) == "12,345")
        #expect(Format.count(1, "task") == "1 task")
        #expect(Format.count(1200, "task") == "1,200 tasks")
        #expect(Format.plainSeconds(2) == "2")
        #expect(Format.plainSeconds(0.5) == "0.5")
    }
}

@Suite struct SuggestionTests {
    @Test func suggestsSimilarNames() {
        #expect(suggestion(for: "imgae", among: ["mask", "image"]) == "; did you mean `image`?")
        #expect(suggestion(for: "x", among: ["y"]) == "")
        #expect(hint(for: "zzz", among: ["a", "b"]) == "; there are a, b")
        #expect(hint(for: "zzz", among: []) == "; there are none")
    }
}
