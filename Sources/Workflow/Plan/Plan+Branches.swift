// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

// Steps that are needed only when a condition has a value.

extension Plan {
    /// True if some steps may turn out not to be needed.
    var hasBranches: Bool { steps.contains { $0.hasBranches } }
}

extension Plan.Step {
    /// True if some of its inputs are only needed when the others have values.
    var hasBranches: Bool { each == nil && definition.control?.hasBranches ?? false }

    /// True if the step computes another module in turns.
    var hasTurns: Bool { each == nil && definition.control?.hasTurns ?? false }

    /// True if an input is a branch: it is needed only if the step chooses it.
    func isBranch(_ position: Int) -> Bool {
        hasBranches
            && definition.control?.branches.contains(definition.inputs[position].name) ?? false
    }

    /// Calls `body` with each step that must have ended before this one computes, and the input that
    /// needs it; nil for a list of the iteration, or a step of a gathered workflow.
    func forEachNeed(_ body: (_ step: Int, _ input: Int?) -> Void) {
        for (position, input) in inputs.enumerated() {
            input.forEachOutput { body($0.step, position) }
        }
        for companion in companions { body(companion.step, companion.input) }
        for step in gathering?.steps ?? [] { body(step, nil) }
        guard let each else { return }
        for level in each.levels {
            for list in level.lists { list.input.forEachOutput { body($0.step, nil) } }
        }
    }
}

extension PlanBuilder {
    /// The steps of a node that is a workflow.
    struct Group {
        var steps: Range<Int>
        var outputs: Set<Int>
    }

    // MARK: control.order

    /// Notes that the steps of one node come after those of another, by a node of `control.order`.
    mutating func addOrder(_ step: inout Plan.Step, _ scope: Scope) {
        func steps(_ input: String) -> [Int] {
            guard let position = step.definition.inputIndex[input] else { return [] }
            guard let source = scope.node.inputs[position] else {
                problems.append(
                    WorkflowError(
                        "`\(step.name)` (control.order): input `\(input)` is missing; give an output "
                            + "port of a node, or a table of such ports", at: step.location))
                return []
            }
            let found = self.steps(of: source, scope)
            if found.isEmpty {
                problems.append(
                    WorkflowError(
                        "`\(step.name)` (control.order): input `\(input)` must be an output port of "
                            + "a node, or a table of such ports", at: step.location))
            }
            return found
        }
        let first = steps("first")
        let second = steps("second")
        for position in step.inputs.indices { step.inputs[position] = .absent }
        step.checks = []
        step.after = Array(Set(first + second)).sorted()
        let earlier = Set(first)
        if second.contains(where: earlier.contains) {
            problems.append(
                WorkflowError(
                    "`\(step.name)` (control.order): `first` and `second` have the same node; a "
                        + "node cannot come before itself", at: step.location))
        }
        for other in second where !earlier.contains(other) {
            orders[other, default: []] += first
            for source in first {
                orderNodes[[source, other]] = (step.name, step.location)
            }
        }
    }

    /// The steps of the nodes whose outputs a source has.
    private func steps(of source: Graph.Source, _ scope: Scope) -> [Int] {
        switch source {
        case .port(let endpoint): return Array(scope.ranges[endpoint.node])
        case .table(let table): return table.elements.flatMap { steps(of: $0.source, scope) }
        case .parameter(let name):
            var found: [Int] = []
            scope.parameters[name]?.input.forEachOutput { found.append($0.step) }
            return found
        case .value: return []
        }
    }

    // MARK: control.choose and control.default

