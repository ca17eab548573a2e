// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge

/// What a run does, in order: the modules of a workflow and of the workflows inside it, each
/// with the places its inputs come from.
public struct Plan {
    public internal(set) var steps: [Step] = []
    /// The workflow's outputs: a name, a step and which of its outputs.
    public internal(set) var outputs: [(name: String, source: StepOutput)] = []
    /// What is odd, and no mistake for sure; of a module once in a process.
    public internal(set) var warnings: [WorkflowError] = []
    /// The workflow's parameters and their values, for the record.
    var parameters: [(name: String, value: LuaReference?)] = []

    public struct Step {
        /// The node's name; inside a workflow that is a node, `outer/inner`.
        public var name: String
        public var definition: ModuleDefinition
        public var inputs: [Input]
        public var location: SourceLocation?
        public var timeout: Double?
        public var retries: Int?
        /// What values from other steps have to pass on their way into inner workflows.
        var checks: [RunningTask] = []
    }

    /// A parameter of a workflow inside the workflow, before the input that it leads to.
    struct RunningTask {
        var input: Int
        var workflow: String
        var port: Port
    }

    public struct StepOutput: Sendable {
        public var step: Int
        public var output: Int
    }

    /// Where an input of a step comes from.
    public enum Input {
        /// Nothing was given, and nothing needs to be.
        case absent
        case value(LuaReference)
        case output(StepOutput)
    }
}

// MARK: - Making a plan

extension Graph {
    /// Checks the workflow and plans it.
    ///
    /// - Parameters:
    ///   - arguments: values for its parameters.
    ///   - targets: names of nodes; only they and what they depend on are planned. Empty for all.
    ///   - isComplete: whether parameters that have no default need a value; a check of the
    ///     workflow alone goes without.
    ///   - capabilities: what modules may require.
    /// - Throws: ``InvalidWorkflow`` with all that is wrong; ``UnknownNode`` for a target.
    public func plan(
        arguments: [String: LuaReference] = [:], targets: [String] = [], isComplete: Bool = true,
        capabilities: Capabilities = Capabilities(), _ lua: borrowing Lua
    ) throws -> Plan {
        var builder = PlanBuilder(isComplete: isComplete, capabilities: capabilities)
        builder.plan.parameters = parameters.map { port in
            (port.name, arguments[port.name] ?? port.defaultValue)
        }
        let bound = try builder.bind(parameters, to: arguments, of: self, lua)
        try builder.expand(self, prefix: "", parameters: bound, lua)
        try builder.checkSteps(of: self, lua)
        if builder.problems.isEmpty { builder.sort() }
        if builder.problems.isEmpty, !targets.isEmpty { try builder.restrict(to: targets) }
        if builder.problems.isEmpty { try builder.checkValues(lua) }
        guard builder.problems.isEmpty else {
            throw InvalidWorkflow(problems: builder.problems)
        }
        return builder.plan
    }
}

struct PlanBuilder {
    var plan = Plan()
    var problems: [WorkflowError] = []
    let isComplete: Bool
    let capabilities: Capabilities
    /// Constants that go into inner workflows, to be checked by what those declare.
    var innerConstants: [(value: LuaReference, port: Port, node: Graph.Node)] = []

    /// Where a value comes from, and the parameters that it went through.
    struct Source {
        var input: Plan.Input
        var through: [(workflow: String, port: Port)] = []

        init(_ input: Plan.Input) { self.input = input }
    }

    init(isComplete: Bool, capabilities: Capabilities) {
        self.isComplete = isComplete
        self.capabilities = capabilities
    }

    mutating func bind(
        _ parameters: [Port], to arguments: [String: LuaReference], of graph: Graph,
        _ lua: borrowing Lua
    ) throws -> [String: Source] {
        var bound: [String: Source] = [:]
        for port in parameters {
            if let value = arguments[port.name] {
                bound[port.name] = Source(.value(value))
                try checkArgument(value, port, lua)
            } else if let value = port.defaultValue {
                bound[port.name] = Source(
                    .value(try port.type.placed(value, in: graph.directory, lua)))
            } else if port.isOptional || !isComplete {
                bound[port.name] = Source(.absent)
            } else {
                problems.append(
                    WorkflowError(
                        "parameter `\(port.name)` (\(port.type)) has no value; "
                            + "give it with -p \(port.name)=...", at: graph.location))
            }
        }
        return bound
    }

    private mutating func checkArgument(
        _ value: LuaReference, _ port: Port, _ lua: borrowing Lua
    ) throws {
        try lua.push(value)
        defer { lua.pop() }
        if let reason = try port.mismatch(lua, at: -1) {
            problems.append(WorkflowError("parameter `\(port.name)`: \(reason)"))
        }
    }

