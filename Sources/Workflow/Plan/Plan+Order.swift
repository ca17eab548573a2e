// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

extension Plan.Step {
    /// The indices of the steps that come before this one.
    var dependencies: [Int] {
        var steps = after
        forEachNeed { step, _ in steps.append(step) }
        return steps
    }
}

extension PlanBuilder {
    /// Makes steps come after others by `control.order`.
    mutating func addOrders() {
        for (step, first) in orders { plan.steps[step].after += first }
    }

    /// Sorts the steps topologically; steps that do not depend on each other keep the order of `add`.
    ///
    /// A condition comes before what it decides on, where that makes no cycle.
    mutating func sort() {
        let steps = plan.steps
        func dependencies(_ index: Int) -> [Int] {
            early.isEmpty
                ? steps[index].dependencies : steps[index].dependencies + (early[index] ?? [])
        }
        let inOrder = steps.indices.allSatisfy { index in
            dependencies(index).allSatisfy { $0 < index }
        }
        if inOrder { return addElementConditions() }

        var waiting = steps.indices.map { Set(dependencies($0)).count }
        var dependents = Array(repeating: [Int](), count: steps.count)
        for index in steps.indices {
            for dependency in Set(dependencies(index)) {
                dependents[dependency].append(index)
            }
        }
        var ready = MinHeap()
        for index in steps.indices where waiting[index] == 0 { ready.insert(index) }
        var order: [Int] = []
        while let index = ready.removeFirst() {
            order.append(index)
            for dependent in dependents[index] {
                waiting[dependent] -= 1
                if waiting[dependent] == 0 { ready.insert(dependent) }
            }
        }
        if order.count < steps.count, !early.isEmpty {
            (early, earlyElements) = ([:], [:])
            sort()
        } else if order.count < steps.count {
            reportCycle(among: steps.indices.filter { waiting[$0] > 0 })
        } else {
            addElementConditions()
            keep(order)
        }
    }

    /// Makes steps wait for what decides which of their elements are needed.
    private mutating func addElementConditions() {
        for (step, conditions) in earlyElements { plan.steps[step].after += conditions }
    }

    private mutating func reportCycle(among left: [Int]) {
        // Each remaining step depends on another one: following dependencies leads into a cycle.
        let remaining = Set(left)
        var path: [Int] = []
        var current = left[0]
        while !path.contains(current) {
            path.append(current)
            guard let next = plan.steps[current].dependencies.first(where: remaining.contains)
            else { break }
            current = next
        }
        let cycle = Array(path.drop { $0 != current }) + [current]
        let steps = Array(cycle.reversed())
        func name(_ step: Int) -> String { "`\(plan.steps[step].name)`" }
        var message = "a cycle: " + steps.map(name).joined(separator: " -> ")
        var location = plan.steps[current].location
        for (first, second) in zip(steps, steps.dropFirst()) {
            guard let order = orderNodes[[first, second]] else { continue }
            message += "; `\(order.name)` (control.order) has \(name(first)) before \(name(second))"
            location = order.location
        }
        problems.append(WorkflowError(message, at: location))
    }

    /// Removes all steps except the targets and those that they depend on.
    mutating func restrict(to targets: [String]) throws {
        var wanted = Set<Int>()
        for target in targets {
            let matches = plan.steps.indices.filter { index in
                plan.steps[index].name == target || plan.steps[index].name.hasPrefix(target + "/")
            }
            if matches.isEmpty {
                guard let element = ElementName(target),
                    let step = plan.steps.firstIndex(where: { $0.name == element.node })
                else { throw UnknownNode(name: target, known: plan.steps.map(\.name)) }
                if plan.steps[step].hasTurns, element.place.count == 1 {
                    if !wanted.contains(step) || plan.steps[step].lastTurn != nil {
                        let last = plan.steps[step].lastTurn ?? 0
                        plan.steps[step].lastTurn = max(last, element.place[0])
                    }
                    wanted.insert(step)
                    continue
                }
                guard let each = plan.steps[step].each, each.levels.count == element.place.count
                else { throw UnknownNode(name: target, known: plan.steps.map(\.name)) }
                if !wanted.contains(step) || each.only != nil {
                    each.only = (each.only ?? []).union([element.place])
                }
                wanted.insert(step)
                continue
            }
            for step in matches {
                plan.steps[step].each?.only = nil
                plan.steps[step].lastTurn = nil
            }
            wanted.formUnion(matches)
        }
        // A dependency comes before its dependents, so one pass from the end finds all.
        for index in plan.steps.indices.reversed() where wanted.contains(index) {
            plan.steps[index].forEachNeed { step, _ in wanted.insert(step) }
        }
        keep(plan.steps.indices.filter(wanted.contains))
    }

    /// Makes the steps with these old indices, in this order, the whole plan.
    mutating func keep(_ order: [Int]) {
        var place = [Int: Int](minimumCapacity: order.count)
        for (new, old) in order.enumerated() { place[old] = new }
        plan.steps = order.map { old in
            var step = plan.steps[old]
            for position in step.inputs.indices {
                step.inputs[position].moveOutputs { place[$0] }
            }
            step.each = step.each?.moved { place[$0] }
            step.after = step.after.compactMap { place[$0] }
            step.companions = step.companions.compactMap { companion in
                guard let source = place[companion.source], let step = place[companion.step]
                else { return nil }
                return (companion.input, source, step)
            }
            step.gathering = step.gathering.map { gathering in
                Plan.Gathering(
                    steps: gathering.steps.compactMap { place[$0] }, levels: gathering.levels)
            }
            return step
        }
        plan.outputs = plan.outputs.compactMap { output in
            place[output.source.step].map { step in
                (output.name, Plan.StepOutput(step: step, output: output.source.output))
            }
        }
    }
}

/// A priority queue that returns the smallest number first.
private struct MinHeap {
    private var items: [Int] = []

    mutating func insert(_ item: Int) {
        items.append(item)
        var child = items.count - 1
        while child > 0, items[child] < items[(child - 1) / 2] {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> Int? {
        guard let first = items.first, let last = items.popLast() else { return nil }
        if items.isEmpty { return first }
        items[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < items.count && items[child] < items[least] {
                least = child
            }
            if least == parent { return first }
            items.swapAt(parent, least)
            parent = least
        }
    }
}
