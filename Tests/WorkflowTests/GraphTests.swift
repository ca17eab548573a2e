// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing
import VTRuntime

@testable import VTWorkflow

/// Building a workflow: what is wrong is told with the line that did it.
@Suite struct GraphTests {
    private let shop: Workshop

    init() throws { shop = try Workshop() }

    private func failure(_ line: String) -> String {
        shop.failure(
            of: """
                local flow = vt.workflow { name = "w", params = { n = "integer", s = "string" } }
                local a = flow:add("a", one)
                \(line)
                """)
    }

    @Test(arguments: [
        ("flow:add('a', one)", "a node `a` already exists at flow:2"),
        (
            "flow:add('', one)",
            "the name of a node must not be empty; write flow:add(\"name\", ...)"
        ),
        (
            "flow:add('x/y', one)",
            "`x/y` is not a valid node name: '/' is reserved for nested workflows"
        ),
        (
            "flow:add('b', 7)",
            "`b`: a module's name, a vt.module or a workflow expected, got number"
        ),
        (
            "flow:add('b', {})",
            "`b`: a module's name, a vt.module or a workflow expected, got table"
        ),
        ("flow:add('b', add, 7)", "`b`: a table of inputs expected, got number"),
        ("flow:add('b', add, { 7 })", "`b`: input [1] has no name; write { name = value }"),
        ("flow:add('b', add, { c = 7 })", "`b` (add) has no input `c`; there are a, b"),
        ("flow:add('b', one, { a = 7 })", "`b` (one) has no input `a`; there are none"),
        (
            "flow:add('b', add, { a = a })",
            "node `a` is not a value; write a.value"
        ),
        (
            "flow:add('b', add, { a = flow.params.s })",
            "add: input `a` takes number, but parameter `s` is string"
        ),
        (
            "flow:add('b', add, { a = a.valeu })",
            "`a` (one) has no output `valeu`; did you mean `value`?"
        ),
        (
            "flow:add('b', add, { a = flow.params.m })",
            "workflow `w` has no parameter `m`; there are n, s"
        ),
        (
            "flow:add('b', add, {}, { timeuot = 1 })",
            "`b`: options: unknown field `timeuot`; did you mean `timeout`?"
        ),
        ("flow:add('b', add, {}, { timeout = 0 })", "`b`: options: `timeout` must be positive"),
        (
            "flow:add('b', add, {}, { retries = -1 })",
            "`b`: options: `retries` must not be negative"
        ),
        ("flow:connect(a.value, 'b', 'a')", "flow:connect: a node expected, got string"),
        (
            "flow:connect('x', flow:add('b', add), 'z')",
            "`b` (add) has no input `z`; there are a, b"
        ),
        (
            "flow:outputs(1)",
            "flow:outputs: a table expected, got number; write flow:outputs { name = port }"
        ),
        (
            "flow:outputs { v = 1 }",
            "flow:outputs: `v` must be an output port, got a number; write v = node.port"
        ),
        ("flow:outputs { a.value }", "flow:outputs: an output has no name; write { name = port }"),
        (
            "flow:outputs { v = a.value } flow:outputs { v = a.value }",
            "an output `v` already exists"
        ),
        ("flow:add('b', flow)", "workflow `w` cannot contain itself"),
        (
            "local o = vt.workflow { name = 'o' } o:add('f', flow) flow:add('o', o)",
            "workflow `w` cannot contain itself"
        ),
        (
            "local o = vt.workflow { name = 'o' } o:add('b', add, { a = a.value })",
            "the value belongs to workflow `w`, not to `o`; pass it in as a parameter"
        ),
        (
            "vt.workflow { name = 'w', parms = {} }",
            "vt.workflow: unknown field `parms`; did you mean `params`?"
        ),
        ("vt.workflow {}", "vt.workflow: `name` is missing; write name = \"what it does\""),
        ("vt.workflow(1)", "vt.workflow: a table expected, got number"),
        ("vt.module {}", "vt.module: `name` is missing; write name = \"group.verb\""),
        (
            "vt.module { name = 'm', inputs = { 'a' } }",
            "m: `inputs`: every port must have a name; write name = { \"type\" }"
        ),
        (
            "vt.module { name = 'm', cache = 1 }",
            "m: `cache` must be true, false or a function of the inputs, got a number"
        ),
        ("vt.module { name = 'm', timeout = -1 }", "m: `timeout` must be positive"),
        ("vt.type { name = 't' }", "vt.type: `t` needs `check`, `convert` or both"),
        ("vt.type { name = 't', check = 1 }", "vt.type: `check` must be a function, got a number"),
        ("vt.type { nme = 't' }", "vt.type: unknown field `nme`; did you mean `name`?"),
    ])
    func mistakes(line: String, message: String) {
        #expect(failure(line) == "flow:3: " + message)
    }

    @Test func aNodeThatFailedIsNotThere() throws {
        let value = try shop.run(
            """
            local flow = vt.workflow { name = "w" }
            assert(not pcall(flow.add, flow, "a", add, { z = 1 }))
            flow:add("a", add, { a = 1 })
            return flow:run().nodes.a.status
            """)
        #expect(value.text == "computed")
    }

    @Test func aModuleThatIsNotThere() throws {
        let files = try Workshop(files: ["modules/blur.lua": "return 1", "bad.lua": "return +"])
        let directory = files.directory
        func failure(_ name: String) -> String {
            files.failure(of: "local f = vt.workflow { name = 'w' } f:add('x', '\(name)')")
        }
        #expect(
            failure("blurr")
                == "flow:1: there is no module `blurr`; did you mean `blur`?")
        #expect(
            failure("blur")
                == "flow:1: `x`: module `blur` ('\(directory)/modules/blur.lua') returns a number "
                + "that is not of vt.module; begin it with local M = vt.module { ... }")
        #expect(failure("bad") == "\(directory)/bad.lua:1: unexpected symbol near '+'")
    }

    @Test func manyOutputsAndNodes() throws {
        let shop = try Workshop()
        try shop.with(
            graph: """
                local flow = vt.workflow { name = "w" }
                local outputs = {}
                for i = 1, 10000 do outputs["o" .. i] = flow:add("n" .. i, one).value end
                return flow:outputs(outputs)
                """
        ) { graph, lua in
            #expect(graph.outputs.count == 10_000)
            #expect(graph.outputs.map(\.name) == graph.outputs.map(\.name).sorted())
            let plan = try graph.plan(lua)
            #expect(plan.steps.count == 10_000)
        }
    }

    /// Workflows that share their parts: 2 to the 20 paths, but 20 workflows.
    @Test func sharedPartsAreLookedAtOnce() throws {
        let value = try shop.run(
            """
            local flow = vt.workflow { name = "w0" }
            for i = 1, 20 do
              local outer = vt.workflow { name = "w" .. i }
              outer:add("l", flow)
              outer:add("r", flow)
              flow = outer
            end
            return flow.name
            """)
        #expect(value.text == "w20")
    }
}