    /// Appends the steps of a graph, in the order of `add`; gives for each node where each of
    /// its outputs is.
    @discardableResult
    mutating func expand(
        _ graph: Graph, prefix: String, parameters: [String: Source], _ lua: borrowing Lua
    ) throws -> [[Plan.StepOutput]] {
        // A connection may come from a node added later, so places are given out first.
        var places: [[Plan.StepOutput]] = []
        var next = plan.steps.count
        for node in graph.nodes { places.append(Self.places(of: node, from: &next)) }
        for node in graph.nodes {
            var sources: [Source] = []
            for position in node.definition.inputs.indices {
                sources.append(
                    try resolve(position, of: node, in: graph, prefix, parameters, places, lua))
            }
            switch node.definition.body {
            case .script:
                var step = Plan.Step(
                    name: prefix + node.name, definition: node.definition,
                    inputs: sources.map(\.input), location: node.location,
                    timeout: node.timeout ?? node.definition.timeout,
                    retries: node.retries ?? node.definition.retries)
                for (position, source) in sources.enumerated() {
                    step.checks += source.through.map {
                        Plan.RunningTask(input: position, workflow: $0.workflow, port: $0.port)
                    }
                }
                plan.steps.append(step)
            case .workflow(let inner):
                try expand(
                    inner, prefix: prefix + node.name + "/",
                    parameters: passing(sources, into: node), lua)
            }
        }
        if prefix.isEmpty {
            plan.outputs = graph.outputs.map { output in
                (output.name, places[output.source.node][output.source.output])
            }
        }
        return places
    }

    /// The parameters of the workflow that a node is.
    private mutating func passing(
        _ sources: [Source], into node: Graph.Node
    ) -> [String: Source] {
        var parameters: [String: Source] = [:]
        for (port, source) in zip(node.definition.inputs, sources) {
            var source = source
            switch source.input {
            case .absent: break
            case .value(let value): innerConstants.append((value, port, node))
            case .output:
                if port.isDemanding { source.through.append((node.definition.name, port)) }
            }
            parameters[port.name] = source
        }
        return parameters
    }

    /// The places of a node's outputs, when its first step is `next`.
    private static func places(of node: Graph.Node, from next: inout Int) -> [Plan.StepOutput] {
        switch node.definition.body {
        case .script:
            defer { next += 1 }
            return node.definition.outputs.indices.map { Plan.StepOutput(step: next, output: $0) }
        case .workflow(let inner):
            var inside: [[Plan.StepOutput]] = []
            for node in inner.nodes { inside.append(places(of: node, from: &next)) }
            return node.definition.outputs.map { port in
                // The definition was made from the graph: each of its outputs is there.
                let source = inner.outputs.first { $0.name == port.name }!.source
                return inside[source.node][source.output]
            }
        }
    }

    private mutating func resolve(
        _ position: Int, of node: Graph.Node, in graph: Graph, _ prefix: String,
        _ parameters: [String: Source], _ places: [[Plan.StepOutput]], _ lua: borrowing Lua
    ) throws -> Source {
        let port = node.definition.inputs[position]
        switch node.inputs[position] {
        case .value(let value):
            return Source(.value(try port.type.placed(value, in: graph.directory, lua)))
        case .parameter(let name):
            guard case .absent? = parameters[name]?.input else {
                return parameters[name] ?? Source(.absent)
            }
            // That a required one is missing was told where it is missing.
            if graph.parameters.contains(where: { $0.name == name && $0.isRequired }) {
                return Source(.absent)
            }
        case .port(let endpoint):
            return Source(.output(places[endpoint.node][endpoint.output]))
        case nil: break
        }
        if let value = port.defaultValue {
            guard case .workflow(let inner) = node.definition.body else {
                return Source(.value(value))
            }
            return Source(.value(try port.type.placed(value, in: inner.directory, lua)))
        }
        if !port.isOptional {
            problems.append(
                WorkflowError(
                    "`\(prefix)\(node.name)` (\(node.definition.name)): input `\(port.name)` "
                        + "(\(port.type)) is missing", at: node.location))
        }
        return Source(.absent)
    }
}

extension PortType {
    /// The value, or, for a relative path, the path from `directory`.
    func placed(
        _ value: LuaReference, in directory: String, _ lua: borrowing Lua
    ) throws -> LuaReference {
        switch self {
        case .file, .directory: break
        default: return value
        }
        try lua.push(value)
        defer { lua.pop() }
        guard let path = lua.text(at: -1), !path.hasPrefix("/"), !directory.isEmpty,
            directory != "."
        else { return value }
        try lua.push(directory.hasSuffix("/") ? directory + path : directory + "/" + path)
        return try lua.takeReference()
    }
}
