// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing

/// Commands with a workflow whose nodes a `build` adds.
@Suite struct BuildCommandTests {
    private static let flow: Bytes = """
        return vt.workflow {
          name = "parts",
          params = { n = "integer", x = "number" },
          build = function(flow, p)
            while p.n == 0 do
              print("build")
              for _ = 1, 1e7 do end
            end
            local last
            for i = 1, p.n do
              last = flow:add("part" .. i, "math.double", { x = i == 1 and flow.params.x or last.y })
            end
            flow:outputs { y = last.y }
          end,
        }

        """

    private func outcome(_ arguments: String...) throws -> Program.Outcome {
        try Flows.folder(Self.flow, ["p.json": #"{"n": 2, "x": 3}"#]).vtlua(arguments)
    }

    @Test func run() throws {
        for arguments in [["-p", "n=2", "-p", "x=3"], ["--params", "p.json"]] {
            let found = try Flows.folder(Self.flow, ["p.json": #"{"n": 2, "x": 3}"#]).vtlua(
                ["run", "--progress", "none", "flow.lua"] + arguments)
            #expect(found.output.text == "y = 12\n")
            #expect(found.end == .exit(0))
        }
    }

    /// A parameter that `build` does not read needs no value.
    @Test(arguments: ["-p=n=3", "--params=p.json"]) func check(_ option: String) throws {
        let found = try outcome("check", "flow.lua", option)
        let count = option == "-p=n=3" ? 3 : 2
        #expect(found.output.text == "flow.lua: `parts` is valid, \(count) modules\n")
        #expect(found.error.text == "")
        #expect(found.end == .exit(0))
    }

    @Test func plan() throws {
        let found = try outcome("plan", "flow.lua", "-p", "n=2", "-p", "x=1", "--store", "off")
        #expect(
            found.output.text == """
                run      part1  has no result in this process
                may run  part2  after `part1`, if that gives another result
                1 of 2 would run, and 1 may run

                """)
        #expect(found.end == .exit(0))
    }

    @Test(arguments: [["-p", "n=1"], ["--params", "p.json", "-p", "n=1"]])
    func graph(_ options: [String]) throws {
        let found = try Flows.folder(Self.flow, ["p.json": #"{"n": 2, "x": 3}"#]).vtlua(
            ["graph", "flow.lua", "-f", "mermaid"] + options)
        #expect(
            found.output.text == """
                flowchart TD
                  n0[/"n"/]
                  n1[/"x"/]
                  n2("part1<br/>math.double")
                  n1 -->|"x"| n2
                  n3[/"y"/]
                  n2 -.-> n3

                """)
        #expect(found.error.text == "")
        #expect(found.end == .exit(0))
    }

    @Test(arguments: ["check", "graph"]) func aMissingValue(_ command: String) throws {
        let found = try outcome(command, "flow.lua", "-p", "x=1")
        #expect(found.output.text == "")
        #expect(
            found.error.text
                == "error: parameter `n` (integer) has no value; give it with -p n=...\n")
        #expect(found.end == .exit(2))
    }

    @Test(arguments: [
        ("x=y", "parameter `x`: 'y' is not a valid number"),
        ("z=1", "workflow `parts` has no parameter `z`; there are n, x"),
        ("n", "-p n: write -p name=value"),
    ])
    func aWrongValue(_ argument: String, _ message: String) throws {
        for command in ["run", "check", "plan", "graph"] {
            let found = try outcome(command, "flow.lua", "-p", "n=1", "-p", argument)
            #expect(found.error.text == "error: \(message)\n")
            #expect(found.end == .exit(2))
        }
    }

    /// Defaults are relative to the workflow, arguments to the current directory: in `build`, and in
    /// nodes that get them.
    @Test func paths() throws {
        let flow: Bytes = """
            local read = vt.module {
              name = "read", inputs = { path = "file" }, outputs = { text = "string" },
            }
            function read:compute(inputs)
              for line in io.lines(inputs.path) do return { text = line } end
            end
            local inner = vt.workflow {
              name = "inner", params = { path = { "file", default = "data.txt" } },
              build = function(flow, p)
                local text
                for line in io.lines(p.path) do
                  text = flow:add("direct", read, { path = p.path }).text
                  flow:add("line " .. line, read, { path = flow.params.path })
                end
                flow:outputs { text = text }
              end,
            }
            return vt.workflow {
              name = "paths",
              params = {
                default = { "file", default = "data.txt" }, given = "file",
              },
              build = function(flow, p)
                flow:outputs {
                  a = flow:add("a", inner).text,
                  b = flow:add("b", inner, { path = p.default }).text,
                  c = flow:add("c", inner, { path = p.given }).text,
                  d = flow:add("d", inner, { path = "data.txt" }).text,
                }
              end,
            }

            """
        let folder = try Folder([
            "study/flow.lua": flow, "study/data.txt": "inside", "data.txt": "outside",
        ])
        let found = try folder.vtlua(
            "run", "--progress", "none", "study/flow.lua", "-p", "given=data.txt")
        #expect(found.error.text == "")
        #expect(found.output.text == "a = inside\nb = inside\nc = outside\nd = inside\n")
        #expect(found.end == .exit(0))
    }

    @Test(arguments: ["run", "check", "plan", "graph"]) func anEndlessBuild(_ command: String)
        throws
    {
        let folder = try Flows.folder(Self.flow)
        var program = folder.program()
        let vtlua = Bytes(program.path)
        program.path = "/bin/sh"
        let words: [Bytes] = [
            "-c", "exec \"$0\" \"$@\" 2>&1", vtlua, Bytes(command), "flow.lua", "-p", "n=0", "-p",
            "x=1",
        ]
        let running = try program.start(words)
        _ = try running.read(until: "build\n")
        running.signal(SIGINT)
        let rest = try running.read(until: "the end")
        #expect(rest.replacing("build\n", with: "") == "interrupted: the run was stopped\n")
        #expect(try running.end() == .exit(130))
    }
}
