// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel

/// The compiler of a plan, with the errors that it found.
struct PlanBuilder {
    var plan = Plan()
    var problems: [WorkflowError] = []
    let isComplete: Bool
    let capabilities: Capabilities
    /// Constants that are inputs of inner workflows: the parameters of these check them.
    var innerConstants: [(value: LuaReference, port: Port, node: Graph.Node)] = []
    /// The steps of nodes that are workflows.
    var groups: [Group] = []
    /// For each step those that come before it by `control.order`.
    var orders: [Int: [Int]] = [:]
    /// The nodes of `control.order` by the steps that they order.
    var orderNodes: [[Int]: (name: String, location: SourceLocation?)] = [:]
    /// For each step those that decide whether it is needed.
    var early: [Int: [Int]] = [:]
    /// For each step those that decide which of its elements are needed.
    var earlyElements: [Int: [Int]] = [:]
    /// The number of levels of iteration so far.
    var levelCount = 0

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
            if port.type.holdsStreams {
                problems.append(
                    WorkflowError(
                        "parameter `\(port.name)` (\(port.type)): a stream comes from a node; add this "
                            + "workflow as a node of another, and connect the parameter there",
                        at: graph.location))
                continue
            }
            if let value = try arguments[port.name] ?? port.environmentValue(lua) {
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
                        "parameter `\(port.name)` (\(port.type)) has no value; \(port.sources)",
                        at: graph.location))
            }
        }
        return bound
    }

    private mutating func checkArgument(
        _ value: LuaReference, _ port: Port, _ lua: borrowing Lua
    ) throws {
        do {
            try port.hide(value, lua)
        } catch let error as WorkflowError {
            problems.append(error)
        }
        try lua.push(value)
        defer { lua.pop() }
        if let reason = try port.mismatch(lua, at: -1) {
            problems.append(WorkflowError("parameter `\(port.name)`: \(reason)"))
        }
    }

    /// The levels of iteration around a workflow, and the options of its node.
    struct Enclosure {
        var prefix = ""
        var options = NodeOptions()
        var levels: [Plan.Level] = []
        /// True if failed elements of the workflow are left out.
        var leavesGaps = false
        /// The line that added the outermost of the library's workflows around; nil if there are none.
        var location: SourceLocation?
    }

    /// Appends the steps of a graph, in the order of `add`.
    ///
    /// - Returns: for each node, the outputs of steps that are its outputs.
    @discardableResult
    mutating func expand(
        _ graph: Graph, in around: Enclosure = Enclosure(), parameters: [String: Source],
        _ lua: borrowing Lua
    ) throws -> [[Plan.StepOutput]] {
        // A connection may come from a node that was added later, so indices are assigned first.
        var places: [[Plan.StepOutput]] = []
        var next = plan.steps.count
        var ranges: [Range<Int>] = []
        for node in graph.nodes {
            let start = next
            places.append(Self.places(of: node, from: &next))
            ranges.append(start..<next)
        }
        for (number, added) in graph.nodes.enumerated() {
            var node = added
            node.location = around.location ?? node.location
            let scope = Scope(
                node: node, graph: graph, around: around, parameters: parameters, places: places,
                ranges: ranges)
            var sources: [Source] = []
            sources.reserveCapacity(node.definition.inputs.count)
            for position in node.definition.inputs.indices {
                sources.append(try resolve(position, scope, lua))
            }
            let levels = around.levels + (try self.levels(scope, lua))
            let options = node.options.inheriting(around.options)
            switch node.definition.body {
            case .script:
                plan.steps.append(try step(scope, sources, levels, options, lua))
            case .workflow(let inner):
                let first = plan.steps.count
                var within = Enclosure(
                    prefix: around.prefix + node.name + "/", options: options, levels: levels)
                within.options.onError = nil
                within.location = around.location ?? (inner.isBuiltIn ? node.location : nil)
                within.leavesGaps = around.leavesGaps || node.collects
                let inside = try expand(
                    inner, in: within, parameters: passing(sources, into: node), lua)
                groups.append(
                    Group(steps: ranges[number], outputs: Set(places[number].map(\.step))))
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
        let around: Enclosure
        let parameters: [String: Source]
        let places: [[Plan.StepOutput]]
        /// The steps of each node.
        let ranges: [Range<Int>]
    }

    private mutating func step(
        _ scope: Scope, _ sources: [Source], _ levels: [Plan.Level], _ options: NodeOptions,
        _ lua: borrowing Lua
    ) throws -> Plan.Step {
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
        if node.definition.control == .order {
            addOrder(&step, scope)
            return step
        }
        if node.definition.control?.hasBranches ?? false {
            try checkBranches(&step, scope, lua)
        }
        if node.definition.control?.hasTurns ?? false {
            try checkTurns(of: step, isLifted: !levels.isEmpty, lua)
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
                if port.isSecret { refuseSecret(port, of: node) }
                if port.isDemanding {
                    source.through.append((node.definition.name, port, source.uses.count))
                }
            }
            parameters[port.name] = source
        }
        return parameters
    }

    /// The outputs of modules are kept and shown before it is known that they are secret.
    private mutating func refuseSecret(_ port: Port, of node: Graph.Node) {
        problems.append(
            WorkflowError(
                "`\(node.name)` (\(node.definition.name)): parameter `\(port.name)` is secret, and cannot "
                    + "come from a port or a list; connect it to a parameter", at: node.location))
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
}
