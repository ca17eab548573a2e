// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

// Steps that give streams. Such a step computes while the step that reads its items does.

extension Plan {
    /// The steps that give and read streams.
    struct Streams {
        /// For each step the one that reads its streams; nil if none does.
        private(set) var readers: [Int?]
        /// For each step, true if all that is used of it are its streams: then it computes only as a part of
        /// the computation of the step that reads them in the end.
        private(set) var areParts: [Bool]
        /// The steps that have readers, in order, by the step that reads their items in the end.
        private(set) var parts: [Int: [Int]] = [:]

        /// Returns nil for a plan without streams.
        init?(_ plan: Plan) {
            guard plan.steps.contains(where: { $0.definition.hasStreams }) else { return nil }
            readers = Array(repeating: nil, count: plan.steps.count)
            areParts = Array(repeating: false, count: plan.steps.count)
            var areValuesUsed = areParts
            for (index, step) in plan.steps.enumerated() {
                for input in step.inputs {
                    input.forEachOutput { source in
                        if plan.isStream(source) {
                            readers[source.step] = index
                        } else {
                            areValuesUsed[source.step] = true
                        }
                    }
                }
            }
            for (_, source) in plan.outputs where !plan.isStream(source) {
                areValuesUsed[source.step] = true
            }
            for index in readers.indices {
                areParts[index] = readers[index] != nil && !areValuesUsed[index]
            }
            for index in readers.indices where readers[index] != nil {
                // A cycle is reported elsewhere.
                if let end = end(of: index) { parts[end, default: []].append(index) }
            }
        }

        /// The step that reads the items of a step's streams in the end, directly or through others; nil if
        /// there is none.
        func end(of index: Int) -> Int? {
            var end = readers[index]
            var left = readers.count
            while let reader = end, areParts[reader], left > 0 {
                end = readers[reader]
                left -= 1
            }
            return left > 0 ? end : nil
        }

        /// True if a step computes only as a part of another.
        func isPart(_ index: Int) -> Bool { areParts[index] }

        /// The steps that must have ended before a step computes with those that it reads streams of.
        func dependencies(of index: Int, _ plan: Plan) -> [Int] {
            let parts = Set((parts[index] ?? []).filter { areParts[$0] })
            if parts.isEmpty { return plan.steps[index].dependencies }
            var found = plan.steps[index].dependencies
            for part in parts { found += plan.steps[part].dependencies }
            return found.filter { !parts.contains($0) && $0 != index }
        }
    }

    /// True if an output of a step is a stream.
    func isStream(_ source: StepOutput) -> Bool {
        steps[source.step].definition.outputs[source.output].type.isStream
    }
}

extension PlanBuilder {
    /// The longest chain of streams.
    private static let longestChain = 60

    /// Checks the connections that are streams, and makes steps that come after a step with streams by
    /// `control.order` come after the one that reads them.
    ///
    /// - Parameter isCall: true for a workflow of one module that a script calls with values.
    mutating func addStreams(isCall: Bool) {
        guard let streams = Plan.Streams(plan) else { return }
        for step in plan.steps {
            if let each = step.each, let port = each.element.streamPort {
                problems.append(
                    WorkflowError(
                        "`\(step.name)`: \(port) of \(each.element.name) is a stream; a module with streams "
                            + "cannot compute for each element of a list", at: step.location))
            }
        }
        checkReaders()
        if !isCall { checkOutputs() }
        guard problems.isEmpty else { return }
        checkValues(beside: streams)
        for index in plan.steps.indices {
            let parts = Set(streams.parts[index] ?? [])
            plan.steps[index].after = plan.steps[index].after.compactMap { earlier in
                guard streams.isPart(earlier), let end = streams.end(of: earlier) else {
                    return earlier
                }
                let own = streams.isPart(index) ? streams.end(of: index) : index
                return end == own || parts.contains(earlier) ? nil : end
            }
        }
    }

