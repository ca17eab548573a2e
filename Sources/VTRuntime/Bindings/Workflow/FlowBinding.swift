// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTSystem
package import VTWorkflow

/// The value that `vt.workflow` returns.
package final class Flow {
    package let graph: Graph
    unowned let workspace: Workspace
    /// The workflow whose `build` makes this one; nil for one that is made by the script.
    let declared: Graph?
    /// True if the `build` that makes this workflow has ended.
    var isFinished = false
    /// True if `flow:outputs` was called.
    private(set) var hasOutputs = false

    init(graph: Graph, workspace: Workspace, declared: Graph? = nil) {
        self.graph = graph
        self.workspace = workspace
        self.declared = declared
    }
}

/// The value that `flow:add` returns. Its fields are the output ports.
package struct FlowNode {
    package var flow: Flow
    package var index: Int
}

/// An output port of a node, as a source of inputs.
package struct FlowPort {
    var flow: Flow
    var endpoint: Graph.Endpoint
}

/// The value of `flow.params`. Its fields are the parameters.
package struct FlowParameters {
    package var flow: Flow

    package init(flow: Flow) { self.flow = flow }
}

/// A parameter as the source of an input.
struct FlowParameter {
    var flow: Flow
    var name: String
}

// MARK: - vt.workflow

extension Workspace {
    private static let keys = ["name", "doc", "params", "build"]

    /// `vt.workflow { name =, doc =, params =, build = }`
    func declareWorkflow(_ lua: borrowing Lua) throws -> LuaReturn {
        try capturePrint(lua)
        try lua.setTop(1)
        let declaration = Declaration(index: 1, keys: Self.keys, subject: "vt.workflow")
        try declaration.checkKeys(lua)
        guard let name = try declaration.optional("name", String.self, lua), !name.isEmpty else {
            throw WorkflowError("vt.workflow: `name` is missing; write name = \"what it does\"")
        }
        let place = lua.location().map { SourceLocation(chunk: $0.source, line: $0.line) }
        let named = declaration.about(name)
        let graph = Graph(
            name: name, doc: try named.optional("doc", String.self, lua),
            parameters: try named.ports("params", kind: "parameter", lua),
            directory: place?.file.directoryPart ?? "", location: place,
            build: try named.function("build", "function(flow, p) ... end", lua))
        graph.isBuiltIn = StandardLibrary.modules.contains(name)
        try lua.push(Flow(graph: graph, workspace: self), as: Flow.luaClass)
        return 1
    }
}

extension Flow {
    package static let luaClass = LuaClass<Flow>("workflow") { type in
        type.property("name") { $0.graph.name }
        type.property("params") { FlowParameters(flow: $0) }
        type.rawMethod("add") { lua, flow in try lua.blaming(level: 1) { try flow.add($0) } }
        type.rawMethod("connect") { lua, flow in try lua.blaming(level: 1) { try flow.connect($0) }
        }
        type.rawMethod("outputs") { lua, flow in
            try lua.blaming(level: 1) { try flow.setOutputs($0) }
        }
        type.index { lua, flow in
            let name = try lua.argument(2, as: String.self)
            throw lua.error(
                "a workflow has no `\(name)`"
                    + hint(
                        for: name, among: ["add", "connect", "name", "outputs", "params", "run"]))
        }
        type.rawMethod("run") { lua, flow in try lua.blaming(level: 1) { try flow.run($0) } }
        type.rawOperator(.string) { lua, flow in
            try lua.push("workflow: \(flow.graph.name)")
            return 1
        }
    }
}

// MARK: - Building

extension Flow {
    /// `flow:add(name, module, inputs [, options])`
    private func add(_ lua: borrowing Lua) throws -> LuaReturn {
        guard [.nil, .string, .number].contains(lua.type(at: 2)) else {
            throw WorkflowError(
                "flow:add: the first argument is the node's name, a string; got \(lua.typeName(at: 2)): "
                    + "write flow:add(\"name\", module, { ... })")
        }
        let name = try lua.argument(2, as: String.self)
        try lua.setTop(5)
        try requireOpen("add")
        let place = lua.location().map { SourceLocation(chunk: $0.source, line: $0.line) }
        let node = try add(name, module: 3, inputs: 4, at: place, lua) {
            try NodeOptions(at: 5, subject: "`\(name)`: options", lua)
        }
        try lua.push(any: FlowNode(flow: self, index: node))
        return 1
    }

    /// Adds a node.
    ///
    /// - Parameters:
    ///   - name: the name of the node.
    ///   - module: the stack index of its module.
    ///   - inputs: the stack index of the table of inputs.
    ///   - place: the line that adds the node.
    ///   - options: returns the options of the node.
    /// - Returns: the index of the node.
    func add(
        _ name: String, module: Int, inputs: Int, at place: SourceLocation?, _ lua: borrowing Lua,
        options: () throws -> NodeOptions
    ) throws -> Int {
        let definition = try self.module(at: module, of: name, inputs: inputs, lua)
        let node = try graph.add(name, definition, at: place)
        do {
            graph.setOptions(try options(), of: node)
            try setEach(of: node, inputs: inputs, lua)
            try setInputs(of: node, at: inputs, lua)
        } catch {
            graph.discardLast()
            throw error
        }
        return node
    }

