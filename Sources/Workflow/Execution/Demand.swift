// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The steps of a run that are needed: those that no step consumes or that give outputs of the workflow,
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
                    step.hasBranches && step.replacesFailure
                    && input.map { step.definition.inputs[$0].name } == "value"
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
