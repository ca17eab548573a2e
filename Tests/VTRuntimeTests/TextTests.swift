// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing
import VTSystem
import VTWorkflow

@testable import VTRuntime

@Suite struct JSONTextTests {
    @Test(arguments: [
        ("nil", "null"), ("true", "true"), ("3", "3"), ("math.mininteger", "-9223372036854775808"),
        ("2.0", "2.0"), ("0.1", "0.1"), ("1e300", "1e+300"), ("0/0", "null"), ("1/0", "null"),
        ("'a\"b\\\\c\\n\\t\\r\\0\\1'", #""a\"b\\c\n\t\r\u0000\u0001""#), ("'é€😀'", "\"é€😀\""),
        ("{}", "{}"), ("{ 1, { 2 }, 'x' }", "[1, [2], \"x\"]"),
        ("{ b = 1, a = { c = true } }", #"{"a": {"c": true}, "b": 1}"#),
        ("{ [1] = 1, [3] = 3 }", #"{"1": 1, "3": 3}"#),
        ("{ [1.5] = 1 }", #"{"1.5": 1}"#), ("{ 1, nil, 3, x = 4 }", #"{"1": 1, "3": 3, "x": 4}"#),
    ])
    func values(code: String, text: String) throws {
        let runtime = try Runtime()
        try runtime.run { lua in
            try lua.load(code.hasPrefix("local ") ? code : "return " + code)
            try lua.call(results: 1)
            #expect(try JSON(lua, at: -1, place: "$").text == text)
        }
    }
}

@Suite struct GraphTextTests {
    private static let script = """
        local M = vt.module {
          name = "img.blur", version = "1.2.0", doc = "Blurs.",
          inputs = { image = "list", radius = { "integer", default = 2, doc = "in pixels" } },
          outputs = { image = "list" },
        }
        local flow = vt.workflow {
          name = 'a "name"', params = { radius = { "integer", default = 3 } },
        }
        local first = flow:add("first", M, { image = { 1 } })
        local second = flow:add("<b>", M, { image = first.image, radius = flow.params.radius })
        return flow:outputs { picture = second.image }
        """

    private func text(_ body: (Graph) -> String) throws -> (String, file: String) {
        let folder = Folder(["flow.lua": Self.script])
        let runtime = try Runtime()
        return try runtime.run { lua in
            let flow = try FlowFile.load(folder.file("flow.lua"), in: runtime.workspace, lua)
            return (body(flow.graph), folder.file("flow.lua"))
        }
    }

    @Test func dot() throws {
        #expect(
            try text({ GraphText.dot($0) }).0 == #"""
                digraph "a \"name\"" {
                  rankdir = TB;
                  node [shape = box, style = rounded, fontname = "Helvetica"];
                  edge [fontname = "Helvetica", fontsize = 10];
                  "param:radius" [label = "radius", shape = plaintext];
                  "first" [label = "first\nimg.blur"];
                  "<b>" [label = "<b>\nimg.blur"];
                  "first" -> "<b>" [label = "image"];
                  "param:radius" -> "<b>" [label = "radius"];
                  "output:picture" [label = "picture", shape = plaintext];
                  "<b>" -> "output:picture" [label = "image", style = dashed];
                }

                """#)
    }

    @Test func mermaid() throws {
        #expect(
            try text({ GraphText.mermaid($0) }).0 == """
                flowchart TD
                  n0[/"radius"/]
                  n1("first<br/>img.blur")
                  n2("&lt;b&gt;<br/>img.blur")
                  n1 -->|"image"| n2
                  n0 -->|"radius"| n2
                  n3[/"picture"/]
                  n2 -.-> n3

                """)
    }

    @Test func json() throws {
        let (json, file) = try text { GraphText.json($0).text }
        let ports = """
            "inputs": [{"name": "image", "type": "list", "optional": false, "doc": null}, \
            {"name": "radius", "type": "integer", "optional": true, "doc": "in pixels"}], \
            "outputs": [{"name": "image", "type": "list", "optional": false, "doc": null}]
            """
        #expect(
            json == """
                {"schema": 1, "name": "a \\"name\\"", "doc": null, "params": \
                [{"name": "radius", "type": "integer", "optional": true, "doc": null}], \
                "nodes": [{"name": "first", "module": "img.blur", "version": "1.2.0", \
                "doc": "Blurs.", \(ports), "levels": 0, "placed": "\(file):9"}, \
                {"name": "<b>", "module": "img.blur", "version": "1.2.0", \
                "doc": "Blurs.", \(ports), "levels": 0, "placed": "\(file):10"}], \
                "connections": [{"from": "first", "port": "image", "to": "<b>", "input": "image"}, \
                {"from": "param:radius", "port": null, "to": "<b>", "input": "radius"}], \
                "outputs": [{"name": "picture", "node": "<b>", "port": "image", "type": "list"}]}
                """)
    }
}
