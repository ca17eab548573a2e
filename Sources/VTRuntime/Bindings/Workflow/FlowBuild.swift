// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTWorkflow

// `vt.workflow { build = function(flow, p) ... end }`: the nodes are added by a function, which gets
// the values of the parameters.

/// The error for a parameter that has no value, and that the `build` of the outermost workflow reads.
struct MissingArgument: Error {
    var message: String
}

// MARK: - The outermost workflow

extension Workspace {
    /// Returns the workflow with its nodes: if it has a `build`, a new one that `build` has made.
    ///
    /// - Parameter isComplete: false for a check: parameters that `build` does not read need no value.
    /// - Throws: `InvalidWorkflow`; ``MissingArgument``;
    ///   `LuaError` of `build`.
    func shape(
        of graph: Graph, arguments: [String: LuaReference], isComplete: Bool, _ lua: borrowing Lua
    ) throws -> Graph {
        guard graph.build != nil else { return graph }
        let values = try graph.values(of: arguments, isComplete: isComplete, lua)
        let parameters = try BuildParameters(of: graph, lua)
        for port in graph.parameters {
            if let value = values[port.name] {
                try parameters.set(port, to: value, in: self, lua)
            } else if !port.isOptional {
                parameters.forbid(
                    port,
                    WorkflowError(
                        "parameter `\(port.name)` (\(port.type)) has no value; give it with "
                            + "-p \(port.name)=..."))
            }
        }
        do {
            return try build(graph, with: parameters, lua)
        } catch let error as WorkflowError {
            if error == parameters.failure { throw MissingArgument(message: error.message) }
            throw InvalidWorkflow(problems: [error])
        }
    }

    /// Calls the `build` of a workflow.
    ///
    /// - Throws: ``WorkflowError`` if `build` does not make a workflow; `LuaError` of `build`.
    fileprivate func build(
        _ declared: Graph, with parameters: BuildParameters, _ lua: borrowing Lua
    ) throws -> Graph {
        guard let function = declared.build else { return declared }
        guard buildDepth < Graph.deepest else {
            throw WorkflowError(
                "workflow `\(declared.name)` nests workflows more than \(Graph.deepest) levels deep"
            )
        }
        let graph = Graph(
            name: declared.name, doc: declared.doc, parameters: declared.parameters,
            directory: declared.directory, location: declared.location)
        graph.isBuiltIn = declared.isBuiltIn
        let flow = Flow(graph: graph, workspace: self, declared: declared)
        let objection = parallel.log.objection
        parallel.log.objection =
            "`build` of workflow `\(declared.name)` must not use pools: it runs each time a plan is "
            + "made; use them in the `compute` of a module"
        buildDepth += 1
        let top = lua.top
        defer {
            lua.pop(lua.top - top)
            buildDepth -= 1
            parallel.log.objection = objection
            flow.isFinished = true
        }
        try lua.push(function)
        try lua.push(flow, as: Flow.luaClass)
        try lua.push(parameters, as: BuildParameters.luaClass)
        do {
            try loading { try lua.call(arguments: 2, results: 1) }
        } catch let error as LuaError where error.code != .cancelled && error.code != .timedOut {
            throw parameters.failure ?? error
        }
        if let failure = parameters.failure { throw failure }
        try checkResult(of: flow, lua)
        graph.decisive = parameters.read
        return graph
    }

    /// Checks the result of `build`, which is on top, and that there are outputs.
    private func checkResult(of flow: Flow, _ lua: borrowing Lua) throws {
        let subject = "`build` of workflow `\(flow.graph.name)`"
        let place = flow.graph.location
        let isSame = lua.object(Flow.luaClass, at: -1) === flow
        if flow.hasOutputs, lua.isNil(at: -1) || isSame { return }
        if lua.isNil(at: -1) || isSame {
            throw WorkflowError(
                "\(subject) does not set outputs; end it with flow:outputs { name = node.port }",
                at: place)
        }
        let result = lua.object(Flow.luaClass, at: -1).map { "workflow `\($0.graph.name)`" }
        throw WorkflowError(
            "\(subject) returns \(result ?? "a \(lua.typeName(at: -1))"); it must return nothing, and "
                + "set the outputs with flow:outputs { name = node.port }", at: place)
    }
}

// MARK: - A workflow as a node

