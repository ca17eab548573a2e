// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The steps of a run that are needed: those that nothing consumes or that give outputs of the workflow,
/// and what these need. The branches of a step are not needed before the step has chosen one.
struct Demand {
    private enum State { case undecided, needed, notNeeded }
    private var states: [State]
    /// For each step the number of steps that may still need it.
    private var demands: [Int]
    /// For each step those with branches that wait for its end.
    private var waiting: [Int: [Int]] = [:]
    /// For each step with branches the steps that must end before it can choose.
    private var conditions: [Int: Set<Int>] = [:]
    /// The failures that `control.default` replaces do not end the run.
    private var replaced: [Bool] = []
    /// Steps that were decided on and not taken yet.
    private(set) var decided: [Int] = []
    /// Steps with branches that can choose now.
    private(set) var choosing: [Int] = []

    init(_ plan: Plan) {
        let count = plan.steps.count
        states = Array(repeating: .undecided, count: count)
        demands = Array(repeating: 0, count: count)
        var isRoot = Array(repeating: true, count: count)
        for (index, step) in plan.steps.enumerated() {
            var before: Set<Int> = []
            step.forEachNeed { source, input in
                demands[source] += 1
                isRoot[source] = false
                if step.hasBranches, !(input.map(step.isBranch) ?? false) { before.insert(source) }
            }
            guard step.hasBranches else { continue }
            conditions[index] = before
            for source in before { waiting[source, default: []].append(index) }
        }
        for (_, source) in plan.outputs { isRoot[source.step] = true }
        var replaced = Array(repeating: false, count: count)
        var areReplaced = isRoot.map { !$0 }
        for (index, step) in plan.steps.enumerated().reversed() {
            replaced[index] = areReplaced[index]
            step.forEachNeed { source, input in
                let isCaught =
                    step.replacesFailure && input.map { step.definition.inputs[$0].name } == "value"
                if !isCaught, !replaced[index] { areReplaced[source] = false }
            }
        }
        self.replaced = replaced
        for index in plan.steps.indices where isRoot[index] {
            demands[index] += 1
            need(index, plan)
        }
    }

    func isNeeded(_ index: Int) -> Bool { states[index] == .needed }
    func isNotNeeded(_ index: Int) -> Bool { states[index] == .notNeeded }
    /// True if another value takes the place of the step's outputs when it fails.
    func isReplaced(_ index: Int) -> Bool { replaced[index] }

    /// Returns the steps that were decided on since the last call.
    mutating func takeDecided() -> [Int] {
        defer { decided = [] }
        return decided
    }

    /// Returns the steps that can choose since the last call.
    mutating func takeChoosing() -> [Int] {
        defer { choosing = [] }
        return choosing
    }

    /// Notes that a step has ended.
    mutating func end(_ index: Int) {
        for step in waiting.removeValue(forKey: index) ?? [] {
            conditions[step]?.remove(index)
            if states[step] == .needed, conditions[step]?.isEmpty ?? false { choosing.append(step) }
        }
    }

    private mutating func need(_ first: Int, _ plan: Plan) {
        var next = [first]
        while let index = next.popLast() {
            guard states[index] != .needed else { continue }
            states[index] = .needed
            decided.append(index)
            let step = plan.steps[index]
            step.forEachNeed { source, input in
                if let input, step.isBranch(input) { return }
                next.append(source)
            }
            if conditions[index]?.isEmpty ?? false { choosing.append(index) }
        }
    }

    /// Notes what a step with branches has chosen.
    ///
    /// - Parameters:
    ///   - chosen: the step with the chosen branches only.
    ///   - plan: the plan with all branches.
    mutating func choose(_ index: Int, _ chosen: Plan.Step, in plan: Plan) {
        var kept: [Int: Int] = [:]
        chosen.forEachNeed { source, input in
            if let input, chosen.isBranch(input) { kept[source, default: 0] += 1 }
        }
        let step = plan.steps[index]
        var dropped: [Int] = []
        step.forEachNeed { source, input in
            guard let input, step.isBranch(input) else { return }
            if let count = kept[source], count > 0 {
                kept[source] = count - 1
                need(source, plan)
            } else {
                dropped.append(source)
            }
        }
        for source in dropped { drop(source, plan) }
    }

    private mutating func drop(_ first: Int, _ plan: Plan) {
        var next = [first]
        while let index = next.popLast() {
            demands[index] -= 1
            guard demands[index] == 0, states[index] == .undecided else { continue }
            states[index] = .notNeeded
            decided.append(index)
            plan.steps[index].forEachNeed { source, _ in next.append(source) }
        }
    }
}

extension Run {
    /// Lets the steps choose whose conditions are known.
    func chooseBranches(_ lua: borrowing Lua) throws {
        while let demand, !demand.choosing.isEmpty {
            for index in self.demand?.takeChoosing() ?? [] {
                let all = plan
                let chosen = try chosenStep(index, lua)
                setStep(chosen, at: index)
                self.demand?.choose(index, chosen, in: all)
            }
        }
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
            } else if step.replacesFailure {
                step.remove("value")
            } else if step.isGiven("value") {
                // The node of the value has failed.
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
        if try step.keepCase(key, lua) || key == nil { step.remove("otherwise") }
        return step
    }
}

extension Plan.Step {
    /// Returns an input by its name.
    func input(named name: String) -> Plan.Input? {
        definition.inputIndex[name].map { inputs[$0] }
    }

    fileprivate func isGiven(_ name: String) -> Bool {
        guard let input = input(named: name) else { return false }
        if case .absent = input { return false }
        return true
    }

    fileprivate mutating func remove(_ name: String) {
        guard let position = definition.inputIndex[name] else { return }
        inputs[position] = .absent
        removeCompanions(of: position)
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
        try lua.push(constants)
        defer { lua.pop() }
        guard lua.type(at: -1) == .table else { return false }
        switch key {
        case .position(let number): try lua.pushRawElement(number, of: -1)
        case .name(let name):
            try name.withUnsafeBytes { try lua.push(bytes: $0) }
            lua.pushRawIndexed(of: -2)
        }
        defer { lua.pop() }
        return !lua.isNil(at: -1)
    }
}
