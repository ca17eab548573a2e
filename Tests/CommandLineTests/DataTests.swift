// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Testing

/// Values, names and bytes at the edges of a run.
@Suite struct DataTests {
    private static let outputs: Bytes = """
        local json = require "json"
        local m = vt.module {
          name = "m", inputs = {},
          outputs = {
            null = "any", object = "any", array = "any", list = "list<any>", zero = "number",
            mixed = "any", tables = "any",
          },
        }
        function m:compute()
          return {
            null = json.null, object = {}, array = json.array(), list = {}, zero = -0.0,
            mixed = { x = json.null, 1.5 }, tables = json.decode '{"a": [], "b": {}}',
          }
        end
        local flow = vt.workflow { name = "f" }
        local n = flow:add("n", m)
        return flow:outputs {
          null = n.null, object = n.object, array = n.array, list = n.list, zero = n.zero,
          mixed = n.mixed, tables = n.tables,
        }

        """

    @Test func outputsAreWrittenWithoutLoss() throws {
        let folder = try Flows.folder(Self.outputs)
        let json = try folder.vtlua(
            "run", "flow.lua", "--store", "off", "--progress", "none", "--json")
        #expect(
            json.output.text.contains(
                #""outputs": {"array": [], "list": [], "mixed": {"1": 1.5, "x": null}, "#
                    + #""null": null, "object": {}, "tables": {"a": [], "b": {}}, "zero": -0.0}"#))
        let text = try folder.vtlua("run", "flow.lua", "--store", "off", "--progress", "none")
        #expect(
            text.output.text == """
                array = []
                list = []
                mixed = {"1": 1.5, "x": null}
                null = null
                object = {}
                tables = {"a": [], "b": {}}
                zero = -0.0

                """)
    }

    @Test(arguments: [
        (
            #"{ [10] = "ten", ["10"] = "text" }"#,
            "`v` cannot be written as JSON: two keys are written as \"10\"; use strings only"
        ),
        (
            #"{ a = { "x", "caf\xE9" } }"#,
            "`v.a[2]` cannot be written as JSON: the string is not UTF-8; encode bytes as text, in "
                + "base64 for instance"
        ),
        (
            #"{ ["\xE9"] = 1 }"#,
            "`v` cannot be written as JSON: a key is not UTF-8; encode bytes as text"
        ),
        (
            "(function() local t = {} t.t = t return t end)()",
            "`v" + String(repeating: ".t", count: 28)
                + "...` cannot be written as JSON: tables are "
                + "nested deeper than 512, or a table contains itself"
        ),
    ])
    func whatJSONCannotHoldIsAnError(_ value: String, _ message: String) throws {
        let folder = try Flows.folder(
            Bytes(
                """
                local m = vt.module { name = "m", inputs = {}, outputs = { v = "any" } }
                function m:compute() return { v = \(value) } end
                local flow = vt.workflow { name = "f" }
                return flow:outputs { v = flow:add("n", m).v }
                """))
        let found = try folder.vtlua(
            "run", "flow.lua", "--store", "off", "--progress", "none", "--json")
        #expect(found.output.text == "")
        #expect(found.error.text == "error: --json: output \(message)\n")
        #expect(found.end == .exit(1))
    }

    @Test func stringsArePrintedWithTheirBytes() throws {
        let folder = try Flows.folder(
            """
            local m = vt.module { name = "m", inputs = {}, outputs = { v = "string" } }
            function m:compute() return { v = "caf\\xE9" } end
            local flow = vt.workflow { name = "f" }
            return flow:outputs { v = flow:add("n", m).v }
            """)
        let found = try folder.vtlua("run", "flow.lua", "--store", "off", "--progress", "none")
        #expect(found.output.bytes == Array("v = caf".utf8) + [0xE9, 0x0A])
    }

