// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTWorkflow

// Objects of a workflow that are given where a port is meant.

extension Flow {
    /// Returns the error for the object at `index` as an input; nil for other values.
    func mistake(at index: Int, _ lua: borrowing Lua) -> WorkflowError? {
        if let node = lua.object(FlowNode.luaClass, at: index) {
            return WorkflowError("node `\(node.name)` is not a value; \(node.advice)")
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
                    + parameter.name)
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
    /// The ports of the node, as they are written.
    fileprivate var advice: String {
        let definition = flow.graph.nodes[index].definition
        let ports = definition.outputs.map { "\(name).\($0.name)" }
        return ports.isEmpty ? "`\(definition.name)` has no outputs" : "write \(ports.alternatives)"
    }
}

extension [String] {
    /// `a, b or c`
    fileprivate var alternatives: String {
        guard let last, count > 1 else { return joined() }
        return dropLast().joined(separator: ", ") + " or " + last
    }
}
