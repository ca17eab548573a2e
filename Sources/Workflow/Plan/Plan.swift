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
    /// True for one module that a script calls with values: streams among its inputs are iterators, and
    /// among its outputs lists.
    var isCall = false

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
        /// The steps that come before this one by `control.order`, if they are needed at all.
        var after: [Int] = []
        /// Steps that are needed where an input needs a source: the source is an output of an inner
        /// workflow, and no other step consumes the outputs of the step.
        var companions: [(input: Int, source: Int, step: Int)] = []
        /// The turn after which a step of turns stops; nil for all turns.
        var lastTurn: Int?
        /// True for a `control.default` that also replaces the value of a node that has failed.
        var replacesFailure = false
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
        builder.plan.isCall = isCall
        builder.plan.parameters = try parameters.map { port in
            (port, try arguments[port.name] ?? port.environmentValue(lua) ?? port.defaultValue)
        }
        let bound = try builder.bind(parameters, to: arguments, of: self, lua)
        try builder.expand(self, parameters: bound, lua)
        try builder.checkSteps(of: self, lua)
        if builder.problems.isEmpty {
            builder.addOrders()
            builder.addStreams(isCall: isCall)
            builder.addBranches()
            builder.sort()
        }
        if builder.problems.isEmpty, !targets.isEmpty { try builder.restrict(to: targets) }
        if builder.problems.isEmpty, !isCall { builder.checkUnread(targets: targets) }
        if builder.problems.isEmpty { builder.gatherStreams() }
        builder.plan.noteReplacedElements()
        if builder.problems.isEmpty { try builder.checkValues(lua) }
        guard builder.problems.isEmpty else {
            throw InvalidWorkflow(problems: builder.problems)
        }
        return builder.plan
    }
}
