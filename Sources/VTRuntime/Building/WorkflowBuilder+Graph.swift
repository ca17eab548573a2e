// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTWorkflow

// A builder's statements are repeated on a Flow with the functions behind `flow:add` and so on, so that
// both ways to describe a workflow accept the same and refuse the same.

extension WorkflowBuilder {
    /// Makes the workflow in a Lua state.
    ///
    /// - Throws: `WorkflowError` with the line of Swift.
    func flow(in workspace: Workspace, _ lua: borrowing Lua) throws -> Flow {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let graph = try blaming(location) {
            guard !name.isEmpty else {
                throw WorkflowError("the name of a workflow must not be empty")
            }
            try lua.pushTable(fields: 1)
            try lua.push(parameters)
            try lua.setRawField("params", of: -2)
            let declaration = Declaration(
                index: lua.top, keys: ["params"], subject: "workflow `\(name)`")
            return Graph(
                name: name, doc: doc,
                parameters: try declaration.ports("params", kind: "parameter", lua),
                directory: directory, location: location)
        }
        let flow = Flow(graph: graph, workspace: workspace)
        var building = Building(builder: self, flow: flow)
        for statement in statements {
            try blaming(statement.location) { try building.perform(statement, lua) }
        }
        return flow
    }

    /// Calls `body` and adds the location to an error of the description.
    private func blaming<R>(_ location: SourceLocation, _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch var error as WorkflowError {
            error.location = error.location ?? location
            throw error
        } catch let error as LuaError where error.code != .cancelled && error.code != .timedOut {
            // The error of a module's script has its own line.
            let place = ErrorPlace(error, in: "")
            throw WorkflowError(place.message, at: place.location ?? location)
        }
    }
}

/// The state while a builder's statements are repeated.
private struct Building {
    let builder: WorkflowBuilder
    let flow: Flow
    /// The results of `vt.each`, `vt.zip` and `vt.cross`.
    private var iterations: [ObjectIdentifier: [LuaReference]] = [:]

    init(builder: WorkflowBuilder, flow: Flow) {
        self.builder = builder
        self.flow = flow
    }

    mutating func perform(
        _ statement: WorkflowBuilder.Statement, _ lua: borrowing Lua
    ) throws {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        switch statement.content {
        case .add(let index):
            let node = builder.nodes[index]
            switch node.module {
            case .named(let name): try lua.push(name)
            case .swift(let module):
                try flow.workspace.add(module)
                try lua.push(module.name)
            case .workflow(let inner):
                try lua.push(try inner.flow(in: flow.workspace, lua), as: Flow.luaClass)
            }
            try pushTable(node.inputs, lua)
            _ = try flow.add(
                node.name, module: base + 1, inputs: base + 2, at: statement.location, lua
            ) { node.options }
        case .connect(let source, let input, let node):
            try requireOwn(node.identity, "node `\(node.name)`")
            try lua.push(any: FlowNode(flow: flow, index: node.index))
            try push(source, lua)
            try flow.connect(base + 2, to: input, ofNodeAt: base + 1, lua)
        case .output(let name, let source):
            guard case .port(let node, let output, let owner) = source.content else {
                throw WorkflowError(
                    "output `\(name)` must be an output port of a node; write "
                        + "flow.output(\"\(name)\", node[\"port\"])")
            }
            try requireOwn(owner, "the port")
            try flow.graph.addOutput(name, from: try flow.graph.endpoint(node, output))
        }
    }

    private func requireOwn(_ owner: WorkflowIdentity, _ what: String) throws {
        guard owner !== builder.identity else { return }
        throw WorkflowError(
            "\(what) belongs to workflow `\(owner.workflow)`, not to `\(builder.name)`; "
                + "pass its value in as a parameter")
    }

    // MARK: Sources

    private mutating func push(_ source: WorkflowSource, _ lua: borrowing Lua) throws {
        switch source.content {
        case .value(let value): try value.push(onto: lua)
        case .parameter(let name, let owner):
            try requireOwn(owner, "parameter `\(name)`")
            try flow.pushParameter(name, lua)
        case .port(let node, let output, let owner):
            try requireOwn(owner, "the port `\(output)`")
            let endpoint = try flow.graph.endpoint(node, output)
            try lua.push(FlowPort(flow: flow, endpoint: endpoint), as: FlowPort.luaClass)
        case .list(let elements):
            try lua.pushTable(elements: elements.count)
            for (index, element) in elements.enumerated() {
                try push(element, lua)
                try lua.setRawElement(index + 1, of: -2)
            }
        case .table(let fields): try pushTable(fields, lua)
        case .element(let iteration, let list):
            let identity = ObjectIdentifier(iteration)
            if iterations[identity] == nil {
                iterations[identity] = try elements(of: iteration, lua)
            }
            if let values = iterations[identity] { try lua.push(values[list]) }
        }
    }

    private mutating func pushTable(
        _ fields: [String: WorkflowSource], _ lua: borrowing Lua
    ) throws {
        try lua.pushTable(fields: fields.count)
        // In the order of names, so that of several errors the same one is reported.
        for (name, source) in fields.sorted(by: { $0.key < $1.key }) {
            try push(source, lua)
            try lua.setRawField(name, of: -2)
        }
    }

    /// Calls `vt.each`, `vt.zip` or `vt.cross`.
    private mutating func elements(
        of iteration: WorkflowIteration, _ lua: borrowing Lua
    ) throws -> [LuaReference] {
        try lua.pushLoaded("vt")
        try lua.pushRawField(iteration.kind.rawValue, of: -1)
        lua.remove(at: -2)
        for list in iteration.lists { try push(list, lua) }
        let count = iteration.lists.count
        try lua.call(arguments: count, results: count)
        var values: [LuaReference] = []
        for _ in 0..<count { values.append(try lua.takeReference()) }
        return values.reversed()
    }
}
