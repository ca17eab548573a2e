// SPDX-License-Identifier: BSD-3-Clause

package import VTSystem
package import VTWorkflow

/// The description of a workflow's graph in several formats, without results of a run.
package enum GraphText {
    /// Returns the graph in the language of Graphviz.
    ///
    /// - Parameter idle: the nodes that are not needed, as far as conditions are known without computing.
    package static func dot(_ graph: Graph, idle: Set<String> = []) -> String {
        var lines = [
            "digraph \(quote(graph.name)) {",
            "  rankdir = TB;",
            "  node [shape = box, style = rounded, fontname = \"Helvetica\"];",
            "  edge [fontname = \"Helvetica\", fontsize = 10];",
        ]
        for port in graph.parameters {
            lines.append(
                "  \(quote("param:" + port.name)) [label = \(quote(port.name)), shape = plaintext];"
            )
        }
        for node in graph.nodes {
            // A node with elements has a double border.
            var look = node.each == nil ? "" : ", peripheries = 2"
            var label = node.name + "\n" + node.definition.name
            if idle.contains(node.name) {
                label += "\nnot needed"
                look += ", style = \"rounded,dotted\", fontcolor = gray40"
            }
            lines.append("  \(quote(node.name)) [label = \(quote(label))\(look)];")
        }
        for edge in edges(graph) {
            // The connection to a branch is dotted, that of a stream is bold.
            let look =
                edge.isBranch ? ", style = dotted" : edge.isStream ? ", style = bold" : ""
            lines.append(
                "  \(quote(edge.start)) -> \(quote(edge.end)) [label = \(quote(edge.label))\(look)];"
            )
        }
        for output in graph.outputs {
            lines.append(
                "  \(quote("output:" + output.name)) [label = \(quote(output.name)), shape = plaintext];"
            )
            let node = graph.nodes[output.source.node]
            let port = node.definition.outputs[output.source.output]
            lines.append(
                "  \(quote(node.name)) -> \(quote("output:" + output.name)) "
                    + "[label = \(quote(port.name)), style = dashed];")
        }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }

    /// Returns the graph in the language of Mermaid, which many web pages draw.
    package static func mermaid(_ graph: Graph, idle: Set<String> = []) -> String {
        var lines = ["flowchart TD"]
        var names: [String: String] = [:]
        func name(_ key: String) -> String {
            if let name = names[key] { return name }
            let made = "n\(names.count)"
            names[key] = made
            return made
        }
        for port in graph.parameters {
            lines.append("  \(name("param:" + port.name))[/\"\(escape(port.name))\"/]")
        }
        for node in graph.nodes {
            let note = idle.contains(node.name) ? "<br/>not needed" : ""
            let label = "\"\(escape(node.name))<br/>\(escape(node.definition.name))\(note)\""
            lines.append(
                "  \(name(node.name))" + (node.each == nil ? "(\(label))" : "[[\(label)]]"))
        }
        for edge in edges(graph) {
            let arrow = edge.isBranch ? "-.->" : edge.isStream ? "==>" : "-->"
            lines.append(
                "  \(name(edge.start)) \(arrow)|\"\(escape(edge.label))\"| \(name(edge.end))")
        }
        for output in graph.outputs {
            let node = graph.nodes[output.source.node]
            lines.append("  \(name("output:" + output.name))[/\"\(escape(output.name))\"/]")
            lines.append("  \(name(node.name)) -.-> \(name("output:" + output.name))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Returns the graph as the object of `vtlua graph --json`.
    package static func json(_ graph: Graph, idle: Set<String> = []) -> JSON {
        .document([
            ("name", .string(graph.name)),
            ("doc", graph.doc.map(JSON.string) ?? .null),
            ("params", .array(graph.parameters.map(port))),
            ("nodes", .array(graph.nodes.map { node($0, isIdle: idle.contains($0.name)) })),
            (
                "connections",
                .array(
                    edges(graph).map { edge in
                        .object(
                            [
                                ("from", .string(edge.from)),
                                ("port", edge.port.map(JSON.string) ?? .null),
                                ("to", .string(edge.to)), ("input", .string(edge.input)),
                            ] + (edge.isBranch ? [("branch", .boolean(true))] : []))
                    })
            ),
            (
                "outputs",
                .array(
                    graph.outputs.map { output in
                        let node = graph.nodes[output.source.node]
                        let port = node.definition.outputs[output.source.output]
                        return .object([
                            ("name", .string(output.name)), ("node", .string(node.name)),
                            ("port", .string(port.name)), ("type", .string("\(port.type)")),
                        ])
                    })
            ),
        ])
    }

    // MARK: Parts

    private struct Edge {
        var from: String
        var port: String?
        var to: String
        var input: String
        var isBranch = false
        var isStream = false
        /// True if the node with the input comes before the other one.
        var isReversed = false
        var start: String { isReversed ? to : from }
        var end: String { isReversed ? from : to }
        var label: String { port.map { $0 == input ? input : "\($0) to \(input)" } ?? input }
    }

    private static func edges(_ graph: Graph) -> [Edge] {
        graph.nodes.flatMap { node in
            zip(node.definition.inputs, node.inputs).flatMap { port, source in
                let found = edges(graph, from: source, to: node.name, port.name)
                let isBranch = node.isBranch(port.name)
                let isReversed = node.definition.control == .order && port.name == "second"
                guard isBranch || isReversed else { return found }
                return found.map { edge in
                    var edge = edge
                    (edge.isBranch, edge.isReversed) = (isBranch, isReversed)
                    return edge
                }
            }
        }
    }

    private static func edges(
        _ graph: Graph, from source: Graph.Source?, to node: String, _ input: String
    ) -> [Edge] {
        switch source {
        case nil, .value: return []
        case .parameter(let name):
            return [Edge(from: "param:" + name, port: nil, to: node, input: input)]
        case .port(let endpoint):
            let origin = graph.nodes[endpoint.node]
            let output = origin.definition.outputs[endpoint.output]
            return [
                Edge(
                    from: origin.name, port: output.name, to: node, input: input,
                    isStream: output.type.isStream)
            ]
        case .table(let table):
            return table.elements.flatMap { element in
                edges(graph, from: element.source, to: node, element.path.label(after: input))
            }
        }
    }

    private static func node(_ node: Graph.Node, isIdle: Bool) -> JSON {
        .object(
            [
                ("name", .string(node.name)), ("module", .string(node.definition.name)),
                ("version", .string(node.definition.version)),
                ("doc", node.definition.doc.map(JSON.string) ?? .null),
                ("inputs", .array(node.definition.inputs.map(port))),
                ("outputs", .array(node.definition.outputs.map(port))),
                ("levels", .integer(node.each?.levels.count ?? 0)),
                ("placed", node.location.map { .string($0.description) } ?? .null),
            ] + (isIdle ? [("needed", .boolean(false))] : []))
    }

    private static func port(_ port: Port) -> JSON {
        .object([
            ("name", .string(port.name)), ("type", .string("\(port.type)")),
            ("optional", .boolean(!port.isRequired)), ("doc", port.doc.map(JSON.string) ?? .null),
        ])
    }

    private static func quote(_ text: String) -> String {
        "\""
            + text.reduce(into: "") { out, letter in
                switch letter {
                case "\"": out += "\\\""
                case "\\": out += "\\\\"
                case "\n": out += "\\n"
                default: out.append(letter)
                }
            } + "\""
    }

    private static func escape(_ text: String) -> String {
        text.reduce(into: "") { out, letter in
            switch letter {
            case "\"": out += "#quot;"
            case "#": out += "#35;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\n": out += " "
            default: out.append(letter)
            }
        }
    }
}
