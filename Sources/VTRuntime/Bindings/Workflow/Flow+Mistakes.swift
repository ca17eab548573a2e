// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTWorkflow

// Objects of a workflow that are given where a port is meant.

extension Flow {
    /// Returns the error for the object at `index` as an input; nil for other values.
    func mistake(at index: Int, _ lua: borrowing Lua) -> WorkflowError? {
        if let node = lua.object(FlowNode.luaClass, at: index) {
            return WorkflowError(node.misuse)
        }
        if let flow = lua.object(Flow.luaClass, at: index) {
            return WorkflowError(
                "workflow `\(flow.graph.name)` is not a value; add it with flow:add, and give an "
                    + "output of that node")
        }
        if let parameters = lua.object(FlowParameters.luaClass, at: index) {
            return WorkflowError(
                "flow.params is not a value; "
                    + Self.advice("flow.params", parameters.flow.graph))
        }
        if let parameters = lua.object(BuildParameters.luaClass, at: index) {
            return WorkflowError(
                "the parameters of `build` are not a value; " + Self.advice("p", parameters.graph))
        }
        return nil
    }

    /// Returns the error for the object at `index` as an output of the workflow; nil for other values.
    func mistake(inOutput name: String, at index: Int, _ lua: borrowing Lua) -> WorkflowError? {
        if let node = lua.object(FlowNode.luaClass, at: index) {
            return WorkflowError(
                "flow:outputs: `\(name)` must be an output port, got node `\(node.name)`; "
                    + node.advice)
        }
        if let parameter = lua.object(FlowParameter.luaClass, at: index) {
            return WorkflowError(
                "flow:outputs: `\(name)` must be an output port of a node, got flow.params."
                    + "\(parameter.name); write \(name) = node.port")
        }
        if let value = lua.object(EachValue.luaClass, at: index) {
            return WorkflowError(
                "flow:outputs: `\(name)` must be an output port, got \(value.function); add a node "
                    + "with it as an input, and write \(name) = node.port")
        }
        return nil
    }

    private static func advice(_ table: String, _ graph: Graph) -> String {
        let names = graph.parameters.map { "\(table).\($0.name)" }
        return names.isEmpty
            ? "workflow `\(graph.name)` has no parameters" : "write \(names.alternatives)"
    }
}

extension FlowNode {
    /// The message for a node in the place of a port.
    var misuse: String { "node `\(name)` is not a value; \(advice)" }

    /// The ports of the node, as they are written.
    fileprivate var advice: String {
        let definition = flow.graph.nodes[index].definition
        let ports = definition.outputs.map { "\(name).\($0.name)" }
        return ports.isEmpty ? "`\(definition.name)` has no outputs" : "write \(ports.alternatives)"
    }
}

// MARK: - Ports and parameters used as values

extension FlowPort {
    /// The message for a port that is used as a value.
    fileprivate var misuse: String {
        let node = flow.graph.nodes[endpoint.node]
        let name = "\(node.name).\(node.definition.outputs[endpoint.output].name)"
        return
            "`\(name)` is a port, which has no value before the workflow runs; give it to a module, "
            + "and use the value in its compute"
    }

    /// Makes uses of a port as a value errors.
    static func refuseUses(in type: inout LuaMembers<FlowPort>) {
        for event in LuaOperator.ofValues {
            type.anyOperator(event) { lua, port in throw lua.error(port.misuse) }
        }
        type.index { lua, port in throw lua.error(port.misuse, level: 2) }
        type.newIndex { lua, port in throw lua.error(port.misuse, level: 2) }
    }
}

extension FlowParameter {
    /// The message for a parameter that is used as a value.
    fileprivate var misuse: String {
        "flow.params.\(name) has no value on this line; write build = function(flow, p) ... end in "
            + "vt.workflow, and in it p.\(name)"
    }

    /// Makes uses of a parameter as a value errors.
    static func refuseUses(in type: inout LuaMembers<FlowParameter>) {
        for event in LuaOperator.ofValues {
            type.anyOperator(event) { lua, parameter in throw lua.error(parameter.misuse) }
        }
        type.index { lua, parameter in throw lua.error(parameter.misuse, level: 2) }
        type.newIndex { lua, parameter in throw lua.error(parameter.misuse, level: 2) }
    }
}

extension EachValue {
    /// The message for elements that are used as a value.
    fileprivate var misuse: String {
        "what \(function) returns is an input of a node, and has no value on this line; use the "
            + "value of an element in the module's compute"
    }

    /// Makes uses of elements as a value errors.
    static func refuseUses(in type: inout LuaMembers<EachValue>) {
        for event in LuaOperator.ofValues {
            type.anyOperator(event) { lua, value in throw lua.error(value.misuse) }
        }
        type.index { lua, value in throw lua.error(value.misuse, level: 2) }
        type.newIndex { lua, value in throw lua.error(value.misuse, level: 2) }
    }
}

extension LuaOperator {
    /// The operators of numbers, texts, tables and functions.
    fileprivate static let ofValues: [LuaOperator] = [
        .add, .subtract, .multiply, .divide, .modulo, .power, .negate, .floorDivide, .concatenate,
        .length, .less, .lessOrEqual, .call, .pairs,
    ]
}

extension [String] {
    /// `a, b or c`
    fileprivate var alternatives: String {
        guard let last, count > 1 else { return joined() }
        return dropLast().joined(separator: ", ") + " or " + last
    }
}