    /// Checks the inputs of a node that has branches.
    mutating func checkBranches(
        _ step: inout Plan.Step, _ scope: Scope, _ lua: borrowing Lua
    ) throws {
        func fail(_ message: String) {
            problems.append(
                WorkflowError(
                    "`\(step.name)` (\(step.definition.name)): \(message)", at: step.location))
        }
        func isGiven(_ input: String) -> Bool {
            guard let position = step.definition.inputIndex[input] else { return false }
            if case .absent = step.inputs[position] { return false }
            return true
        }
        if step.definition.control == .choose {
            if isGiven("condition") == isGiven("value") {
                fail(
                    "write either `condition` with `yes` and `no`, or `value` with a table `cases`")
            } else if isGiven("condition"), !isGiven("yes"), !isGiven("no") {
                fail("both branches are missing; give `yes`, `no` or both")
            } else if isGiven("condition"), isGiven("cases") || isGiven("otherwise") {
                fail("`cases` and `otherwise` belong to `value`; write `yes` and `no`")
            } else if isGiven("value"), isGiven("yes") || isGiven("no") {
                fail("`yes` and `no` belong to `condition`; write a table `cases`")
            } else if isGiven("value"), !isGiven("cases") {
                fail("`cases` is missing; write cases = { name = port, ... }")
            }
        } else if let position = step.definition.inputIndex["failed"] {
            switch step.inputs[position] {
            case .absent: break
            case .value(let value):
                try lua.push(value)
                step.replacesFailure = lua.truth(at: -1)
                lua.pop()
            default: return fail("`failed` must be true or false, not a port")
            }
            if !isGiven("value"), !isGiven("default") {
                fail("both inputs are missing; give a port as `value`, and `default`")
            } else if !isGiven("default"), !step.replacesFailure {
                fail("input `default` is missing; it is the value in place of nil")
            }
        }
    }

    // MARK: What is needed

    /// Finds the order in which conditions come before what they decide on, and what the branches that
    /// are workflows consist of.
    mutating func addBranches() {
        guard plan.hasBranches || plan.hasElementBranches else { return }
        addCompanions()
        addElementBranches()
        guard plan.hasBranches else { return }
        let certain = certainSteps { step, input in step.isBranch(input) }
        for index in plan.steps.indices where plan.steps[index].hasBranches {
            var conditions: [Int] = []
            var branches: [Int] = []
            plan.steps[index].forEachNeed { step, input in
                if let input, plan.steps[index].isBranch(input) {
                    branches.append(step)
                } else {
                    conditions.append(step)
                }
            }
            if conditions.isEmpty { continue }
            let before = steps(neededBy: conditions, except: [])
            for step in steps(neededBy: branches, except: certain.union(before)) {
                early[step, default: []] += conditions
            }
        }
    }

    /// The steps that are needed whatever the conditions are.
    func certainSteps(isBranch: (Plan.Step, Int) -> Bool) -> Set<Int> {
        var roots = Set(plan.steps.indices)
        for step in plan.steps { step.forEachNeed { source, _ in roots.remove(source) } }
        roots.formUnion(plan.outputs.map(\.source.step))
        var found = roots
        var next = Array(roots)
        while let index = next.popLast() {
            let step = plan.steps[index]
            step.forEachNeed { source, input in
                if let input, isBranch(step, input) { return }
                // The end of a workflow needs the failures of its steps, whichever have computed.
                if input == nil, step.gathering != nil { return }
                if found.insert(source).inserted { next.append(source) }
            }
        }
        return found
    }

    func steps(neededBy steps: [Int], except known: Set<Int>) -> Set<Int> {
        var found = Set(steps).subtracting(known)
        var next = Array(found)
        while let index = next.popLast() {
            plan.steps[index].forEachNeed { source, _ in
                if !known.contains(source), found.insert(source).inserted { next.append(source) }
            }
        }
        return found
    }

    /// Steps of an inner workflow that no other step consumes, such as writers, are needed by the
    /// consumers of the workflow's outputs.
    private mutating func addCompanions() {
        var consumers: [Int: [(step: Int, input: Int?, source: Int)]] = [:]
        for (index, step) in plan.steps.enumerated() {
            step.forEachNeed { source, input in
                consumers[source, default: []].append((index, input, source))
            }
        }
        var taken: Set<Int> = []
        // Groups inside others come first.
        for group in groups.sorted(by: { $0.steps.count < $1.steps.count }) {
            let outside = group.outputs.flatMap { consumers[$0] ?? [] }.filter {
                !group.steps.contains($0.step)
            }
            if outside.isEmpty { continue }
            let idle = group.steps.filter { step in
                consumers[step] == nil && !group.outputs.contains(step) && !taken.contains(step)
                    && plan.steps[step].definition.control != .order
            }
            taken.formUnion(idle)
            for (step, input, source) in outside {
                guard let input else { continue }
                for companion in idle {
                    plan.steps[step].companions.append((input, source, companion))
                }
            }
        }
    }
}
