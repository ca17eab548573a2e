// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping

// Nodes of `control.loop` and `control.fold`.

extension Plan.Step {
    /// Returns a step for the module that computes the turns; nil for a step without turns, and while the
    /// module is not known.
    func turnStep(_ lua: borrowing Lua) throws -> Plan.Step? {
        guard hasTurns, case .value(let value)? = input(named: "step") else { return nil }
        try lua.push(value)
        defer { lua.pop() }
        guard let module = lua.object(ModuleValue.luaClass, at: -1)?.definition else { return nil }
        return Plan.Step(
            name: name, definition: module, inputs: module.inputs.map { _ in .element },
            location: location, options: options)
    }
}

extension PlanBuilder {
    /// Checks the module of a node that computes it in turns, if it is known.
    ///
    /// - Parameter isLifted: true if the node computes for each element of lists: then constants may be
    ///   these lists.
    mutating func checkTurns(
        of step: Plan.Step, isLifted: Bool, _ lua: borrowing Lua
    ) throws {
        guard let control = step.definition.control,
            case .value(let value)? = step.input(named: "step")
        else { return }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.push(value)
        guard let module = lua.object(ModuleValue.luaClass, at: -1)?.definition else { return }
        var objection = control.objection(to: module)
        if objection == nil, !isLifted {
            objection = try objectionToState(of: step, module, control, lua)
        }
        if objection == nil, !isLifted, control == .fold {
            objection = try objectionToList(of: step, module, control, lua)
        }
        if objection == nil {
            switch step.input(named: "inputs") {
            case .value(let given)?: try lua.push(given)
            case .absent?: try lua.pushNil()
            default: return
            }
            objection = try control.objection(toInputsOf: module, lua)
        }
        guard let objection else { return }
        problems.append(
            WorkflowError(
                "`\(step.name)` (\(step.definition.name)): \(objection)", at: step.location))
    }

    private func objectionToState(
        of step: Plan.Step, _ module: ModuleDefinition, _ control: Control, _ lua: borrowing Lua
    ) throws -> String? {
        guard let position = module.inputIndex["state"] else { return nil }
        let port = module.inputs[position]
        switch step.input(named: control.stateInput) {
        case .value(let state)?:
            try lua.push(state)
            defer { lua.pop() }
            return try port.mismatch(lua, at: -1).map { "input `\(control.stateInput)`: \($0)" }
        case .absent? where port.isRequired:
            if case .any = port.type { return nil }
            return
                "input `\(control.stateInput)` is missing; `\(module.name)` takes a state of the "
                + "type \(port.type)"
        default: return nil
        }
    }

    private func objectionToList(
        of step: Plan.Step, _ module: ModuleDefinition, _ control: Control, _ lua: borrowing Lua
    ) throws -> String? {
        guard case .value(let list)? = step.input(named: "list"),
            let position = module.inputIndex["element"]
        else { return nil }
        try lua.push(list)
        defer { lua.pop() }
        if let objection = control.objectionToList(lua) { return objection }
        let port = module.inputs[position]
        for element in 0..<lua.sequenceLength(at: -1) {
            try lua.pushSequenceElement(element + 1, of: -1)
            defer { lua.pop() }
            if let reason = try port.mismatch(lua, at: -1) {
                return "input `list`, element \(element + 1): \(reason)"
            }
        }
        return nil
    }
}
