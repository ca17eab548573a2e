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
        /// The iteration of a step whose module computes for each element of lists.
        var each: Each?
        /// The steps whose outputs the step gathers; nil for a step with a module.
        var gathering: Gathering?
    }

    /// The check of a value by a parameter of an inner workflow, before an input gets the value.
    struct ParameterCheck {
        /// The index of the input.
        var input: Int
        /// The name of the inner workflow.
        var workflow: String
        /// The parameter.
        var port: Port
        /// The number of levels of an iteration on which the value was taken from a list before.
        var depth = 0
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
        /// The value of the element that is computed.
        case element
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
        /// The use of each level of the step's iteration.
        var uses: [Use] = []
    }
}

extension Plan.Input {
    /// Calls `body` with each output of a step that the input gets.
    func forEachOutput(_ body: (Plan.StepOutput) throws -> Void) rethrows {
        switch self {
        case .absent, .value, .element: return
        case .output(let source): try body(source)
        case .table(let table):
            for element in table.elements { try element.input.forEachOutput(body) }
        }
    }

    /// Replaces the steps of outputs by others.
    mutating func moveOutputs(_ move: (Int) -> Int?) {
        switch self {
        case .absent, .value, .element: return
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
        case .absent, .value, .element: return
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
        try builder.expand(self, parameters: bound, lua)
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
        var through: [(workflow: String, port: Port, depth: Int)] = []
        /// The use of each level of the iteration around the workflow.
        var uses: [Plan.Use] = []

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

    /// The levels of iteration around a workflow, and the options of its node.
    struct Surroundings {
        var prefix = ""
        var options = NodeOptions()
        var levels: [Plan.Level] = []
        /// True if failed elements of the workflow are left out.
        var leavesGaps = false
    }

    /// Appends the steps of a graph, in the order of `add`.
    ///
    /// - Returns: for each node, the outputs of steps that are its outputs.
    @discardableResult
    mutating func expand(
        _ graph: Graph, in around: Surroundings = Surroundings(), parameters: [String: Source],
        _ lua: borrowing Lua
    ) throws -> [[Plan.StepOutput]] {
        // A connection may come from a node that was added later, so indices are assigned first.
        var places: [[Plan.StepOutput]] = []
        var next = plan.steps.count
        for node in graph.nodes { places.append(Self.places(of: node, from: &next)) }
        for node in graph.nodes {
            let scope = Scope(
                node: node, graph: graph, around: around, parameters: parameters, places: places)
            var sources: [Source] = []
            sources.reserveCapacity(node.definition.inputs.count)
            for position in node.definition.inputs.indices {
                sources.append(try resolve(position, scope, lua))
            }
            let levels = around.levels + (try self.levels(scope, lua))
            let options = node.options.inheriting(around.options)
            switch node.definition.body {
            case .script:
                plan.steps.append(step(scope, sources, levels, options))
            case .workflow(let inner):
                let first = plan.steps.count
                var within = Surroundings(
                    prefix: around.prefix + node.name + "/", options: options, levels: levels)
                within.options.onError = nil
                within.leavesGaps = around.leavesGaps || node.collects
                let inside = try expand(
                    inner, in: within, parameters: passing(sources, into: node), lua)
                guard node.collects else { continue }
                var outputs: [String: Plan.StepOutput] = [:]
                for output in inner.outputs {
                    outputs[output.name] = inside[output.source.node][output.source.output]
                }
                plan.steps.append(
                    gathering(scope, from: first, outputs, levels: levels.count))
            }
        }
        if around.prefix.isEmpty {
            plan.outputs = graph.outputs.map { output in
                (output.name, places[output.source.node][output.source.output])
            }
        }
        return places
    }

    /// A node with all that its sources refer to.
    struct Scope {
        let node: Graph.Node
        let graph: Graph
        let around: Surroundings
        let parameters: [String: Source]
        let places: [[Plan.StepOutput]]
    }

    private mutating func step(
        _ scope: Scope, _ sources: [Source], _ levels: [Plan.Level], _ options: NodeOptions
    ) -> Plan.Step {
        let node = scope.node
        var step = Plan.Step(
            name: scope.around.prefix + node.name, definition: node.definition,
            inputs: sources.map(\.input), location: node.location, options: options)
        step.options.timeout = options.timeout ?? node.definition.timeout
        step.options.retries = options.retries ?? node.definition.retries
        for (position, source) in sources.enumerated() {
            step.checks += source.through.map {
                Plan.ParameterCheck(
                    input: position, workflow: $0.workflow, port: $0.port, depth: $0.depth)
            }
        }
        if !levels.isEmpty {
            lift(&step, node, sources, levels, leavesGaps: scope.around.leavesGaps)
        }
        return step
    }

    /// Returns the sources of the parameters of a node that is a workflow.
    private mutating func passing(
        _ sources: [Source], into node: Graph.Node
    ) -> [String: Source] {
        var parameters: [String: Source] = [:]
        let ports = node.each?.element.inputs ?? node.definition.inputs
        for (port, source) in zip(ports, sources) {
            var source = source
            switch source.input {
            case .absent, .element: break
            case .value(let value) where source.uses.isEmpty:
                innerConstants.append((value, port, node))
            case .value, .output, .table:
                if port.isDemanding {
                    source.through.append((node.definition.name, port, source.uses.count))
                }
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
            if node.collects {
                defer { next += 1 }
                return node.definition.outputs.indices.map {
                    Plan.StepOutput(step: next, output: $0)
                }
            }
            return node.definition.outputs.map { port in
                // The definition was made from the graph: each of its outputs is there.
                let source = inner.outputs.first { $0.name == port.name }!.source
                return inside[source.node][source.output]
            }
        }
    }

    /// Returns the table that an input gets.
    private func table(_ table: TableSource, for port: Port, _ scope: Scope) -> Source {
        var elements: [Plan.Element] = []
        elements.reserveCapacity(table.elements.count)
        for element in table.elements {
            var source = Source(.absent)
            switch element.source {
            case .port(let endpoint): source = output(endpoint, scope)
            case .parameter(let name): source = scope.parameters[name] ?? source
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
                        Plan.ParameterCheck(
                            input: 0, workflow: $0.workflow, port: $0.port, depth: $0.depth)
                    }, uses: source.uses))
        }
        return Source(.table(Plan.Table(constants: table.constants, elements: elements)))
    }

    /// Returns the source that an output of a node is. Inside a workflow that is computed for each
    /// element, a node has one value for each.
    private func output(_ endpoint: Graph.Endpoint, _ scope: Scope) -> Source {
        var source = Source(.output(scope.places[endpoint.node][endpoint.output]))
        source.uses = scope.around.levels.map { _ in .whole }
        return source
    }

    private mutating func resolve(
        _ position: Int, _ scope: Scope, _ lua: borrowing Lua
    ) throws -> Source {
        let node = scope.node
        let port = node.definition.inputs[position]
        let lists = node.each?.lists[position] ?? []
        if let source = node.inputs[position] {
            var found = try resolve(source, for: port, scope, lua)
            if case .absent = found.input {
                // The error about a missing required parameter was reported at the parameter.
                if case .parameter(let name) = source,
                    scope.graph.parameters.contains(where: { $0.name == name && $0.isRequired })
                {
                    return found
                }
            } else {
                if !lists.isEmpty {
                    found.uses += Array(
                        repeating: .none, count: scope.around.levels.count - found.uses.count)
                    found.uses += lists.map(Plan.Use.list)
                }
                return found
            }
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
                    "`\(scope.around.prefix)\(node.name)` (\(node.definition.name)): input "
                        + "`\(port.name)` (\(port.type)) is missing", at: node.location))
        }
        return Source(.absent)
    }

    /// Returns what a source of the graph is in the plan.
    func resolve(
        _ source: Graph.Source, for port: Port, _ scope: Scope, _ lua: borrowing Lua
    ) throws -> Source {
        switch source {
        case .value(let value):
            Source(.value(try port.type.placed(value, in: scope.graph.directory, lua)))
        case .parameter(let name): scope.parameters[name] ?? Source(.absent)
        case .port(let endpoint): output(endpoint, scope)
        case .table(let table): self.table(table, for: port, scope)
        }
    }
}

extension PortType {
    /// Returns the value; for a relative path, the path with `directory` in front, also in lists.
    package func placed(
        _ value: LuaReference, in directory: String, _ lua: borrowing Lua
    ) throws -> LuaReference {
        guard holdsPaths, !directory.isEmpty, directory != "." else { return value }
        try lua.push(value)
        try place(in: directory.hasSuffix("/") ? directory : directory + "/", lua)
        return try lua.takeReference()
    }

    /// Replaces the path on top, or the list by one with paths, that are in a directory if they are
    /// relative.
    private func place(in directory: String, _ lua: borrowing Lua) throws {
        switch self {
        case .file, .directory:
            guard let path = lua.text(at: -1), !path.hasPrefix("/") else { return }
            lua.pop()
            try lua.push(directory + path)
        case .list(let element) where lua.type(at: -1) == .table:
            let count = lua.rawLength(at: -1)
            try lua.pushTable(elements: count)
            for position in 0..<count {
                try lua.pushRawElement(position + 1, of: -2)
                try element.place(in: directory, lua)
                try lua.setRawElement(position + 1, of: -2)
            }
            lua.remove(at: -2)
        default: return
        }
    }
}
