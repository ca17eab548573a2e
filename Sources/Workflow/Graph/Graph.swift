// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTSystem

/// A workflow: nodes, each with a module, and connections from output ports to input ports.
///
/// A Lua script builds a graph with `flow:add` and related methods, a program in Swift with
/// ``add(_:_:at:)``. A graph is a description; to run it, make a ``Plan`` of it.
public final class Graph {
    /// The name of the workflow.
    public let name: String
    /// The description of the workflow.
    public let doc: String?
    /// The parameters of the workflow.
    public let parameters: [Port]
    /// The line of the script that defines the workflow.
    public let location: SourceLocation?
    /// The nodes, in the order in which they were added.
    public internal(set) var nodes: [Node] = []
    /// The outputs of the workflow, in the order of their names.
    public private(set) var outputs: [Output] = []
    /// The directory to which relative paths among defaults and constants are relative.
    public var directory: String
    /// The function that adds the nodes, given the values of the parameters, each time a plan is made;
    /// nil if the nodes are fixed.
    public let build: LuaReference?
    /// True for a workflow of the library: a message about its nodes has the line of the workflow's node.
    package var isBuiltIn = false
    /// True for a workflow of one module that a script calls with values: streams among its inputs are
    /// iterators, and among its outputs lists.
    package var isCall = false
    /// The parameters that `build` has read, in a workflow that it has made.
    package var decisive: Set<String> = []

    private var nodeIndex: [String: Int] = [:]
    /// The workflows that are nodes of this one.
    private var innerGraphs: [Graph] = []

    /// Creates a workflow without nodes.
    public init(
        name: String, doc: String? = nil, parameters: [Port] = [], directory: String = "",
        location: SourceLocation? = nil, build: LuaReference? = nil
    ) {
        self.name = name
        self.doc = doc
        self.parameters = parameters
        self.directory = directory
        self.location = location
        self.build = build
    }

    /// A module with a name and connections in a workflow.
    public struct Node {
        /// The name of the node, unique in the workflow.
        public var name: String
        /// The module.
        public var definition: ModuleDefinition
        /// The sources of the module's inputs, in their order; nil for an input without a source.
        public var inputs: [Source?]
        /// The line of the script that added the node.
        public var location: SourceLocation?
        /// The options of the node.
        public var options = NodeOptions()
        /// The iteration of a node whose module computes for each element of lists.
        public var each: Each?
    }

    /// The source of an input's value.
    public enum Source {
        /// A constant.
        case value(LuaReference)
        /// The parameter of the workflow with this name.
        case parameter(String)
        /// An output of another node.
        case port(Endpoint)
        /// A table in which some values are ports or parameters.
        case table(TableSource)
    }

    /// An output port of a node.
    public struct Endpoint: Hashable, Sendable {
        /// The index of the node in ``Graph/nodes``.
        public var node: Int
        /// The index of the output among those of the module.
        public var output: Int

        /// Creates an endpoint from its fields.
        public init(node: Int, output: Int) {
            self.node = node
            self.output = output
        }
    }

    /// A named output of the whole workflow.
    public struct Output {
        /// The name by which the caller of the workflow knows the value.
        public var name: String
        /// The port that gives the value.
        public var source: Endpoint
    }

    /// Returns the index of the node with a name; nil if there is none.
    public func node(named name: String) -> Int? { nodeIndex[name] }

    /// Returns the type of an output port.
    public func type(of endpoint: Endpoint) -> PortType {
        nodes[endpoint.node].definition.outputs[endpoint.output].type
    }
}

// MARK: - Building

extension Graph {
    /// Adds a node without connections.
    ///
    /// - Returns: the index of the node.
    /// - Throws: ``WorkflowError`` if the name is taken or not valid, or if the module is a workflow
    ///   that contains this one.
    @discardableResult
    public func add(
        _ name: String, _ definition: ModuleDefinition, at location: SourceLocation? = nil
    ) throws -> Int {
        guard !name.isEmpty else {
            throw WorkflowError(
                "the name of a node must not be empty; write flow:add(\"name\", ...)")
        }
        guard !name.contains("/") else {
            throw WorkflowError(
                "`\(name)` is not a valid node name: '/' is reserved for nested workflows")
        }
        if let other = nodeIndex[name] {
            let place = nodes[other].location.map { " at \($0)" } ?? ""
            throw WorkflowError("a node `\(name)` already exists\(place)")
        }
        if case .workflow(let inner) = definition.body {
            try inner.requireApart(from: self)
        }
        if case .workflow(let inner) = definition.body { innerGraphs.append(inner) }
        nodeIndex[name] = nodes.count
        nodes.append(
            Node(
                name: name, definition: definition,
                inputs: Array(repeating: nil, count: definition.inputs.count), location: location))
        return nodes.count - 1
    }

    /// Removes the node that was added last, because the rest of its description is wrong.
    package func discardLast() {
        guard let last = nodes.popLast() else { return }
        if case .workflow = last.definition.body { innerGraphs.removeLast() }
        nodeIndex[last.name] = nil
    }

    /// The largest number of levels of nested workflows.
    package static let deepest = 100