    @Test func argumentsThatAreNotUTF8AreRefused() throws {
        let folder = try Flows.folder(Flows.twice)
        for arguments: [Bytes] in [
            ["run", "flow.lua", Bytes(Array("-px=caf".utf8) + [0xE9])],
            ["run", "flow.lua", Bytes(Array("--store=caf".utf8) + [0xE9])],
        ] {
            let found = try folder.program().run(arguments)
            let shown = arguments[2].bytes.dropLast().map { String(UnicodeScalar($0)) }.joined()
            #expect(
                found.error.text
                    == "error: argument 3, '\(shown)\\xE9', is not UTF-8; rename the file, or give "
                    + "the value in a file of parameters (--params)\n")
            #expect(found.end == .exit(2))
        }
        #expect(folder.names == ["flow.lua", "modules", "modules/math", "modules/math/double.lua"])
    }

    @Test func aPathThatIsNotUTF8IsRefused() throws {
        let folder = try Flows.folder(
            """
            local flow = vt.workflow { name = "f" }
            return flow:outputs { v = flow:add("n", "text.read", { path = "caf\\xE9" }).text }
            """)
        let found = try folder.vtlua("check", "flow.lua")
        #expect(
            found.error.text.contains(
                #"text.read: input `path`: the path 'caf\xE9' is not UTF-8; rename the file"#))
    }

    // MARK: Names

    private static let users: [String: Bytes] = [
        "d.csv": "x,y\n1,2\n",
        "modules/m.lua": """
        local M = vt.module { name = "m", inputs = { c = "table" }, outputs = { n = "integer" } }
        function M:compute(inputs) return { n = #inputs.c.x } end
        return M
        """,
    ]

    private static let useOfLibrary = """

        local a = flow:add("a", "csv.read", { path = "d.csv", types = { x = "number" } })
        local b = flow:add("b", "m", { c = a.columns })
        local c = flow:add("c", "json.write", { value = a.columns, path = "out.json" })
        return flow:outputs { n = b.n, path = c.path }
        """

    /// Each global of Lua that the user's own code does not need.
    @Test(arguments: [
        "_G", "assert", "coroutine", "debug", "error", "io", "ipairs", "load", "math", "next", "os",
        "package", "pairs", "parallel", "pcall", "print", "rawget", "require", "select",
        "setmetatable", "string", "table", "tonumber", "tostring", "type", "utf8",
    ])
    func anAccidentalGlobalBreaksNoRun(_ name: String) throws {
        for value in ["nil", "\"x\""] {
            for start in [
                "local flow = vt.workflow { name = \"f\" }\n\(name) = \(value)",
                "local vt = vt\n\(name) = \(value)\nlocal flow = vt.workflow { name = \"f\" }",
            ] {
                let folder = try Folder(Self.users)
                try folder.write(Bytes(start + Self.useOfLibrary), to: "flow.lua")
                let found = try folder.vtlua("run", "flow.lua", "--progress", "none")
                #expect(found.output.text == "n = 1\npath = out.json\n", "\(start)")
                #expect(found.error.text == "")
            }
        }
    }

    @Test(arguments: [
        "csv", "json", "files", "numerals", "stats", "plot", "svg", "ticks", "dates", "csv_reader",
        "json_types", "option_names", "plot_data", "plot_colors",
    ])
    func aFileWithTheNameOfALibraryChangesOnlyItsOwnName(_ name: String) throws {
        let folder = try Folder(Self.users)
        try folder.write("return 'mine'", to: "\(name).lua")
        try folder.write(
            Bytes(
                """
                assert(require "\(name)" == "mine")
                local flow = vt.workflow { name = "f" }
                local fig = { series = { { name = "y", x = { 1, 2 }, y = { 1, 2 } } } }
                flow:add("p", "plot.lines", { figure = fig })
                """ + Self.useOfLibrary), to: "flow.lua")
        let found = try folder.vtlua("run", "flow.lua", "--progress", "none")
        #expect(found.output.text == "n = 1\npath = out.json\n")
        #expect(found.error.text == "")
    }

    @Test func aWorkflowMayHaveTheNameOfALibrary() throws {
        let folder = try Folder(Self.users)
        try folder.write(
            Bytes("local flow = vt.workflow { name = \"f\" }" + Self.useOfLibrary), to: "csv.lua")
        let found = try folder.vtlua("run", "csv.lua", "--progress", "none")
        #expect(found.output.text == "n = 1\npath = out.json\n")
        #expect(found.error.text == "")
    }

    // MARK: Printing

    /// Waits for the reader for ever; Ctrl-C ends it all the same.
    @Test func printingIntoAFullPipeCanBeStopped() throws {
        let folder = try Flows.folder(
            """
            local m = vt.module { name = "m", inputs = {}, outputs = { n = "integer" } }
            function m:compute() print(("x"):rep(40000000)) return { n = 1 } end
            local flow = vt.workflow { name = "f" }
            return flow:outputs { n = flow:add("n", m).n }
            """)
        let script = """
            (timeout --preserve-status -s INT 1 "$0" run flow.lua --store off --progress none; \
            echo $? >code) 2>&1 >/dev/null | \
            (for i in $(seq 200); do test -s code && exit 0; sleep 0.1; done; exit 1)
            """
        let found = try shell(script, in: folder)
        #expect(found.end == .exit(0))
        #expect(folder.text(of: "code") == "130\n")
    }

    @Test func printedLinesAreWhole() throws {
        let folder = try Flows.folder(
            """
            local m = vt.module { name = "m", inputs = {}, outputs = { n = "integer" } }
            function m:compute()
              for i = 1, 5000 do io.write(i, "\\n") end
              io.write(("\\u{E9}"):rep(100000), "\\n", "end")
              return { n = 1 }
            end
            local flow = vt.workflow { name = "f" }
            return flow:outputs { n = flow:add("n", m).n }
            """)
        let found = try folder.vtlua("run", "flow.lua", "--store", "off", "--progress", "none")
        let lines = found.error.text.split(separator: "\n")
        #expect(lines.prefix(5000).elementsEqual((1...5000).map { "n | \($0)" }))
        let rest = lines.dropFirst(5000)
        #expect(rest.last == "n | end")
        #expect(
            rest.dropLast().map { $0.dropFirst(4) }.joined()
                == String(repeating: "é", count: 100000))
    }

    // MARK: Streams

    @Test(arguments: ["repl", "run flow.lua --store off", "test", "doc math.double", "-"])
    func closedStreamsAreNotReused(_ command: String) throws {
        let folder = try Flows.folder(Flows.twice)
        for streams in ["<&-", "<&- >&-", "<&- >&- 2>&-", "2>&-"] {
            let found = try shell("$0 \(command) \(streams); true", in: folder)
            #expect(found.end == .exit(0))
        }
        #expect(folder.text(of: "flow.lua") == Flows.twice.text)
    }

    /// Runs a command of the shell, in which `$0` is the program under test.
    private func shell(_ command: String, in folder: Folder) throws -> Program.Outcome {
        try folder.write(
            "os.exit((os.execute((arg[1]:gsub('%$0', arg[-1])))))", to: "shell.lua")
        return try folder.program().run("shell.lua", Bytes(command))
    }
}
