// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge

/// The steps of a run, in order: one for each module of a workflow and of the workflows inside it,
/// with the sources of its inputs.
public struct Plan {
    /// The steps; each comes after those that its inputs come from.
    public internal(set) var steps: [Step] = []
    /// The outputs of the workflow, each with the output of a step that gives the value.
    public internal(set) var outputs: [(name: String, source: StepOutput)] = []
    /// Probable mistakes that do not prevent a run. Those of a module are reported once in a process.
    public internal(set) var warnings: [WorkflowError] = []
    /// The parameters of the workflow and their values, for the record of the run.
    var parameters: [(port: Port, value: LuaReference?)] = []

    /// A module with the sources of its inputs.
    public struct Step {
        /// The name of the node; that of a node in an inner workflow is `outer/inner`.
        public var name: String
        /// The module.
        public var definition: ModuleDefinition
        /// The sources of the module's inputs, in their order.
        public var inputs: [Input]
        /// The line of the script that added the node.
        public var location: SourceLocation?
        /// The options of the node, with the time limit and the retries of the module where the node
        /// has none.
        public var options: NodeOptions
        /// The checks of values that come from other steps through parameters of inner workflows.
        var checks: [ParameterCheck] = []
    }

    /// The check of a value by a parameter of an inner workflow, before an input gets the value.
    struct ParameterCheck {
        /// The index of the input.
        var input: Int
        /// The name of the inner workflow.
        var workflow: String
        /// The parameter.
        var port: Port
    }

    /// A reference to one of the outputs of a step.
    public struct StepOutput: Sendable {
        /// The index of the step in ``Plan/steps``.
        public var step: Int
        /// The index of the output among those of the module.
        public var output: Int
    }

    /// The source of an input of a step.
    public enum Input {
        /// The input is optional and has no value.
        case absent
        /// A constant, a default or an argument.
        case value(LuaReference)
        /// An output of an earlier step.
        case output(StepOutput)
        /// A table with values of other sources in it.
        case table(Table)
    }

    /// A table that an input gets, with values of other sources in it.
    public struct Table {
        /// The table without these values.
        var constants: LuaReference
        /// The other values.
        var elements: [Element]
    }

    /// A value in a table that an input gets.
    struct Element {
        /// The place in the table.
        var path: TablePath
        /// The name of the input with the place, such as `values[2]`, and the type of the value.
        var port: Port
        /// The source of the value.
        var input: Input
        /// The checks by parameters of inner workflows on the way to the input.
        var checks: [ParameterCheck] = []
    }
}

extension Plan.Input {
    /// Calls `body` with each output of a step that the input gets.
    func forEachOutput(_ body: (Plan.StepOutput) throws -> Void) rethrows {
        switch self {
        case .absent, .value: return
        case .output(let source): try body(source)
        case .table(let table):
            for element in table.elements { try element.input.forEachOutput(body) }
        }
    }

    /// Replaces the steps of outputs by others.
    mutating func moveOutputs(_ move: (Int) -> Int?) {
        switch self {
        case .absent, .value: return
        case .output(var source):
            guard let step = move(source.step) else { return }
            source.step = step
            self = .output(source)
        case .table(var table):
            for position in table.elements.indices {
                table.elements[position].input.moveOutputs(move)
            }
            self = .table(table)
        }
    }

    /// Calls `body` with each output of a step that the input gets, with the place of the value as a
    /// port: the input itself, or one for an element of its table.
    func forEachOutput(
        of port: Port, _ body: (Plan.StepOutput, Port) throws -> Void
    ) rethrows {
        switch self {
        case .absent, .value: return
        case .output(let source): try body(source, port)
        case .table(let table):
            for element in table.elements {
                try element.input.forEachOutput(of: element.port, body)
            }
        }
    }
}

// MARK: - Making a plan

