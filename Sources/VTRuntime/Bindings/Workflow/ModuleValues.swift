// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTWorkflow

// Modules as values of inputs of type `module`.

extension ModuleDefinition {
    /// The names of the inputs whose values are modules.
    var moduleInputs: Set<String> {
        Set(inputs.lazy.filter { if case .module = $0.type { true } else { false } }.map(\.name))
    }
}

extension Flow {
    /// Returns the module at `index`, which is a name, a definition or a workflow, as the source of an
    /// input; nil for a port or a parameter.
    ///
    /// - Throws: ``WorkflowError`` if there is no such module.
    func moduleSource(
        at index: Int, of node: String, _ lua: borrowing Lua
    ) throws -> Graph.Source? {
        let index = lua.absolute(index)
        switch lua.type(at: index) {
        case .string, .table: break
        case .userdata where lua.object(Flow.luaClass, at: index) != nil: break
        default: return nil
        }
        try lua.pushNil()
        defer { lua.pop() }
        if let flow = lua.object(Flow.luaClass, at: index) {
            try lua.push(try workspace.moduleValue(of: flow, index, lua), as: ModuleValue.luaClass)
        } else {
            let definition = try module(at: index, of: node, inputs: lua.top, lua)
            guard case .workflow = definition.body else {
                try lua.push(ModuleValue(definition), as: ModuleValue.luaClass)
                return .value(try lua.takeReference())
            }
            try workspace.pushRequired(lua.string(at: index) ?? "", lua)
            defer { lua.pop(2) }
            guard let flow = lua.object(Flow.luaClass, at: -2) else { return nil }
            try lua.push(try workspace.moduleValue(of: flow, -2, lua), as: ModuleValue.luaClass)
            return .value(try lua.takeReference())
        }
        return .value(try lua.takeReference())
    }
}

extension Workspace {
    /// Returns a module that runs a workflow in its `compute`.
    fileprivate func moduleValue(
        of flow: Flow, _ index: Int, _ lua: borrowing Lua
    ) throws -> ModuleValue {
        let whole = flow.graph.asModule()
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let workflow = lua.absolute(index)
        try lua.load(
            """
            local workflow = ...
            local M = {}
            function M:compute(inputs) return workflow.flow:run { params = inputs }.outputs end
            return M
            """, name: "=workflow")
        try lua.push(
            WorkflowValue(flow.graph, flow: try lua.reference(at: workflow)),
            as: WorkflowValue.luaClass)
        try lua.call(arguments: 1, results: 1)
        let module = ModuleDefinition(
            name: whole.name, version: whole.version, doc: whole.doc, inputs: whole.inputs,
            outputs: whole.outputs, body: .script(try lua.takeReference()),
            location: whole.location)
        module.workflow = flow.graph
        return ModuleValue(module)
    }
}
