// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel

// Fingerprints of workflows.

extension Fingerprint {
    /// Adds a workflow: its parameters, its modules, the connections and constants, and its `build`.
    mutating func add(_ graph: Graph, _ lua: borrowing Lua) throws {
        tag("W")
        add(graph.name)
        for port in graph.parameters { try add(port, lua) }
        tag(".")
        if let build = graph.build {
            try lua.push(build)
            defer { lua.pop() }
            try add(lua, at: -1)
        }
        add(raw: graph.nodes.count)
        for node in graph.nodes { try add(node, lua) }
        add(raw: graph.outputs.count)
        for output in graph.outputs {
            add(output.name)
            add(output.source)
        }
    }

    private mutating func add(_ node: Graph.Node, _ lua: borrowing Lua) throws {
        let definition = node.each?.element ?? node.definition
        add(node.name)
        if case .workflow(let inner) = definition.body {
            try add(inner, lua)
        } else {
            try add(definition, lua)
        }
        add(raw: node.inputs.count)
        for input in node.inputs { try add(input, lua) }
        add(node.options.onError?.rawValue ?? "")
        guard let each = node.each else { return tag(".") }
        add(raw: each.levels.count)
        for level in each.levels {
            add(level.kind.rawValue)
            for list in level.lists {
                try add(list.source, lua)
                for outer in list.outer { add(raw: outer) }
                tag(".")
            }
        }
        for lists in each.lists {
            for list in lists { add(raw: list) }
            tag(".")
        }
    }

    private mutating func add(_ source: Graph.Source?, _ lua: borrowing Lua) throws {
        switch source {
        case nil: tag("n")
        case .value(let value):
            tag("v")
            try lua.push(value)
            defer { lua.pop() }
            try add(lua, at: -1)
        case .parameter(let name):
            tag("p")
            add(name)
        case .port(let endpoint): add(endpoint)
        case .table(let table):
            tag("t")
            try lua.push(table.constants)
            defer { lua.pop() }
            try add(lua, at: -1)
            add(raw: table.elements.count)
            for element in table.elements {
                add(element.path.label(after: ""))
                try add(element.source, lua)
            }
        }
    }

    private mutating func add(_ endpoint: Graph.Endpoint) {
        tag("e")
        add(raw: endpoint.node)
        add(raw: endpoint.output)
    }
}
