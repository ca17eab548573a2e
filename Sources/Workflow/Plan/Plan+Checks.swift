// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

// Checks of a plan before anything runs.

extension PlanBuilder {
    mutating func checkSteps(of graph: Graph, _ lua: borrowing Lua) throws {
        if graph.nodes.isEmpty {
            problems.append(
                WorkflowError("workflow `\(graph.name)` has no nodes", at: graph.location))
        }
        for step in plan.steps where step.gathering == nil {
            try checkCompute(of: step, lua)
            for need in step.definition.requires {
                guard let objection = capabilities.objection(to: need) else { continue }
                problems.append(
                    WorkflowError(
                        "`\(step.name)` (\(step.definition.name)) requires `\(need)`\(objection)",
                        at: step.location))
            }
        }
    }

    private mutating func checkCompute(of step: Plan.Step, _ lua: borrowing Lua) throws {
        let definition = step.computing
        guard case .script(let module) = definition.body else { return }
        try lua.push(module)
        defer { lua.pop() }
        try lua.pushField("compute", of: -1)
        defer { lua.pop() }
        var mistake = "has no method `compute`" + (try Self.misspelling(ofComputeIn: -2, lua))
        if lua.type(at: -1) == .function {
            let compute = lua.pointer(at: -1)
            if compute == definition.checkedCompute { return }
            // A dot in place of a colon: the parameter `inputs` would receive `self`.
            guard let parameters = try lua.parameters(at: -1), !parameters.isVariadic,
                parameters.names == ["inputs"]
            else {
                definition.checkedCompute = compute
                return try checkInputs(of: definition, lua)
            }
            mistake = "has a `compute` without `self`"
        }
        let problem = WorkflowError(
            "module `\(definition.name)` \(mistake); write function M:compute(inputs)",
            at: definition.location)
        if !problems.contains(problem) { problems.append(problem) }
    }

    /// Returns a note about a method of the module at `index` whose name is like `compute`, or an empty text.
    private static func misspelling(
        ofComputeIn index: Int, _ lua: borrowing Lua
    ) throws -> String {
        var names: [String] = []
        try lua.forEachPair(of: index) {
            if lua.type(at: -1) == .function, let name = lua.string(at: -2) { names.append(name) }
        }
        return closest(to: "compute", among: names).map { ", but `\($0)`" } ?? ""
    }

    /// Warns of names that the method on top reads from its inputs, and that are not inputs.
    private mutating func checkInputs(
        of definition: ModuleDefinition, _ lua: borrowing Lua
    ) throws {
        guard let (source, _, _) = try lua.definition(at: -1) else { return }
        try lua.pushValue(at: -1)
        try lua.dump()
        defer { lua.pop() }
        let fields = lua.withBytes(at: -1) { ParameterFields(of: 1, in: $0) }
        for (name, line) in fields?.lines ?? [] where definition.inputIndex[name] == nil {
            plan.warnings.append(
                WorkflowError(
                    "module `\(definition.name)` has no input `\(name)`: it is nil here"
                        + suggestion(for: name, among: definition.inputs.map(\.name)),
                    at: SourceLocation(chunk: source, line: line)))
        }
    }

    /// Checks constants and parameters against their ports.
    mutating func checkValues(_ lua: borrowing Lua) throws {
        for (value, port, node) in innerConstants {
            do {
                try port.hide(value, lua)
            } catch let error as WorkflowError {
                problems.append(WorkflowError(error.message, at: node.location))
                continue
            }
            try checkConstant(value, port, of: node.definition, at: node.location, lua)
        }
        for step in plan.steps {
            for (position, (port, input)) in zip(step.definition.inputs, step.inputs).enumerated() {
                if let each = step.each, !each.uses[position].isEmpty {
                    try checkElements(of: input, position, each, step, lua)
                    continue
                }
                switch input {
                case .absent, .output, .element: continue
                case .value(let value):
                    try checkConstant(value, port, of: step.definition, at: step.location, lua)
                case .table(let table): try checkTable(table, port, of: step, lua)
                }
            }
        }
    }