extension Flow {
    /// Returns a workflow as a module. If it has a `build`, this is called with the inputs of the node.
    ///
    /// - Parameters:
    ///   - node: the name of the node.
    ///   - index: the stack index of the table of inputs.
    func module(
        of inner: Flow, as node: String, inputs index: Int, _ lua: borrowing Lua
    ) throws -> ModuleDefinition {
        let declared = inner.graph.asModule()
        if inner.graph.build == nil { return declared }
        var sources: [String: Graph.Source] = [:]
        var iterated: Set<String> = []
        try forEachInput(of: node, at: index, modules: declared.moduleInputs, lua) {
            input, source in
            if lua.object(EachValue.luaClass, at: -1) != nil {
                // The node checks the type, when it has the lists.
                iterated.insert(input)
            } else {
                try graph.requireFit(of: source, to: input, of: declared, as: node)
                sources[input] = source
            }
        }
        let parameters = try BuildParameters(of: inner.graph, lua)
        for port in inner.graph.parameters {
            if iterated.contains(port.name) {
                parameters.forbid(
                    port,
                    WorkflowError(
                        Self.decides(port.name, inner.graph) + " or from vt.each, because all "
                            + "elements have one shape; give `\(node)` a value"))
                continue
            }
            try set(port, of: parameters, to: sources[port.name], node, lua)
        }
        do {
            return try workspace.build(inner.graph, with: parameters, lua).asModule()
        } catch let error as WorkflowError {
            guard let place = error.location else { throw error }
            throw LuaError(.runtime, "\(place): \(error.message)")
        }
    }

    private func set(
        _ port: Port, of parameters: BuildParameters, to source: Graph.Source?, _ node: String,
        _ lua: borrowing Lua
    ) throws {
        let inner = parameters.graph
        switch source {
        case .value(let given):
            let value = try port.type.placed(given, in: graph.directory, lua)
            try lua.push(value)
            defer { lua.pop() }
            if let reason = try port.mismatch(lua, at: -1) {
                throw WorkflowError("\(inner.name): input `\(port.name)`: \(reason)")
            }
            try parameters.set(port, to: value, in: workspace, lua)
        case nil:
            if let value = port.defaultValue {
                try parameters.set(
                    port, to: try port.type.placed(value, in: inner.directory, lua), in: workspace,
                    lua)
            } else if !port.isOptional {
                parameters.forbid(
                    port,
                    WorkflowError(
                        "`\(node)` (\(inner.name)): input `\(port.name)` (\(port.type)) is missing")
                )
            }
        case .some(let source):
            parameters.forbid(
                port,
                WorkflowError(
                    Self.decides(port.name, inner) + advice(on: source, for: port.name, of: node)))
        }
    }

    private static func decides(_ parameter: String, _ inner: Graph) -> String {
        "parameter `\(parameter)` decides the shape of `\(inner.name)`: it cannot come from a port"
    }

    /// The message about the source of a parameter that `build` reads, and what to write instead.
    private func advice(on source: Graph.Source, for name: String, of node: String) -> String {
        switch source {
        case .parameter(let outer):
            let pass =
                declared != nil
                ? "pass \(name) = p.\(outer), the value that `build` gets"
                : "give `\(graph.name)` a build = function(flow, p) ... end, and in it pass "
                    + "\(name) = p.\(outer)"
            return
                ", and flow.params.\(outer) of `\(graph.name)` has no value on this line; \(pass)"
        case .port(let endpoint):
            return ", and \(describe(endpoint)) has no value before the workflow runs; "
                + "give `\(node)` a value"
        case .table(let table):
            let first = table.elements.first
            let place = first?.path.label(after: name) ?? name
            guard let first else { return "; give `\(node)` a value" }
            switch first.source {
            case .port(let endpoint):
                return ", and its table has \(describe(endpoint)) at `\(place)`; "
                    + "give `\(node)` a table of values"
            case .parameter(let outer):
                return
                    ", and its table has flow.params.\(outer) at `\(place)`, which has no value on "
                    + "this line; write p.\(outer) in the `build` of `\(graph.name)`"
            default: return "; give `\(node)` a table of values"
            }
        default: return "; give `\(node)` a value"
        }
    }

    private func describe(_ endpoint: Graph.Endpoint) -> String {
        let node = graph.nodes[endpoint.node]
        return "`\(node.name).\(node.definition.outputs[endpoint.output].name)`"
    }

    /// Throws if an input of a node decides the shape of the workflow that the node is.
    func requireUndecided(_ input: String, of node: Int) throws {
        guard case .workflow(let inner) = graph.nodes[node].definition.body,
            inner.decisive.contains(input)
        else { return }
        throw WorkflowError(
            Self.decides(input, inner) + "; give it to flow:add as a value")
    }

    /// Throws if nodes, connections and outputs cannot be added to this workflow.
    func requireOpen(_ method: String) throws {
        if graph.build != nil {
            throw WorkflowError(
                "workflow `\(graph.name)` has a `build`: call flow:\(method) in it, on the flow that "
                    + "it gets")
        }
        if isFinished {
            throw WorkflowError(
                "`build` of workflow `\(graph.name)` has ended; call flow:\(method) in it")
        }
    }
}