    /// Returns the module at `index`, which is a name, a definition or a workflow.
    ///
    /// - Parameter inputs: the stack index of the table of inputs.
    func module(
        at index: Int, of node: String, inputs: Int, _ lua: borrowing Lua
    ) throws -> ModuleDefinition {
        guard let name = lua.string(at: index) else {
            if lua.type(at: index) == .string {
                throw WorkflowError(
                    "`\(node)`: the module's name is not UTF-8; save the script as UTF-8")
            }
            if let definition = try definition(at: index, of: node, inputs, lua) {
                return definition
            }
            throw WorkflowError(
                "`\(node)`: a module's name, a vt.module or a workflow expected, "
                    + "got \(lua.typeName(at: index))")
        }
        try workspace.pushRequired(name, lua)
        defer { lua.pop(2) }
        if let definition = try definition(at: -2, of: node, inputs, lua) { return definition }
        let file = lua.string(at: -1).map { " ('\($0)')" } ?? ""
        // `require` returns true for a module that returns nothing.
        let isSilent = lua.isNil(at: -2) || lua.boolean(at: -2) == true
        throw WorkflowError(
            "`\(node)`: module `\(name)`\(file) returns "
                + (isSilent
                    ? "nothing; end it with `return M`"
                    : "a \(lua.typeName(at: -2)) that is not of vt.module; "
                        + "begin it with local M = vt.module { ... }"))
    }

    private func definition(
        at index: Int, of node: String, _ inputs: Int, _ lua: borrowing Lua
    ) throws -> ModuleDefinition? {
        if let flow = lua.object(Flow.luaClass, at: index) {
            return try module(of: flow, as: node, inputs: inputs, lua)
        }
        return try workspace.definition(at: index, lua)
    }

    func setInputs(of node: Int, at index: Int, _ lua: borrowing Lua) throws {
        let definition = graph.nodes[node].definition
        try forEachInput(
            of: graph.nodes[node].name, at: index, modules: definition.moduleInputs, lua
        ) { input, source in
            try graph.connect(source, to: input, of: node)
        }
    }

    /// Calls `body` with each input in the table at `index`, and its source.
    ///
    /// - Parameter modules: the inputs whose values are modules.
    func forEachInput(
        of node: String, at index: Int, modules: Set<String> = [], _ lua: borrowing Lua,
        _ body: (String, Graph.Source) throws -> Void
    ) throws {
        if lua.isNil(at: index) { return }
        guard lua.type(at: index) == .table else {
            throw WorkflowError(
                "`\(node)`: a table of inputs expected, got \(lua.typeName(at: index))")
        }
        try lua.forEachPair(of: index) {
            guard let input = lua.string(at: -2) else {
                if lua.type(at: -2) == .string {
                    throw WorkflowError(
                        "`\(node)`: an input's name is not UTF-8; save the script as UTF-8")
                }
                throw WorkflowError(
                    "`\(node)`: input [\(try lua.display(at: -2))] has no name; "
                        + "write { name = value }")
            }
            if modules.contains(input), let source = try moduleSource(at: -1, of: node, lua) {
                return try body(input, source)
            }
            try body(input, try source(at: -1, lua))
        }
    }

    func source(at index: Int, _ lua: borrowing Lua) throws -> Graph.Source {
        if let port = lua.object(FlowPort.luaClass, at: index) {
            try requireOwn(port.flow)
            return .port(port.endpoint)
        }
        if let parameter = lua.object(FlowParameter.luaClass, at: index) {
            try requireOwn(parameter.flow)
            return .parameter(parameter.name)
        }
        if let value = lua.object(EachValue.luaClass, at: index) {
            return try source(of: value, lua)
        }
        if lua.type(at: index) == .userdata, let mistake = mistake(at: index, lua) {
            throw mistake
        }
        guard lua.type(at: index) == .table else { return .value(try lua.reference(at: index)) }
        return try tableSource(at: index, lua)
    }

    /// Pushes a parameter as a source of inputs.
    ///
    /// - Throws: ``WorkflowError`` if there is none of this name.
    func pushParameter(_ name: String, _ lua: borrowing Lua) throws {
        guard graph.parameters.contains(where: { $0.name == name }) else {
            throw WorkflowError(
                "workflow `\(graph.name)` has no parameter `\(name)`"
                    + hint(for: name, among: graph.parameters.map(\.name)))
        }
        try lua.push(FlowParameter(flow: self, name: name), as: FlowParameter.luaClass)
    }