    /// Checks the constants of a table, and that a list has no gaps.
    private mutating func checkTable(
        _ table: Plan.Table, _ port: Port, of step: Plan.Step, _ lua: borrowing Lua
    ) throws {
        guard case .list(let type) = port.type else { return }
        var keys: Set<TablePath.Key> = []
        for element in table.elements {
            if let key = element.path.keys.first { keys.insert(key) }
            guard element.path.keys.count == 1, case .value(let value) = element.input else {
                continue
            }
            try checkConstant(value, element.port, of: step.definition, at: step.location, lua)
        }
        try lua.push(table.constants)
        defer { lua.pop() }
        try lua.forEachPair(of: -1) {
            guard let position = lua.integer(at: -2) else { return }
            let key = TablePath.Key.position(position)
            // A table on the way to a port is checked when it is whole.
            if !keys.insert(key).inserted { return }
            let place = Port(
                name: TablePath([key]).label(after: port.name), type: type)
            try checkConstant(
                try lua.reference(at: -1), place, of: step.definition, at: step.location, lua)
        }
        guard
            let gap = (1...max(1, keys.count)).first(where: { !keys.contains(.position($0)) }),
            !keys.isEmpty
        else { return }
        problems.append(
            WorkflowError(
                "\(step.definition.name): input `\(port.name)`: \(port.type) expected, "
                    + "but element \(gap) is nil", at: step.location))
    }

    /// Checks the elements of a constant list that a step is computed for.
    private mutating func checkElements(
        of input: Plan.Input, _ position: Int, _ each: Plan.Each, _ step: Plan.Step,
        _ lua: borrowing Lua
    ) throws {
        guard case .value(let list) = input, each.uses[position].count == 1 else { return }
        let port = each.element.inputs[position]
        try lua.push(list)
        defer { lua.pop() }
        guard lua.isSequence(at: -1) else {
            problems.append(
                WorkflowError(
                    "\(each.element.name): input `\(port.name)`: a list expected for vt.each, got "
                        + lua.typeNameOfNoSequence(at: -1), at: step.location))
            return
        }
        if case .module = port.type {
            problems.append(
                WorkflowError(
                    "\(each.element.name): input `\(port.name)` cannot come from vt.each; add a node "
                        + "for each module", at: step.location))
            return
        }
        if let gap = try lua.firstGap(at: -1) {
            problems.append(
                WorkflowError(
                    "\(each.element.name): input `\(port.name)`, element \(gap): it is nil; a list has a "
                        + "value at each place", at: step.location))
            return
        }
        for element in 0..<lua.sequenceLength(at: -1) {
            try lua.pushSequenceElement(element + 1, of: -1)
            defer { lua.pop() }
            guard let reason = try port.mismatch(lua, at: -1) else { continue }
            problems.append(
                WorkflowError(
                    "\(each.element.name): input `\(port.name)`, element \(element + 1): \(reason)",
                    at: step.location))
            return
        }
    }

    private mutating func checkConstant(
        _ value: LuaReference, _ port: Port, of definition: ModuleDefinition,
        at location: SourceLocation?, _ lua: borrowing Lua
    ) throws {
        try lua.push(value)
        defer { lua.pop() }
        if port.type.holdsStreams, !plan.isCall {
            problems.append(
                WorkflowError(
                    "\(definition.name): input `\(port.name)` (\(port.type)): an output port of a node "
                        + "expected, got \(lua.typeName(at: -1)); give a list to a node of "
                        + "`stream.from_list`, and connect its output `items`", at: location))
            return
        }
        var port = port
        if let item = port.type.streamItem, lua.type(at: -1) == .table,
            try port.mismatch(lua, at: -1) != nil
        {
            // A script may give a list to a module that it calls.
            port.type = .list(item)
        }
        guard let reason = try port.mismatch(lua, at: -1) else { return }
        problems.append(
            WorkflowError("\(definition.name): input `\(port.name)`: \(reason)", at: location))
    }
}
