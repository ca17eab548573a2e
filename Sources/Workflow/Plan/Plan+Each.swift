// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel

extension Plan {
    /// The iteration of a step: its module computes once for each element of lists, and its outputs
    /// are lists of the outputs of elements.
    ///
    /// A workflow that is computed for each element has such steps only.
    final class Each {
        /// The module that computes an element. That of the step has lists of its ports.
        let element: ModuleDefinition
        /// The levels of the iteration, the outermost first.
        let levels: [Level]
        /// For each input, the use of each level; empty for an input that all elements share.
        let uses: [[Use]]
        /// The places of the elements to compute; nil for all.
        var only: Set<[Int]>?
        /// The gaps that failed elements leave.
        var gaps = Gaps.none
        /// True for a step with branches that each element of the workflow around it chooses for itself.
        var choosesForElements = false
        /// True in a plan in which elements may turn out not to be needed.
        var isSelective = false

        /// The effect of failed elements.
        enum Gaps {
            /// They end the run, or are left out of the outputs at once.
            case none
            /// The step is in a workflow whose failed elements are left out in the end. Those of the step
            /// are missing in its outputs until then, and what depends on them is not computed.
            case left
            /// Missing inputs have this effect, too, but the step leaves its own failed elements out, on
            /// its inner levels.
            case leftOutside(inner: Int)
            /// `control.default` gives other values in place of those of failed elements.
            case replaced
        }

        init(element: ModuleDefinition, levels: [Level], uses: [[Use]]) {
            self.element = element
            self.levels = levels
            self.uses = uses
        }

        /// Returns the iteration with other steps in place of those of the lists.
        func moved(_ move: (Int) -> Int?) -> Each {
            var levels = levels
            for level in levels.indices {
                for list in levels[level].lists.indices {
                    levels[level].lists[list].input.moveOutputs(move)
                }
            }
            let each = Each(element: element, levels: levels, uses: uses)
            each.only = only
            each.gaps = gaps
            (each.choosesForElements, each.isSelective) = (choosesForElements, isSelective)
            return each
        }
    }

    /// The end of a workflow that is computed for each element and whose failed elements are left out:
    /// its outputs without these.
    final class Gathering {
        /// The steps of the workflow.
        let steps: [Int]
        /// The number of levels of the iteration.
        let levels: Int

        init(steps: [Int], levels: Int) {
            self.steps = steps
            self.levels = levels
        }
    }

    /// One level of an iteration.
    struct Level {
        /// The number of the level in the plan, the same for all steps of a workflow.
        var number: Int
        var kind: Graph.Level.Kind
        var lists: [List]

        /// A list of a level.
        struct List {
            /// The value that has the list.
            var input: Input
            /// The use of each outer level by the value; empty if the value is the list itself.
            var uses: [Use]
            /// The list in messages, such as `tiles`.
            var label: String
        }
    }

    /// The way in which a value depends on a level of an iteration.
    enum Use {
        /// The value is the same for all elements of the level.
        case none
        /// The value is the element of one of the level's lists, by its number from 0.
        case list(Int)
        /// The value is the element of a list that has one for each element of the level.
        case whole
    }
}

extension Plan.Each {
    /// True if inputs may be missing because elements of earlier steps have failed.
    var mayHaveGaps: Bool { if case .none = gaps { false } else { true } }
    /// True if failed elements of the step are missing in its outputs.
    var leavesGaps: Bool {
        switch gaps {
        case .left, .replaced: true
        case .none, .leftOutside: false
        }
    }
    /// True if values of elements may be missing: they have failed, or are not needed.
    var mayLackValues: Bool { mayHaveGaps || isSelective }

    /// Bytes that differ for iterations of another form.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func add(_ uses: [Plan.Use]) {
            bytes.append(UInt8(truncatingIfNeeded: uses.count))
            for use in uses {
                switch use {
                case .none: bytes.append(0)
                case .whole: bytes.append(1)
                case .list(let number):
                    withUnsafeBytes(of: number.littleEndian) { bytes += [2] + $0 }
                }
            }
        }
        for level in levels {
            bytes += level.kind.rawValue.utf8
            for list in level.lists { add(list.uses) }
        }
        for input in uses { add(input) }
        return bytes
    }
}

