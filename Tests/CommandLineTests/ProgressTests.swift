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
        #expect(shown.hasPrefix("\(Self.clear)\u{1b}[36m\(Self.empty) 0/2\u{1b}[0m"))
        #expect(shown.hasSuffix("\(Self.clear)done: 2 modules in T s, run RRRR\r\ny = 12\r\n"))
        #expect(Screen(shown).lines == ["done: 2 modules in T s, run RRRR", "y = 12"])
    }

    @Test func withoutColours() throws {
        let shown = try shown(environment: ["TERM": "xterm", "NO_COLOR": "1"])
        #expect(shown.hasPrefix("\(Self.clear)\(Self.empty) 0/2"))
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
        #expect(bar.error.text.hasPrefix("\(Self.clear)\(Self.empty) 0/2"))
        let colours = try folder.vtlua(
            ["run", "flow.lua", "--progress", "bar"], environment: ["FORCE_COLOR": "1"])
        #expect(colours.error.text.hasPrefix("\(Self.clear)\u{1b}[36m"))
    }

    /// One line for the run, and below it one for the module, with its tasks.
    @Test func twoLinesWhileAModuleComputes() throws {
        let flow = Bytes(
            """
            local slow = vt.module { name = "slow", outputs = { n = "integer" } }
            function slow:compute()
              local pool <close> = parallel.threads(2)
              local list = {}
              for i = 1, 200 do list[i] = i end
              pool:map(function()
                local over = os.clock() + 0.005
                while os.clock() < over do end
              end, list, { label = "rows" })
              return { n = #list }
            end
            local flow = vt.workflow { name = "twice" }
            return flow:outputs { n = flow:add("first", slow, {}).n }
            """)
        let folder = try Flows.folder(flow)
        let running = try folder.program(["TERM": "xterm", "NO_COLOR": "1"])
            .startOnTerminal(["run", "flow.lua"].map { Bytes($0) })
        let shown = try running.read(until: "the end")
        #expect(try running.end() == .exit(0))
        let below = shown.split(separator: "\u{1b}[2K")
        #expect(below.contains { $0.hasPrefix("first") })
        #expect(below.contains { $0.firstMatch(of: /rows: \d+ of 200 tasks on 2 threads/) != nil })
        let end = Screen(shown).lines.map { $0.replacing(/\d+\.\d\d s, run ..../, with: "T") }
        #expect(end == ["done: 1 module in T", "n = 200"])
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
    private var rows: [[Character]] = [[]]

    /// Without empty ones at the end.
    var lines: [String] {
        let count = rows.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? 0
        return rows[..<count].map { String($0) }
    }

    init(_ bytes: String) {
        var (row, column) = (0, 0)
        var letters = bytes.unicodeScalars[...]
        while let letter = letters.popFirst() {
            switch letter {
            case "\n":
                row += 1
                if row == rows.count { rows.append([]) }
                column = 0
            case "\r": column = 0
            case "\u{1b}":
                let code = letters.prefix { !$0.properties.isAlphabetic }
                letters = letters.dropFirst(code.count)
                switch letters.popFirst() {
                case "K": rows[row] = []
                case "A": row = max(0, row - 1)
                // Of the rest, colours, nothing is seen.
                default: break
                }
            default:
                let shown = letter == "\t" ? " " : Character(letter)
                while rows[row].count < column { rows[row].append(" ") }
                if column < rows[row].count {
                    rows[row][column] = shown
                } else {
                    rows[row].append(shown)
                }
                column += 1
            }
        }
    }
}
