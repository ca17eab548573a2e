// SPDX-License-Identifier: BSD-3-Clause

import Testing

/// Progress is drawn on a terminal, and told in lines elsewhere.
@Suite struct ProgressTests {
    private static let clear = "\r\u{1b}[2K"

    /// Everything that a run writes to a terminal.
    private func shown(
        _ options: String..., flow: Bytes = Flows.twice, environment: [String: String?]
    ) throws -> String {
        let folder = try Flows.folder(flow)
        let running = try folder.program(environment)
            .startOnTerminal((["run", "flow.lua"] + options).map { Bytes($0) })
        let shown = try running.read(until: "the end")
        #expect(try running.end() == .exit(0))
        return shown.replacing(/\d+\.\d\d s/, with: "T s")
            .replacing(/run [0-9A-Z]{4}/, with: "run RRRR")
    }

    private static let empty = String(repeating: "╌", count: 24)

    @Test func aBarIsDrawnAndCleared() throws {
        let shown = try shown(environment: ["TERM": "xterm"])
        #expect(shown.hasPrefix("\(Self.clear)\u{1b}[36m\(Self.empty) 0/2 \u{1b}[0m"))
        #expect(shown.hasSuffix("\(Self.clear)done: 2 modules in T s, run RRRR\r\ny = 12\r\n"))
        #expect(Screen(shown).lines == ["done: 2 modules in T s, run RRRR", "y = 12"])
    }

    @Test func withoutColours() throws {
        let shown = try shown(environment: ["TERM": "xterm", "NO_COLOR": "1"])
        #expect(shown.hasPrefix("\(Self.clear)\(Self.empty) 0/2 "))
        #expect(!shown.contains("\u{1b}[3"))
    }

    @Test func whatModulesPrintStandsAboveTheBar() throws {
        let shown = try shown(flow: Flows.talk, environment: ["TERM": "xterm", "NO_COLOR": "1"])
        let lines = Screen(shown).lines
        #expect(lines.first == "the flow says")
        #expect(lines.contains("a | printed 1"))
        #expect(lines.contains("a | no end"))
        #expect(lines.suffix(2) == ["done: 1 module in T s, run RRRR", "y = 4"])
        #expect(!lines.contains { $0.contains("╌") && $0.contains(" | ") })
    }

    @Test(arguments: [["TERM": "dumb"], ["TERM": nil]] as [[String: String?]])
    func linesOnATerminalThatCannotRedraw(_ environment: [String: String?]) throws {
        #expect(
            try shown(environment: environment) == """
                [1/2] first  T s\r
                [2/2] second  T s\r
                done: run RRRR in T s\r
                y = 12\r

                """)
    }

    @Test func linesWhereTheyAreAskedFor() throws {
        let shown = try shown("--progress", "plain", environment: ["TERM": "xterm"])
        #expect(!shown.contains("\u{1b}"))
        #expect(shown.hasPrefix("[1/2] first  T s\r\n"))
    }

    @Test func noneIsNone() throws {
        #expect(try shown("--progress", "none", environment: ["TERM": "xterm"]) == "y = 12\r\n")
    }

    /// A bar is drawn elsewhere only for who asks; colours for who forces them.
    @Test func aBarInAFile() throws {
        let folder = try Flows.folder(Flows.twice)
        let bar = try folder.vtlua("run", "flow.lua", "--progress", "bar")
        #expect(bar.error.text.hasPrefix("\(Self.clear)\(Self.empty) 0/2 "))
        let colours = try folder.vtlua(
            ["run", "flow.lua", "--progress", "bar"], environment: ["FORCE_COLOR": "1"])
        #expect(colours.error.text.hasPrefix("\(Self.clear)\u{1b}[36m"))
    }

    @Test func objectsForPrograms() throws {
        let found = try Flows.folder(Flows.twice).vtlua("run", "flow.lua", "--progress", "json")
        let lines = try found.error.text.split(separator: "\n").map {
            try String($0).canonicalJSON()
        }
        let double = #""module":"math.double 1.0.0""#
        #expect(
            lines == [
                #"{"event":"run_started","expected":{},"modules":2,"run":"RRRR","workflow":"twice"}"#,
                #"{"event":"module_started",\#(double),"node":"first","position":1}"#,
                #"{"event":"module_finished","node":{"error":null,\#(double),"name":"first","#
                    + #""seconds":0,"status":"computed"}}"#,
                #"{"event":"module_started",\#(double),"node":"second","position":2}"#,
                #"{"event":"module_finished","node":{"error":null,\#(double),"name":"second","#
                    + #""seconds":0,"status":"computed"}}"#,
                #"{"event":"run_finished","run":"RRRR","seconds":0,"status":"done"}"#,
            ])
        #expect(found.output.text == "y = 12\n")
    }
}

/// What is left on a terminal's screen: enough of one for a line that is drawn again.
private struct Screen {
    var lines: [String] = []

    init(_ bytes: String) {
        var current: [Character] = []
        var column = 0
        var letters = bytes.unicodeScalars[...]
        while let letter = letters.popFirst() {
            switch letter {
            case "\n":
                lines.append(String(current))
                (current, column) = ([], 0)
            case "\r": column = 0
            case "\u{1b}":
                let code = letters.prefix { !$0.properties.isAlphabetic }
                letters = letters.dropFirst(code.count)
                // Of the rest, colours, nothing is seen.
                if letters.popFirst() == "K" { current = [] }
            default:
                let shown = letter == "\t" ? " " : Character(letter)
                if column < current.count { current[column] = shown } else { current.append(shown) }
                column += 1
            }
        }
        if !current.isEmpty { lines.append(String(current)) }
    }
}