extension Plan {
    /// Returns true if the plan has a step whose elements or turns have names like this one.
    package func hasElements(like name: ElementName) -> Bool {
        steps.contains { step in
            step.name == name.node
                && (step.each?.levels.count ?? (step.hasTurns ? 1 : 0)) == name.place.count
        }
    }
}

extension PlanBuilder {
    /// Returns the levels of a node's own iteration.
    mutating func levels(_ scope: Scope, _ lua: borrowing Lua) throws -> [Plan.Level] {
        guard let each = scope.node.each else { return [] }
        let outer = scope.around.levels.count
        let first = levelCount
        levelCount += each.levels.count
        return try each.levels.enumerated().map { number, level in
            Plan.Level(
                number: first + number, kind: level.kind,
                lists: try level.lists.enumerated().map { position, list in
                    // The type of the input that the list is for, so that paths are placed alike.
                    let input = each.lists.firstIndex {
                        $0.count > number && $0[number] == position
                    }
                    let port = input.map { scope.node.definition.inputs[$0] }
                    let source = try resolve(
                        list.source, for: port ?? Port(name: "list"), scope, lua)
                    var uses = source.uses
                    if !list.outer.isEmpty {
                        uses += Array(repeating: .none, count: outer - uses.count)
                        uses += list.outer.map(Plan.Use.list)
                    }
                    return Plan.Level.List(
                        input: source.input, uses: uses,
                        label: port.map(\.name) ?? "list \(position + 1)")
                })
        }
    }

    /// Makes a step compute for each element.
    func lift(
        _ step: inout Plan.Step, _ node: Graph.Node, _ sources: [Source], _ levels: [Plan.Level],
        leavesGaps: Bool
    ) {
        let element = node.each?.element ?? node.definition
        let uses = sources.map { source in
            var uses = source.uses
            if case .table(let table) = source.input, uses.isEmpty,
                table.elements.contains(where: { !$0.uses.isEmpty })
            {
                // The table itself is made for each element.
                uses = levels.map { _ in .none }
            }
            return uses
        }
        if let own = node.each, own.levels.count == levels.count {
            step.definition = node.definition
        } else {
            step.definition = element.lifted(
                levels: levels.count,
                depths: uses.map { $0.count { if case .none = $0 { false } else { true } } },
                collects: node.each != nil && node.options.onError == .collect)
        }
        let each = Plan.Each(element: element, levels: levels, uses: uses)
        each.choosesForElements = node.hasBranches
        if leavesGaps {
            each.gaps = node.collects ? .leftOutside(inner: node.each?.levels.count ?? 0) : .left
        }
        step.each = each
    }

    /// Returns the step at the end of a workflow whose failed elements are left out.
    ///
    /// - Parameters:
    ///   - first: the index of the first step of the workflow.
    ///   - sources: for each of the workflow's outputs, the step that gives it.
    func gathering(
        _ scope: Scope, from first: Int, _ sources: [String: Plan.StepOutput], levels: Int
    ) -> Plan.Step {
        let node = scope.node
        let outputs = node.definition.outputs.filter { sources[$0.name] != nil }
        var step = Plan.Step(
            name: scope.around.prefix + node.name,
            definition: ModuleDefinition(
                name: node.definition.name, version: node.definition.version,
                inputs: outputs.map { Port(name: $0.name, type: $0.type) },
                outputs: node.definition.outputs, caching: .never, body: node.definition.body,
                location: node.definition.location),
            inputs: outputs.map { sources[$0.name].map(Plan.Input.output) ?? .absent },
            location: node.location, options: NodeOptions())
        // Elements that fail in a workflow inside this one are left out there.
        let inner = plan.steps[first...].compactMap { $0.gathering?.steps }.joined()
        step.gathering = Plan.Gathering(
            steps: Array(Set(first..<plan.steps.count).subtracting(inner).sorted()),
            levels: levels)
        return step
    }
}

extension Plan.Step {
    /// The definition of the module that computes: that of an element, if the step has elements.
    var computing: ModuleDefinition { each?.element ?? definition }

    /// Calls `body` with each output of another step that the inputs or the lists of the iteration
    /// get.
    func forEachSource(_ body: (Plan.StepOutput) -> Void) {
        for input in inputs { input.forEachOutput(body) }
        for step in gathering?.steps ?? [] { body(Plan.StepOutput(step: step, output: 0)) }
        guard let each else { return }
        for level in each.levels {
            for list in level.lists { list.input.forEachOutput(body) }
        }
    }
}