    /// Throws if this workflow contains `whole`, or has too many levels.
    private func requireApart(from whole: Graph) throws {
        // A workflow that is used in many places is visited once on each level.
        var level = [ObjectIdentifier(self): self]
        for _ in 0..<Self.deepest {
            if level[ObjectIdentifier(whole)] != nil {
                throw WorkflowError("workflow `\(whole.name)` cannot contain itself")
            }
            var next: [ObjectIdentifier: Graph] = [:]
            for graph in level.values {
                for inner in graph.innerGraphs { next[ObjectIdentifier(inner)] = inner }
            }
            if next.isEmpty { return }
            level = next
        }
        throw WorkflowError(
            "workflow `\(name)` nests workflows more than \(Self.deepest) levels deep")
    }

    /// Connects an input of a node to a source.
    ///
    /// - Throws: ``WorkflowError`` if there is no such input, or if its type does not fit.
    public func connect(_ source: Source, to input: String, of node: Int) throws {
        let definition = nodes[node].definition
        if let each = nodes[node].each, let place = definition.inputIndex[input],
            !each.lists[place].isEmpty
        {
            // The elements of an array are checked when they are computed.
            if try checkEach(source, of: node, place) == .arrays {
                nodes[node].inputs[place] = source
                return
            }
        }
        let place = try requireFit(of: source, to: input, of: definition, as: nodes[node].name)
        nodes[node].inputs[place] = source
    }

    /// Checks that a source can be connected to an input of a module.
    ///
    /// - Parameter node: the name of the node that has the module.
    /// - Returns: the index of the input.
    /// - Throws: ``WorkflowError`` if there is no such input, or if its type does not fit.
    @discardableResult
    package func requireFit(
        of source: Source, to input: String, of definition: ModuleDefinition, as node: String
    ) throws -> Int {
        guard let place = definition.inputIndex[input] else {
            let names = definition.inputs.map(\.name)
            let near = suggestion(for: input, among: names)
            throw WorkflowError(
                "`\(node)` (\(definition.name)) has no input `\(input)`"
                    + (ControlHints.input(input, of: definition.name)
                        ?? (near.isEmpty ? ControlHints.other(input, of: definition.name) : near)
                        ?? hint(for: input, among: names)))
        }
        let port = definition.inputs[place]
        if case .table(let table) = source {
            for element in table.elements {
                let label = element.path.label(after: input)
                guard let type = port.type.element(at: element.path) else {
                    throw WorkflowError(
                        "\(definition.name): input `\(input)` takes \(port.type), "
                            + "but the port at `\(label)` is in a table")
                }
                try check(element.source, label, type, of: definition)
            }
        }
        try check(source, input, port.type, of: definition)
        return place
    }

    private func check(
        _ source: Source, _ input: String, _ type: PortType, of definition: ModuleDefinition
    ) throws {
        guard let (found, origin) = typeAndOrigin(of: source), !found.connects(to: type) else {
            return
        }
        // An order has no values.
        if definition.control == .order { return }
        throw WorkflowError(
            "\(definition.name): input `\(input)` takes \(type), but \(origin) is \(found)"
                + found.streamAdvice(for: type))
    }

    func typeAndOrigin(of source: Source) -> (PortType, String)? {
        switch source {
        case .value, .table: return nil
        case .parameter(let name):
            guard let port = parameters.first(where: { $0.name == name }) else { return nil }
            return (port.type, "parameter `\(name)`")
        case .port(let endpoint):
            let node = nodes[endpoint.node]
            let output = node.definition.outputs[endpoint.output]
            return (output.type, "`\(node.name).\(output.name)`")
        }
    }

    /// Sets the options of a node.
    public func setOptions(_ options: NodeOptions, of node: Int) { nodes[node].options = options }

    /// Adds an output to the workflow.
    ///
    /// - Throws: ``WorkflowError`` if there is an output of this name.
    public func addOutput(_ name: String, from source: Endpoint) throws {
        var place = 0
        var end = outputs.count
        while place < end {
            let middle = (place + end) / 2
            if outputs[middle].name < name { place = middle + 1 } else { end = middle }
        }
        if place < outputs.count, outputs[place].name == name {
            throw WorkflowError("an output `\(name)` already exists")
        }
        outputs.insert(Output(name: name, source: source), at: place)
    }

    /// Returns the output port of a node with a name.
    ///
    /// - Throws: ``WorkflowError`` if there is none.
    public func endpoint(_ node: Int, _ output: String) throws -> Endpoint {
        let definition = nodes[node].definition
        guard let place = definition.outputIndex[output] else {
            throw WorkflowError(
                "`\(nodes[node].name)` (\(definition.name)) has no output `\(output)`"
                    + hint(for: output, among: definition.outputs.map(\.name)))
        }
        return Endpoint(node: node, output: place)
    }

    /// Makes a module of the workflow: its parameters are the inputs.
    public func asModule() -> ModuleDefinition {
        ModuleDefinition(
            name: name, version: "workflow", doc: doc, inputs: parameters,
            outputs: outputs.map { Port(name: $0.name, type: type(of: $0.source)) },
            body: .workflow(self), location: location)
    }
}
