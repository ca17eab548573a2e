// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

// Branches in workflows that are computed for each element: each element chooses for itself.

extension Plan {
    /// True if elements of some steps may turn out not to be needed.
    var hasElementBranches: Bool { steps.contains { $0.choosesForElements } }

    /// The number of levels of iteration that two steps share, because a workflow around both has them.
    func sharedLevels(_ first: Int, _ second: Int) -> Int {
        guard let first = steps[first].each, let second = steps[second].each else { return 0 }
        return zip(first.levels, second.levels).prefix { $0.number == $1.number }.count
    }

    /// Notes for each step whether another value takes the place of an element that fails.
    mutating func noteReplacedElements() {
        guard steps.contains(where: { $0.choosesForElements && $0.replacesFailure }) else { return }
        var isReplaced = steps.indices.map { steps[$0].each != nil }
        var isConsumed = Array(repeating: false, count: steps.count)
        for (_, source) in outputs { isReplaced[source.step] = false }
        for (index, step) in steps.enumerated().reversed() {
            if !isConsumed[index] { isReplaced[index] = false }
            step.forEachNeed { source, input in
                isConsumed[source] = true
                if step.gathering != nil, input == nil { return }
                let isCaught =
                    step.choosesForElements && step.replacesFailure
                    && input.map { step.definition.inputs[$0].name } == "value"
                if input == nil || sharedLevels(source, index) == 0
                    || !isCaught && !isReplaced[index]
                {
                    isReplaced[source] = false
                }
            }
        }
        for index in steps.indices where isReplaced[index] {
            guard let each = steps[index].each else { continue }
            switch each.gaps {
            case .none, .left: each.gaps = .replaced
            case .leftOutside, .replaced: continue
            }
        }
    }
}

extension Plan.Step {
    /// True for a step with branches that each element of a workflow around it chooses for itself.
    var choosesForElements: Bool { each?.choosesForElements ?? false }

    /// True if an input is a branch that some elements choose.
    func isElementBranch(_ position: Int) -> Bool {
        choosesForElements
            && computing.control?.branches.contains(computing.inputs[position].name) ?? false
    }
}

extension PlanBuilder {
    /// Makes the steps of branches in workflows that are computed for each element come after what
    /// decides on them.
    mutating func addElementBranches() {
        guard plan.hasElementBranches else { return }
        for step in plan.steps { step.each?.isSelective = true }
        let certain = certainSteps { step, input in
            step.isBranch(input) || step.isElementBranch(input)
        }
        for index in plan.steps.indices where plan.steps[index].choosesForElements {
            let (conditions, branches) = conditionsAndBranches(of: index)
            if conditions.isEmpty { continue }
            let before = steps(neededBy: conditions, except: [])
            for step in steps(neededBy: branches, except: certain.union(before))
            where plan.sharedLevels(step, index) > 0 {
                early[step, default: []] += conditions
                earlyElements[step, default: []] += conditions
            }
        }
    }

    private func conditionsAndBranches(of index: Int) -> (conditions: [Int], branches: [Int]) {
        var conditions: [Int] = []
        var branches: [Int] = []
        let step = plan.steps[index]
        step.forEachNeed { source, input in
            guard let input else { return }
            if step.isElementBranch(input) {
                branches.append(source)
            } else {
                conditions.append(source)
            }
        }
        return (conditions, branches)
    }
}
