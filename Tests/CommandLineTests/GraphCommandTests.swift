// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import FoundationXML
import Testing

/// `vtlua graph`: a workflow as a picture's description.
@Suite struct GraphCommandTests {
    private func graph(_ options: String...) throws -> Program.Outcome {
        try Flows.folder(Flows.twice).vtlua(["graph", "flow.lua"] + options)
    }

    @Test(arguments: [[], ["-f", "dot"], ["--format", "dot"]])
    func dot(_ options: [String]) throws {
        let found = try Flows.folder(Flows.twice).vtlua(["graph", "flow.lua"] + options)
        #expect(
            found.output.text == #"""
                digraph "twice" {
                  rankdir = TB;
                  node [shape = box, style = rounded, fontname = "Helvetica"];
                  edge [fontname = "Helvetica", fontsize = 10];
                  "param:x" [label = "x", shape = plaintext];
                  "first" [label = "first\nmath.double"];
                  "second" [label = "second\nmath.double"];
                  "param:x" -> "first" [label = "x"];
                  "first" -> "second" [label = "y to x"];
                  "output:y" [label = "y", shape = plaintext];
                  "second" -> "output:y" [label = "y", style = dashed];
                }

                """#)
        #expect(found.error.text == "")
        #expect(found.end == .exit(0))
    }

    @Test func mermaid() throws {
        #expect(
            try graph("-f", "mermaid").output.text == """
                flowchart TD
                  n0[/"x"/]
                  n1("first<br/>math.double")
                  n2("second<br/>math.double")
                  n0 -->|"x"| n1
                  n1 -->|"y to x"| n2
                  n3[/"y"/]
                  n2 -.-> n3

                """)
    }

    @Test func json() throws {
        let node = """
            "module": "math.double", "version": "1.0.0", "doc": null, "levels": 0,
            "inputs": [{"name": "x", "type": "number", "optional": false, "doc": null}],
            "outputs": [{"name": "y", "type": "number", "optional": false, "doc": null}]
            """
        #expect(
            try graph("-f", "json").output.text.canonicalJSON()
                == """
                {"schema": 1, "name": "twice", "doc": null,
                 "params": [{"name": "x", "type": "number", "optional": true, "doc": null}],
                 "nodes": [{"name": "first", "placed": "flow.lua:4", \(node)},
                           {"name": "second", "placed": "flow.lua:5", \(node)}],
                 "connections": [
                   {"from": "param:x", "port": null, "to": "first", "input": "x"},
                   {"from": "first", "port": "y", "to": "second", "input": "x"}],
                 "outputs": [{"name": "y", "node": "second", "port": "y", "type": "number"}]}
                """.canonicalJSON())
    }

    @Test func nodesWithElements() throws {
        let flow: Bytes = """
            local flow = vt.workflow { name = "each" }
            local a = flow:add("a", "math.double", { x = vt.each(vt.each { { 1 }, { 2, 3 } }) })
            return flow:outputs { y = a.y }

            """
        let folder = try Flows.folder(flow)
        let mermaid = try folder.vtlua(["graph", "flow.lua", "-f", "mermaid"]).output
        #expect(
            mermaid == """
                flowchart TD
                  n0[["a<br/>math.double"]]
                  n1[/"y"/]
                  n0 -.-> n1

                """)
        let dot = try folder.vtlua(["graph", "flow.lua"]).output.text
        #expect(dot.contains("\"a\" [label = \"a\\nmath.double\", peripheries = 2];"))
        let json = try folder.vtlua(["graph", "flow.lua", "-f", "json"]).output.text
        #expect(json.contains("\"levels\": 2"))
    }

    @Test(.enabled(if: access("/usr/bin/dot", X_OK) == 0, "Graphviz is not installed"))
    func svg() throws {
        let found = try graph("-f", "svg")
        let reader = XMLParser(data: Data(found.output.bytes))
        #expect(reader.parse(), "\(String(describing: reader.parserError))")
        #expect(found.output.text.contains("<svg "))
        #expect(found.error.text == "")
        #expect(found.end == .exit(0))
    }

    @Test func svgWithoutGraphviz() throws {
        let found = try Flows.folder(Flows.twice).vtlua(
            ["graph", "flow.lua", "-f", "svg"], environment: ["PATH": "/nowhere"])
        #expect(found.output.text == "")
        #expect(
            found.error.text
                == "error: Graphviz's `dot` is not installed; run: apt-get install graphviz\n")
        #expect(found.end == .exit(1))
    }

    @Test func namesAreEscaped() throws {
        let flow: Bytes = #"""
            local M = vt.module { name = 'say "hi" <#1>', outputs = { y = "any" } }
            local flow = vt.workflow { name = 'a "b" \\ c' }
            return flow:outputs { y = flow:add('x "y"', M).y }

            """#
        let folder = try Folder(["flow.lua": flow])
        let dot = try folder.vtlua("graph", "flow.lua").output.text
        #expect(dot.hasPrefix(#"digraph "a \"b\" \\ c" {"#))
        #expect(dot.contains(#"  "x \"y\"" [label = "x \"y\"\nsay \"hi\" <#1>"];"#))
        #expect(
            try folder.vtlua("graph", "flow.lua", "-f", "mermaid").output.text
                .contains(#"n0("x #quot;y#quot;<br/>say #quot;hi#quot; &lt;#35;1&gt;")"#))
    }
}