extension Graph {
    /// Checks the workflow and makes a plan of it.
    ///
    /// - Parameters:
    ///   - arguments: values of the workflow's parameters.
    ///   - targets: names of nodes. The plan has only these nodes and those that they depend on; it
    ///     has all nodes if there are no targets.
    ///   - isComplete: true if parameters without a default must have a value. It is false for a
    ///     check of a workflow that does not run.
    ///   - capabilities: the capabilities that modules may require.
    /// - Throws: ``InvalidWorkflow`` with all errors; ``UnknownNode`` for a target.
    public func plan(
        arguments: [String: LuaReference] = [:], targets: [String] = [], isComplete: Bool = true,
        capabilities: Capabilities = Capabilities(), _ lua: borrowing Lua
    ) throws -> Plan {
        var builder = PlanBuilder(isComplete: isComplete, capabilities: capabilities)
        builder.plan.parameters = parameters.map { port in
            (port, arguments[port.name] ?? port.defaultValue)
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

    /// Checks arguments against the parameters, and returns the values of those that have one.
    ///
    /// - Parameter isComplete: true if parameters without a default must have a value.
    /// - Throws: ``InvalidWorkflow`` with all errors.
    package func values(
        of arguments: [String: LuaReference], isComplete: Bool, _ lua: borrowing Lua
    ) throws -> [String: LuaReference] {
        var builder = PlanBuilder(isComplete: isComplete, capabilities: Capabilities())
        let bound = try builder.bind(parameters, to: arguments, of: self, lua)
        guard builder.problems.isEmpty else {
            throw InvalidWorkflow(problems: builder.problems)
        }
        return bound.compactMapValues { source in
            if case .value(let value) = source.input { value } else { nil }
        }
    }
}

/// The compiler of a plan, with the errors that it found.
struct PlanBuilder {
    var plan = Plan()
    var problems: [WorkflowError] = []
    let isComplete: Bool
    let capabilities: Capabilities
    /// Constants that are inputs of inner workflows: the parameters of these check them.
    var innerConstants: [(value: LuaReference, port: Port, node: Graph.Node)] = []

    /// The source of a value, and the parameters of inner workflows on the way.
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

    /// Appends the steps of a graph, in the order of `add`.
    ///
    /// - Returns: for each node, the outputs of steps that are its outputs.
    @discardableResult
    mutating func expand(
        _ graph: Graph, prefix: String, parameters: [String: Source],
        options: NodeOptions = NodeOptions(), _ lua: borrowing Lua
    ) throws -> [[Plan.StepOutput]] {
        // A connection may come from a node that was added later, so indices are assigned first.
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
                    options: node.options.inheriting(options))
                step.options.timeout = step.options.timeout ?? node.definition.timeout
                step.options.retries = step.options.retries ?? node.definition.retries
                for (position, source) in sources.enumerated() {
                    step.checks += source.through.map {
                        Plan.ParameterCheck(input: position, workflow: $0.workflow, port: $0.port)
                    }
                }
                plan.steps.append(step)
            case .workflow(let inner):
                try expand(
                    inner, prefix: prefix + node.name + "/",
                    parameters: passing(sources, into: node),
                    options: node.options.inheriting(options), lua)
            }
        }
        if prefix.isEmpty {
            plan.outputs = graph.outputs.map { output in
                (output.name, places[output.source.node][output.source.output])
            }
        }
        return places
    }

    /// Returns the sources of the parameters of a node that is a workflow.
    private mutating func passing(
        _ sources: [Source], into node: Graph.Node
    ) -> [String: Source] {
        var parameters: [String: Source] = [:]
        for (port, source) in zip(node.definition.inputs, sources) {
            var source = source
            switch source.input {
            case .absent: break
            case .value(let value): innerConstants.append((value, port, node))
            case .output, .table:
                if port.isDemanding { source.through.append((node.definition.name, port)) }
            }
            parameters[port.name] = source
        }
        return parameters
    }

    /// Returns the outputs of steps that are a node's outputs, if its first step is `next`.
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

    /// Returns the table that an input gets.
    private func table(
        _ table: TableSource, for port: Port, _ parameters: [String: Source],
        _ places: [[Plan.StepOutput]]
    ) -> Plan.Table {
        var elements: [Plan.Element] = []
        elements.reserveCapacity(table.elements.count)
        for element in table.elements {
            var source = Source(.absent)
            switch element.source {
            case .port(let endpoint):
                source = Source(.output(places[endpoint.node][endpoint.output]))
            case .parameter(let name): source = parameters[name] ?? source
            case .value, .table: continue
            }
            if case .absent = source.input { continue }
            var place = Port(
                name: element.path.label(after: port.name),
                type: port.type.element(at: element.path) ?? .any)
            place.comparison = port.comparison
            elements.append(
                Plan.Element(
                    path: element.path, port: place, input: source.input,
                    checks: source.through.map {
                        Plan.ParameterCheck(input: 0, workflow: $0.workflow, port: $0.port)
                    }))
        }
        return Plan.Table(constants: table.constants, elements: elements)
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
            // The error about a missing required parameter was reported at the parameter.
            if graph.parameters.contains(where: { $0.name == name && $0.isRequired }) {
                return Source(.absent)
            }
        case .port(let endpoint):
            return Source(.output(places[endpoint.node][endpoint.output]))
        case .table(let table):
            return Source(.table(self.table(table, for: port, parameters, places)))
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
    /// Returns the value; for a relative path, the path with `directory` in front.
    package func placed(
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
