// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTSystem

extension Interpreter {
    /// Checks that each step can compute at the places that its options name, and that the machine has the
    /// memory that it needs.
    ///
    /// - Returns: warnings of modules that set variables which other nodes do not see.
    /// - Throws: ``InvalidWorkflow``.
    package func checkPlaces(of plan: Plan, _ lua: borrowing Lua) throws -> [WorkflowError] {
        var warnings: [WorkflowError] = []
        var check: TravelCheck?
        var problems: [WorkflowError] = []
        for step in plan.steps {
            let name = "`\(step.name)` (\(step.computing.name))"
            if let memory = step.options.memory, memory > SystemMemory.limit {
                problems.append(
                    WorkflowError(
                        "\(name) needs \(memory.gibibytes) of memory, and this machine has "
                            + SystemMemory.limit.gibibytes, at: step.location))
            }
            let places = step.options.places
            if !places.isEmpty, places.first != .interpreter {
                for warning in try assignments(of: step.computing, lua)
                where !warnings.contains(warning) {
                    warnings.append(warning)
                }
            }
            if places.isEmpty || places.contains(.interpreter) { continue }
            let made = try check ?? TravelCheck(accessLog, lua)
            check = made
            guard let reason = try made.reason(for: step.turnStep(lua) ?? step, lua) else {
                continue
            }
            let given = places.map { "\"\($0.rawValue)\"" }
            let list = given.count == 1 ? given[0] : "{ \(given.joined(separator: ", ")) }"
            problems.append(
                WorkflowError(
                    "\(name) cannot compute on \(list): \(reason). Write on = \"interpreter\", or "
                        + "leave `on` out", at: step.location))
        }
        if !problems.isEmpty { throw InvalidWorkflow(problems: problems) }
        return warnings
    }

    /// Returns a warning for each variable outside of `compute` that it sets.
    private func assignments(
        of definition: ModuleDefinition, _ lua: borrowing Lua
    ) throws -> [WorkflowError] {
        guard case .script(let module) = definition.body else { return [] }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.push(module)
        try lua.pushField("compute", of: -1)
        let compute = lua.top
        guard lua.isLuaFunction(at: compute), let (source, _, _) = try lua.definition(at: compute)
        else { return [] }
        try lua.pushGlobals()
        var names: [String] = []
        var globals = -1
        while let name = try lua.pushUpvalue(names.count + 1, of: compute) {
            if lua.rawEqual(-1, compute + 1) { globals = names.count }
            names.append(name)
            lua.pop()
        }
        try lua.pushValue(at: compute)
        try lua.dump()
        guard
            let found = lua.withBytes(
                at: -1,
                {
                    OutsideVariables(setBy: $0) { $0 == globals }
                })
        else { return [] }
        let variables =
            found.upvalues.map { ("the variable `\(names[$0.key])`", $0.value) }
            + found.globals.map { ("the global `\($0.key)`", $0.value) }
        return variables.sorted { $0.1 < $1.1 }.map { variable, line in
            WorkflowError(
                "module `\(definition.name)` sets \(variable): on a worker, nothing else sees the "
                    + "change; return the value as an output",
                at: SourceLocation(chunk: source, line: line))
        }
    }
}

extension Int {
    /// A number of bytes, such as `2.5 GiB`.
    fileprivate var gibibytes: String {
        let tenths = (Double(self) / Double(1 << 30) * 10).rounded() / 10
        return tenths == tenths.rounded() ? "\(Int(tenths)) GiB" : "\(tenths) GiB"
    }
}
