// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing

/// The places where nodes compute: `on`, `-j`, and their reports.
@Suite struct PlaceTests {
    /// A flow of a node `free`, and a node `held` whose module calls `vt.compute`.
    private static func flow(_ options: String) -> Bytes {
        """
        local Held = vt.module { name = "held", outputs = { y = "number" } }
        function Held:compute() return { y = vt.compute("math.double", { x = 2 }).y } end
        local flow = vt.workflow { name = "places" }
        local free = flow:add("free", "math.double", { x = 1 })
        local held = flow:add("held", Held, {}, \(options))
        local pinned = flow:add("pinned", "math.double", { x = 3 }, { on = "interpreter" })
        return flow:outputs { free = free.y, held = held.y, pinned = pinned.y }

        """
    }

    private func outcome(_ flow: Bytes, _ arguments: String...) throws -> Program.Outcome {
        try Flows.folder(flow).vtlua(arguments)
    }

    @Test func planListsWhatStays() throws {
        let found = try outcome(Self.flow("{}"), "plan", "flow.lua", "--store", "off")
        #expect(
            found.output.text == """
                run      free    has no result in this process
                run      held    has no result in this process
                run      pinned  has no result in this process
                3 of 3 would run
                `held` computes on the interpreter: it calls vt.compute, which works on the \
                interpreter only
                `pinned` computes on the interpreter: its option `on` is "interpreter"

                """)
        let json = try outcome(Self.flow("{}"), "plan", "flow.lua", "--store", "off", "--json")
        #expect(
            json.output.text.contains(
                #""interpreter": "it calls vt.compute, which works on the interpreter only"}"#))
        #expect(json.output.text.contains(#""interpreter": null"#))
    }

    @Test(arguments: ["check", "run", "plan"]) func aPlaceThatIsImpossible(
        _ command: String
    ) throws {
        let found = try outcome(
            Self.flow("{ on = { \"processes\", \"threads\" } }"), command, "flow.lua")
        #expect(found.end == .exit(3))
        #expect(
            found.error.text == """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:5: `held` (held) cannot compute on { "processes", "threads" }: it calls \
                vt.compute, which works on the interpreter only. Write on = "interpreter", or leave `on` out
                      4 | local free = flow:add("free", "math.double", { x = 1 })
                   >  5 | local held = flow:add("held", Held, {}, { on = { "processes", "...

                """)
    }

    @Test func moreMemoryThanThereIs() throws {
        let found = try outcome(Self.flow("{ memory = \"900TiB\" }"), "check", "flow.lua")
        #expect(found.end == .exit(3))
        #expect(
            found.error.text.contains(
                "`held` (held) needs 921600 GiB of memory, and this machine has "))
    }

    @Test func assignmentsThatNothingElseSees() throws {
        let flow: Bytes = """
            local count = 0
            local M = vt.module { name = "count", outputs = { y = "integer" } }
            function M:compute()
              count = count + 1
              local function inner() total = count end
              inner()
              return { y = count }
            end
            local flow = vt.workflow { name = "counts" }
            return flow:outputs { y = flow:add("a", M, {}, { on = "threads" }).y }

            """
        let found = try outcome(flow, "check", "flow.lua")
        #expect(found.output.text == "flow.lua: `counts` is valid, 1 module\n")
        #expect(
            found.error.text == """
                warning: flow.lua:4: module `count` sets the variable `count`: on a worker, nothing else \
                sees the change; return the value as an output
                warning: flow.lua:5: module `count` sets the global `total`: on a worker, nothing else \
                sees the change; return the value as an output

                """)
    }

    @Test(arguments: ["1", "2", "8"]) func severalAtOnce(_ jobs: String) throws {
        let found = try outcome(
            Self.flow("{}"), "run", "flow.lua", "-j", jobs, "--progress", "none")
        #expect(found.output.text == "free = 2\nheld = 4\npinned = 6\n")
        #expect(found.end == .exit(0))
    }

    @Test func noClusterAndNothingElse() throws {
        let flow: Bytes = """
            local flow = vt.workflow { name = "far" }
            return flow:outputs { y = flow:add("a", "math.double", { x = 1 }, { on = "cluster" }).y }

            """
        let folder = try Flows.folder(flow)
        let found = try folder.vtlua(
            ["run", "flow.lua", "--progress", "none"], environment: ["IPYTHONDIR": folder.path])
        #expect(found.end == .exit(1))
        #expect(
            found.error.text.contains(
                #"there is no cluster; add "processes", "threads" or "interpreter" to the option `on`"#
            ))
    }
}
