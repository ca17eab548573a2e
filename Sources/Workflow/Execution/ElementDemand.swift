// SPDX-License-Identifier: BSD-3-Clause

/// The elements of steps that are needed, in a plan in which a workflow that is computed for each element
/// has branches.
///
/// An element of a step in a branch is needed if the element with its place chooses the branch. Steps
/// come after what decides on their elements (``PlanBuilder/addElementBranches()``), so that this is known
/// when they compute.
final class ElementDemand {
    private let plan: Plan
    /// For each step the steps that get its outputs.
    private var consumers: [[Consumer]]
    private var known: [Int: Needs] = [:]
    /// The answers for one question that are not final.
    private var preliminary: [Int: Needs] = [:]
    /// For each step with branches the choices of its elements.
    private var knownChoices: [Int: [(place: [Int], choice: Choice)]] = [:]
    /// For each step with branches those that its condition depends on.
    private var conditions: [Int: Set<Int>] = [:]

    /// A step that gets outputs of another one.
    private struct Consumer {
        var step: Int
        /// The input; nil for a list of the iteration.
        var input: Int?
        /// The step whose output the input gets: another one for a step of an inner workflow that nothing
        /// consumes.
        var source: Int
    }

    /// The choice of an element.
    enum Choice: Hashable {
        case input(String)
        case key(TablePath.Key)
        case nothing
    }

    /// Returns for a step with branches the choice of each element; nil while its condition is not known.
    typealias Choices = (_ step: Int) throws -> [(place: [Int], choice: Choice)]?

    /// The elements of a step that are needed: those whose place begins with one of some places.
    struct Needs {
        fileprivate var places: [(depth: Int, places: Set<[Int]>)] = []
        /// False while a condition is not known: then there may be fewer.
        fileprivate var isFinal = true

        /// True if all elements are needed.
        fileprivate var areAll = false

        func has(_ place: [Int]) -> Bool {
            areAll || places.contains { $0.places.contains(Array(place.prefix($0.depth))) }
        }
    }

    init(_ plan: Plan) {
        self.plan = plan
        consumers = Array(repeating: [], count: plan.steps.count)
        for (index, step) in plan.steps.enumerated() {
            for (position, input) in step.inputs.enumerated() {
                input.forEachOutput {
                    consumers[$0.step].append(
                        Consumer(step: index, input: position, source: $0.step))
                }
            }
            for companion in step.companions {
                consumers[companion.step].append(
                    Consumer(step: index, input: companion.input, source: companion.source))
            }
            for level in step.each?.levels ?? [] {
                for list in level.lists {
                    list.input.forEachOutput {
                        consumers[$0.step].append(
                            Consumer(step: index, input: nil, source: $0.step))
                    }
                }
            }
        }
    }

    /// Returns the elements of a step that are needed; nil if all are. Where a condition is not known yet,
    /// all elements are included that may turn out to be needed.
    ///
    /// - Parameter isNotNeeded: returns true for a step that is not needed at all.
    func needs(
        of index: Int, isNotNeeded: (Int) -> Bool, choices: Choices
    ) throws -> Needs? {
        preliminary = [:]
        let needs = try find(index, isNotNeeded, choices)
        return needs.areAll ? nil : needs
    }

    private func find(
        _ index: Int, _ isNotNeeded: (Int) -> Bool, _ choices: Choices
    ) throws -> Needs {
        if let found = known[index] ?? preliminary[index] { return found }
        var needs = Needs()
        if plan.steps[index].each == nil || consumers[index].isEmpty
            || plan.outputs.contains(where: { $0.source.step == index })
        {
            needs.areAll = true
        }
        for consumer in consumers[index] where !needs.areAll {
            if isNotNeeded(consumer.step) { continue }
            try add(consumer, of: index, to: &needs, isNotNeeded, choices)
        }
        if needs.isFinal { known[index] = needs } else { preliminary[index] = needs }
        return needs
    }

    /// Adds the elements of a step that a consumer needs.
    private func add(
        _ consumer: Consumer, of index: Int, to needs: inout Needs,
        _ isNotNeeded: (Int) -> Bool, _ choices: Choices
    ) throws {
        let shared = plan.sharedLevels(index, consumer.step)
        if shared == 0 {
            needs.areAll = true
            return
        }
        let outer = try find(consumer.step, isNotNeeded, choices)
        if !outer.isFinal { needs.isFinal = false }
        let isBranch = consumer.input.map(plan.steps[consumer.step].isElementBranch) ?? false
        if isBranch, !dependencies(ofConditionOf: consumer.step).contains(index) {
            if let chosen = try places(choosing: consumer, choices) {
                let places = chosen.lazy.filter { outer.has($0) }.map { Array($0.prefix(shared)) }
                return needs.places.append((shared, Set(places)))
            }
            needs.isFinal = false
        }
        if outer.areAll { needs.areAll = true }
        for (depth, places) in outer.places {
            needs.places.append(
                depth <= shared
                    ? (depth, places) : (shared, Set(places.map { Array($0.prefix(shared)) })))
        }
    }

    /// The steps that the condition of a step with branches depends on.
    private func dependencies(ofConditionOf index: Int) -> Set<Int> {
        if let found = conditions[index] { return found }
        var found: Set<Int> = []
        var next: [Int] = []
        func add(_ source: Int) { if found.insert(source).inserted { next.append(source) } }
        let step = plan.steps[index]
        step.forEachNeed { source, input in
            if input.map({ !step.isElementBranch($0) }) ?? true { add(source) }
        }
        while let index = next.popLast() {
            plan.steps[index].forEachNeed { source, _ in add(source) }
        }
        conditions[index] = found
        return found
    }

    // MARK: Choices

    /// Returns the places of the elements that choose the source of an input; nil if the condition is not
    /// known.
    private func places(
        choosing consumer: Consumer, _ choices: Choices
    ) throws -> [[Int]]? {
        guard let input = consumer.input else { return nil }
        let made = try knownChoices[consumer.step] ?? choices(consumer.step)
        guard let made else { return nil }
        knownChoices[consumer.step] = made
        let step = plan.steps[consumer.step]
        let name = step.computing.inputs[input].name
        var keys: Set<TablePath.Key>?
        if name == "cases", case .table(let table) = step.inputs[input] {
            keys = []
            for element in table.elements {
                guard let key = element.path.keys.first else { continue }
                element.input.forEachOutput { if $0.step == consumer.source { keys?.insert(key) } }
            }
        }
        return made.compactMap { place, choice in
            switch choice {
            case .input(let chosen): chosen == name ? place : nil
            case .key(let key): name == "cases" && keys?.contains(key) ?? true ? place : nil
            case .nothing: nil
            }
        }
    }
}