    func requireOwn(_ other: Flow) throws {
        if other === self || other.graph === declared { return }
        throw WorkflowError(
            "the value belongs to workflow `\(other.graph.name)`, not to `\(graph.name)`; "
                + "pass it in as a parameter")
    }

    /// `flow:connect(port, node, input)`
    private func connect(_ lua: borrowing Lua) throws -> LuaReturn {
        try connect(2, to: nil, ofNodeAt: 3, lua)
        return 0
    }

    /// Connects the source at `index` to an input of the node at `place`.
    ///
    /// - Parameter input: the name of the input; nil: argument 4 of the running function.
    func connect(
        _ index: Int, to input: String?, ofNodeAt place: Int, _ lua: borrowing Lua
    ) throws {
        guard let node = lua.object(FlowNode.luaClass, at: place) else {
            throw WorkflowError("flow:connect: a node expected, got \(lua.typeName(at: place))")
        }
        try requireOwn(node.flow)
        try requireOpen("connect")
        let input = try input ?? lua.argument(4, as: String.self)
        let modules = graph.nodes[node.index].definition.moduleInputs
        if modules.contains(input), let source = try moduleSource(at: index, of: node.name, lua) {
            return try graph.connect(source, to: input, of: node.index)
        }
        if let value = lua.object(EachValue.luaClass, at: index) {
            throw WorkflowError(
                "flow:connect cannot connect \(value.function); give it to flow:add as the input "
                    + "`\(input)`")
        }
        try requireUndecided(input, of: node.index)
        try graph.connect(try source(at: index, lua), to: input, of: node.index)
    }

    /// `flow:outputs { name = port }`; returns the workflow.
    private func setOutputs(_ lua: borrowing Lua) throws -> LuaReturn {
        try requireOpen("outputs")
        hasOutputs = true
        guard lua.type(at: 2) == .table else {
            throw WorkflowError(
                "flow:outputs: a table expected, got \(lua.typeName(at: 2)); "
                    + "write flow:outputs { name = port }")
        }
        try lua.forEachPair(of: 2) {
            guard let name = lua.string(at: -2) else {
                throw WorkflowError("flow:outputs: an output has no name; write { name = port }")
            }
            guard let port = lua.object(FlowPort.luaClass, at: -1) else {
                if let mistake = mistake(inOutput: name, at: -1, lua) { throw mistake }
                throw WorkflowError(
                    "flow:outputs: `\(name)` must be an output port, "
                        + "got a \(lua.typeName(at: -1)); write \(name) = node.port")
            }
            try requireOwn(port.flow)
            try graph.addOutput(name, from: port.endpoint)
        }
        try lua.setTop(1)
        return 1
    }
}

// MARK: - Nodes, ports, parameters

extension FlowNode: LuaObject {
    package var name: String { flow.graph.nodes[index].name }

    package static let luaClass = LuaClass<FlowNode>("node") { type in
        type.newIndex { lua, node in
            throw lua.error(
                "the ports of node `\(node.name)` cannot be set; to connect one of its inputs, write "
                    + "flow:connect(port, node, \"\(try lua.display(at: 2))\")", level: 2)
        }
        type.index { lua, node in
            let output = try lua.argument(2, as: String.self)
            return try lua.blaming(level: 2) { lua in
                let endpoint = try node.flow.graph.endpoint(node.index, output)
                try lua.push(FlowPort(flow: node.flow, endpoint: endpoint), as: FlowPort.luaClass)
                return 1
            }
        }
        type.rawOperator(.string) { lua, node in
            try lua.push("node: \(node.name)")
            return 1
        }
    }
}

extension FlowPort: LuaObject {
    package static let luaClass = LuaClass<FlowPort>("port") { type in
        refuseUses(in: &type)
        type.rawOperator(.string) { lua, port in
            let node = port.flow.graph.nodes[port.endpoint.node]
            try lua.push("port: \(node.name).\(node.definition.outputs[port.endpoint.output].name)")
            return 1
        }
    }
}

extension FlowParameters: LuaObject {
    package static let luaClass = LuaClass<FlowParameters>("parameters") { type in
        type.newIndex { lua, parameters in
            let name = try lua.display(at: 2)
            throw lua.error(
                "flow.params cannot be set; give a value with -p \(name)=..., or with "
                    + "flow:run { params = { \(name) = ... } }", level: 2)
        }
        type.index { lua, parameters in
            let name = try lua.argument(2, as: String.self)
            return try lua.blaming(level: 2) { lua in
                try parameters.flow.pushParameter(name, lua)
                return 1
            }
        }
    }
}

extension FlowParameter: LuaObject {
    static let luaClass = LuaClass<FlowParameter>("parameter") { type in
        refuseUses(in: &type)
        type.rawOperator(.string) { lua, parameter in
            try lua.push("parameter: \(parameter.name)")
            return 1
        }
    }
}
