// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge

/// A workflow: nodes, each of a module, and connections from output ports to input ports.
///
/// `flow:add` and its kin build one from Lua; a program can build one from Swift. It is a
/// description: a ``Plan`` made from it is what runs.
public final class Graph {
    public let name: String
    public let doc: String?
    public let parameters: [Port]
    public let location: SourceLocation?
    public private(set) var nodes: [Node] = []
    public private(set) var outputs: [Output] = []
    /// Where relative paths among its defaults and constants start.
    public var directory: String

    private var nodeIndex: [String: Int] = [:]
    /// The workflows among its nodes.
    private var innerGraphs: [Graph] = []

    public init(
        name: String, doc: String? = nil, parameters: [Port] = [], directory: String = "",
        location: SourceLocation? = nil
    ) {
        self.name = name
        self.doc = doc
        self.parameters = parameters
        self.directory = directory
        self.location = location
    }

    /// A module at its place in a workflow.
    public struct Node {
        public var name: String
        public var definition: ModuleDefinition
        /// By the definition's inputs: where each value comes from.
        public var inputs: [Source?]
        public var location: SourceLocation?
        public var timeout: Double?
        public var retries: Int?
    }

    /// Where an input's value comes from.
    public enum Source {
        case value(LuaReference)
        case parameter(String)
        case port(Endpoint)
    }

    /// An output port of a node.
    public struct Endpoint: Hashable, Sendable {
        public var node: Int
        public var output: Int

        public init(node: Int, output: Int) {
            self.node = node
            self.output = output
        }
    }

    /// A named output of the whole workflow.
    public struct Output {
        public var name: String
        public var source: Endpoint
    }

    public func node(named name: String) -> Int? { nodeIndex[name] }

    public func type(of endpoint: Endpoint) -> PortType {
        nodes[endpoint.node].definition.outputs[endpoint.output].type
    }
}

// MARK: - Building

extension Graph {
    /// Adds a node without connections; gives its index.
    @discardableResult
    public func add(
        _ name: String, _ definition: ModuleDefinition, at location: SourceLocation? = nil
    ) throws -> Int {
        guard !name.isEmpty else {
            throw WorkflowError("a node's name is empty; write flow:add(\"name\", ...)")
        }
        guard !name.contains("/") else {
            throw WorkflowError("`\(name)` cannot be a node's name: '/' is for nested workflows")
        }
        if let other = nodeIndex[name] {
            let place = nodes[other].location.map { " at \($0)" } ?? ""
            throw WorkflowError("there is a node `\(name)` already\(place)")
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

    /// Takes back the node added last, whose description turned out wrong.
    package func discardLast() {
        guard let last = nodes.popLast() else { return }
        if case .workflow = last.definition.body { innerGraphs.removeLast() }
        nodeIndex[last.name] = nil
    }

    /// How many workflows deep a workflow may be.
    static let deepest = 100

    /// Refuses to become a part of `whole` if it has `whole` in it, or is too deep.
    private func requireApart(from whole: Graph) throws {
        // A level at a time; what is in many places is looked at once a level.
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
            "workflow `\(name)` has workflows in it more than \(Self.deepest) deep")
    }

    /// Gives a node's input its source, after a look at the types.
    public func connect(_ source: Source, to input: String, of node: Int) throws {
        let definition = nodes[node].definition
        guard let place = definition.inputIndex[input] else {
            throw WorkflowError(
                "`\(nodes[node].name)` (\(definition.name)) has no input `\(input)`"
                    + hint(for: input, among: definition.inputs.map(\.name)))
        }
        let port = definition.inputs[place]
        if let (type, origin) = typeAndOrigin(of: source), !type.connects(to: port.type) {
            throw WorkflowError(
                "\(definition.name): input `\(input)` takes \(port.type), but \(origin) is \(type)")
        }
        nodes[node].inputs[place] = source
    }

    private func typeAndOrigin(of source: Source) -> (PortType, String)? {
        switch source {
        case .value: return nil
        case .parameter(let name):
            guard let port = parameters.first(where: { $0.name == name }) else { return nil }
            return (port.type, "parameter `\(name)`")
        case .port(let endpoint):
            let node = nodes[endpoint.node]
            let output = node.definition.outputs[endpoint.output]
            return (output.type, "`\(node.name).\(output.name)`")
        }
    }

    public func setLimits(of node: Int, timeout: Double?, retries: Int?) {
        nodes[node].timeout = timeout
        nodes[node].retries = retries
    }

    public func addOutput(_ name: String, from source: Endpoint) throws {
        var place = 0
        var end = outputs.count
        while place < end {
            let middle = (place + end) / 2
            if outputs[middle].name < name { place = middle + 1 } else { end = middle }
        }
        if place < outputs.count, outputs[place].name == name {
            throw WorkflowError("there is an output `\(name)` already")
        }
        outputs.insert(Output(name: name, source: source), at: place)
    }

    /// The output port of a node by name.
    public func endpoint(_ node: Int, _ output: String) throws -> Endpoint {
        let definition = nodes[node].definition
        guard let place = definition.outputIndex[output] else {
            throw WorkflowError(
                "`\(nodes[node].name)` (\(definition.name)) has no output `\(output)`"
                    + hint(for: output, among: definition.outputs.map(\.name)))
        }
        return Endpoint(node: node, output: place)
    }

    /// The workflow as a module: its parameters are the inputs.
    public func asModule() -> ModuleDefinition {
        ModuleDefinition(
            name: name, version: "workflow", doc: doc, inputs: parameters,
            outputs: outputs.map { Port(name: $0.name, type: type(of: $0.source)) },
            body: .workflow(self), location: location)
    }
}
