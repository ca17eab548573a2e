// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

// The choices of steps with branches.

extension Run {
    /// Lets the steps choose whose conditions are known.
    func chooseBranches(_ lua: borrowing Lua) throws {
        while demand?.choosing.isEmpty == false {
            for index in demand?.takeChoosing() ?? [] {
                let chosen = try chosenStep(index, lua)
                // The plan still has all branches of the step. A copy of it would be made for each choice.
                demand?.choose(index, chosen, in: plan)
                setStep(chosen, at: index)
            }
        }
    }

    /// True if an input comes from a step whose work goes on after the run.
    private func isWaiting(_ input: Plan.Input?) -> Bool {
        var isWaiting = false
        input?.forEachOutput { if waiting.contains($0.step) { isWaiting = true } }
        return isWaiting
    }

    /// Returns a step with branches without those that it has not chosen.
    private func chosenStep(_ index: Int, _ lua: borrowing Lua) throws -> Plan.Step {
        var step = plan.steps[index]
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        func push(_ name: String) throws -> Bool {
            guard let position = step.definition.inputIndex[name],
                let input = step.input(named: name)
            else { return false }
            if case .absent = input { return false }
            var hasFailed = false
            input.forEachOutput { if !hasResult($0.step) { hasFailed = true } }
            if hasFailed { return false }
            try self.push(input, lua)
            if lua.isNil(at: -1), let value = step.valueForNil(at: position) {
                lua.pop()
                try lua.push(value)
            }
            return true
        }
        if step.definition.control == .default {
            if try push("value") {
                if !lua.isNil(at: -1) { step.remove("default") }
            } else if step.replacesFailure, !isWaiting(step.input(named: "value")) {
                step.remove("value")
            } else if step.isGiven("value") {
                // The node of the value has failed, or its work goes on.
                step.remove("default")
            }
            return step
        }
        if step.isGiven("condition") {
            let isKnown = try push("condition")
            let isTrue = isKnown && lua.boolean(at: -1) == true
            let isFalse = isKnown && lua.boolean(at: -1) == false
            if !isTrue { step.remove("yes") }
            if !isFalse { step.remove("no") }
            return step
        }
        var key: TablePath.Key?
        if try push("value") {
            if lua.type(at: -1) == .string {
                key = .name(lua.withBytes(at: -1) { Array($0) } ?? [])
            } else if lua.isInteger(at: -1) {
                key = lua.integer(at: -1).map { .position($0) }
            }
        }
        let isThere = try step.keepCase(key, lua)
        if isThere || key == nil { step.remove("otherwise") }
        if key != nil, isThere || step.hasListedCases && step.isGiven("otherwise") {
            // The value of a branch may be nil: `compute` cannot look for the case.
            try lua.push(isThere)
            step.set("condition", try lua.takeReference())
        }
        return step
    }
}

extension Plan.Step {
    /// Returns an input by its name.
    func input(named name: String) -> Plan.Input? {
        definition.inputIndex[name].map { inputs[$0] }
    }

    func isGiven(_ name: String) -> Bool {
        guard let input = input(named: name) else { return false }
        if case .absent = input { return false }
        return true
    }

    fileprivate mutating func remove(_ name: String) {
        guard let position = definition.inputIndex[name] else { return }
        inputs[position] = .absent
        removeCompanions(of: position)
    }

    fileprivate mutating func set(_ name: String, _ value: LuaReference) {
        guard let position = definition.inputIndex[name] else { return }
        inputs[position] = .value(value)
    }

    /// True if the cases are written in the flow, and do not come from a port as a whole.
    fileprivate var hasListedCases: Bool {
        switch input(named: "cases") {
        case .value?, .table?: true
        default: false
        }
    }

    /// Removes the companions of sources that an input does not have any more.
    private mutating func removeCompanions(of position: Int) {
        var sources: Set<Int> = []
        inputs[position].forEachOutput { sources.insert($0.step) }
        companions.removeAll { $0.input == position && !sources.contains($0.source) }
    }

    /// Removes all cases but one.
    ///
    /// - Returns: true if there is such a case.
    fileprivate mutating func keepCase(
        _ key: TablePath.Key?, _ lua: borrowing Lua
    ) throws -> Bool {
        guard let position = definition.inputIndex["cases"] else { return false }
        var constants: LuaReference?
        var isThere = false
        switch inputs[position] {
        case .value(let value): constants = value
        case .table(var table):
            constants = table.constants
            table.elements.removeAll { $0.path.keys.first != key }
            isThere = !table.elements.isEmpty
            inputs[position] = .table(table)
            removeCompanions(of: position)
        default: break
        }
        if isThere { return true }
        guard let constants, let key else { return false }
        return try lua.hasField(key, of: constants)
    }
}
