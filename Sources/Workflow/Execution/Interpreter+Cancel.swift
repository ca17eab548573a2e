// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge

// The end of suspended work outside of a run.

extension Interpreter {
    /// Gives the handle of a suspended node to the method `cancel` of its module, and forgets it.
    ///
    /// - Parameter plan: a plan of the workflow.
    /// - Returns: the reason why the handle stays; nil if it is forgotten.
    package func cancel(
        _ node: SuspendedNode, in plan: Plan, environment: RunEnvironment, _ lua: borrowing Lua
    ) throws -> String? {
        guard let module = try module(of: node.node, in: plan, lua) else {
            return "the workflow has no node `\(node.node)`"
        }
        let outer = runningEnvironment
        runningEnvironment = environment
        defer { runningEnvironment = outer }
        let run = try Run(
            plan: plan, id: "", workflow: node.workflow, options: Options(),
            environment: environment, interpreter: self, lua)
        return try run.tryToCancel(node, of: module, lua)
    }

    /// Returns the module that computes a node, an element, a turn, or a node of a workflow that a turn
    /// or an element runs; nil if the plan does not show it.
    private func module(
        of name: String, in plan: Plan, _ lua: borrowing Lua
    ) throws -> ModuleDefinition? {
        if let step = plan.steps.first(where: { $0.name == name }) { return step.computing }
        if let part = ElementName(name),
            let step = plan.steps.first(where: { $0.name == part.node })
        {
            guard step.hasTurns else { return step.computing }
            guard case .value(let value)? = step.input(named: "step") else { return nil }
            try lua.push(value)
            defer { lua.pop() }
            return try findDefinition(lua)
        }
        for slash in name.indices.reversed() where name[slash] == "/" {
            guard let outer = try module(of: String(name[..<slash]), in: plan, lua) else {
                continue
            }
            guard let graph = outer.workflow else { return nil }
            let inner = try graph.plan(isComplete: false, lua)
            return try module(of: String(name[name.index(after: slash)...]), in: inner, lua)
        }
        return nil
    }
}