    /// Each step with streams must have one reader.
    private mutating func checkReaders() {
        var readers: [Int: (step: Int, output: Int)] = [:]
        var read: Set<[Int]> = []
        for (index, step) in plan.steps.enumerated() {
            for (port, input) in zip(step.definition.inputs, step.inputs) {
                input.forEachOutput(of: port) { source, _ in
                    guard plan.isStream(source) else { return }
                    let origin = plan.steps[source.step]
                    let name = "`\(origin.name).\(origin.definition.outputs[source.output].name)`"
                    let isAgain = !read.insert([source.step, source.output]).inserted
                    guard let other = readers[source.step] else {
                        readers[source.step] = (index, source.output)
                        return
                    }
                    if other.step == index, !isAgain { return }
                    let first = plan.steps[other.step].name
                    let subject =
                        isAgain
                        ? "\(name) is a stream, which is read once, but "
                            + (other.step == index
                                ? "`\(first)` reads it twice"
                                : "`\(first)` and `\(step.name)` read it")
                        : "the streams of `\(origin.name)` are read by one node, but `\(first)` and "
                            + "`\(step.name)` read them"
                    problems.append(
                        WorkflowError(
                            subject
                                + "; add a second node of `\(origin.definition.name)`, or collect the "
                                + "items with a node of `stream.to_list`", at: step.location))
                }
            }
        }
    }

    /// The workflow's outputs are values.
    private mutating func checkOutputs() {
        for (name, source) in plan.outputs where plan.isStream(source) {
            let step = plan.steps[source.step]
            let port = step.definition.outputs[source.output]
            problems.append(
                WorkflowError(
                    "output `\(name)` of the workflow is the stream `\(step.name).\(port.name)`, which "
                        + "no node reads; collect it with a node of `stream.to_list`",
                    at: step.location))
        }
    }

    /// The values beside a stream of a step that reads streams itself are not known before these end.
    private mutating func checkValues(beside streams: Plan.Streams) {
        for (index, step) in plan.steps.enumerated()
        where streams.readers[index] != nil && !streams.isPart(index)
            && step.definition.hasStreamInputs
        {
            let stream = step.definition.outputs.first { $0.type.isStream }
            problems.append(
                WorkflowError(
                    "`\(step.name)` (\(step.definition.name)) reads a stream and gives the stream "
                        + "`\(stream?.name ?? "")`: its other outputs cannot be connected; compute them in "
                        + "`\(plan.steps[streams.readers[index] ?? index].name)`", at: step.location
                ))
        }
    }

    private mutating func checkLength(of parts: [Int], _ streams: Plan.Streams, _ end: Int) {
        var lengths: [Int: Int] = [:]
        for part in parts.reversed() {
            lengths[part] = 1 + (streams.readers[part].flatMap { lengths[$0] } ?? 0)
        }
        guard let most = lengths.values.max(), most > Self.longestChain else { return }
        problems.append(
            WorkflowError(
                "`\(plan.steps[end].name)` reads a stream through \(most) nodes; at most "
                    + "\(Self.longestChain) can be in a chain: do the work of several in one module",
                at: plan.steps[end].location))
    }

    /// Reports steps of which nothing is used but that give streams only. A workflow inside another one may
    /// have outputs that are not used.
    ///
    /// - Parameter targets: the nodes that the user asked for.
    mutating func checkUnread(targets: [String]) {
        guard let streams = Plan.Streams(plan) else { return }
        var used: Set<Int> = []
        for step in plan.steps { step.forEachNeed { source, _ in used.insert(source) } }
        for (_, source) in plan.outputs { used.insert(source.step) }
        for (index, step) in plan.steps.enumerated()
        where streams.readers[index] == nil && !used.contains(index) && step.each == nil
            && step.definition.hasStreamOutputs && (!step.name.contains("/") || !targets.isEmpty)
        {
            guard let stream = step.definition.outputs.first(where: { $0.type.isStream }) else {
                continue
            }
            let advice =
                targets.isEmpty
                ? "connect it to the input of another node"
                : "name the node that reads it as the target"
            problems.append(
                WorkflowError(
                    "`\(step.name).\(stream.name)` is a stream that no node reads; \(advice)",
                    at: step.location))
        }
    }

    /// Moves the steps that compute as parts of another one right before that one.
    mutating func gatherStreams() {
        guard let streams = Plan.Streams(plan) else { return }
        for (end, parts) in streams.parts.sorted(by: { $0.key < $1.key }) {
            checkLength(of: parts, streams, end)
        }
        var order: [Int] = []
        order.reserveCapacity(plan.steps.count)
        for index in plan.steps.indices where !streams.isPart(index) {
            order += (streams.parts[index] ?? []).filter(streams.isPart)
            order.append(index)
        }
        if order == Array(plan.steps.indices) { return }
        keep(order)
    }
}
