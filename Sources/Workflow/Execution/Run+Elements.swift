// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

extension Run {
    /// Computes a step once for each element of lists.
    func computeElements(
        of index: Int, _ each: Plan.Each, _ lua: borrowing Lua
    ) throws -> ModuleRecord {
        let step = plan.steps[index]
        let began = Clock.now
        // Without a store, the result of the whole step is kept.
        if keys?.usesStore == false, try isWhole(index, each, lua),
            let found = try known(index, lua)
        {
            return record(
                step, .cached, seconds: Clock.seconds(since: began), printed: found.printed)
        }
        try beginComputing()
        let elements = try ElementComputation(of: index, each, in: self, lua)
        if each.only == nil {
            for node in try suspendedParts(of: step.name, each.element, lua) {
                elements.outdated[node.key] = node
            }
        }
        do {
            if let view = try view(for: step, lua) {
                try computeThere(elements, on: view, lua)
            } else {
                try computeHere(elements, lua)
            }
            try cancelOutdated(elements, lua)
            try elements.end()
        } catch {
            // Computed results are kept, whatever ended the run.
            try? elements.end()
            throw error
        }
        elements.report(always: true)
        return try record(of: elements, seconds: Clock.seconds(since: began), lua)
    }

    /// True if the result of the step has all elements.
    private func isWhole(_ index: Int, _ each: Plan.Each, _ lua: borrowing Lua) throws -> Bool {
        if each.only != nil { return false }
        if case .replaced = each.gaps { return false }
        return try neededElements(of: index, lua) == nil
    }

    /// Computes the elements one after another on the interpreter.
    func computeHere(_ elements: ElementComputation, _ lua: borrowing Lua) throws {
        var next = elements.wanted ?? Array(0..<elements.list.count)
        var pause: UInt32 = 5000
        while !next.isEmpty {
            var held: [Int] = []
            for element in next {
                try lua.checkCancellation()
                switch try elements.start(element, lua) {
                case .over: break
                case .compute(let key, let inputs):
                    try elements.compute(element, key: key, inputs: inputs, lua)
                case .heldElsewhere: held.append(element)
                }
                if !elements.failures.isEmpty, !elements.collects { return }
                elements.report()
                try letOthersContinue(lua)
            }
            next = held
            if !next.isEmpty { try elements.awaitOthers(&pause, lua) }
        }
    }

    /// Cancels the work of elements that the list does not have any more.
    private func cancelOutdated(_ elements: ElementComputation, _ lua: borrowing Lua) throws {
        if elements.outdated.isEmpty || elements.states.contains(.waiting) { return }
        for node in elements.outdated.values.sorted(by: { $0.since < $1.since })
        where !suspended.contains(node.key) {
            try cancel(node, of: elements.each.element, lua)
        }
    }

    /// Returns the record of a step whose elements have ended, and makes its outputs.
    private func record(
        of elements: ElementComputation, seconds: Double, _ lua: borrowing Lua
    ) throws -> ModuleRecord {
        let index = elements.index
        let step = elements.step
        outputDigests = [:]
        var status = ModuleRecord.Status.computed
        let outcome = elements.outcome
        if outcome.failure != nil {
            status = .failed
            outputs[index] = nil
        } else if elements.isSuspendedBy != nil {
            status = .suspended
            outputs[index] = nil
        } else {
            if outcome.counts.computed == 0, outcome.counts.failed == 0,
                keys?.usesStore == true, keys?.record(of: index)?.key != nil
            {
                status = .cached
            }
            if elements.isPartial, elements.counts.total == 0 { status = .notNeeded }
            if elements.each.only == nil { try takeResults(of: elements, lua) }
            if elements.each.mayHaveGaps { gaps[index] = Gaps(of: elements) }
        }
        try keys?.addParts(of: index, lua) { try pushOutput($0, lua) }
        if let obstacle = outcome.obstacle { keys?.setObstacle(obstacle, of: index) }
        var record = record(
            step, status, seconds: seconds, attempts: outcome.attempts,
            printed: outcome.printed, failure: outcome.failure,
            because: status == .suspended ? elements.isSuspendedBy : nil)
        record.notices = outcome.notices
        record.elements = outcome.counts
        record.elements?.total = elements.counts.total
        return record
    }

    private func takeResults(of elements: ElementComputation, _ lua: borrowing Lua) throws {
        let index = elements.index
        guard let keys else {
            outputs[index] = try elements.takeOutputs(lua)
            return
        }
        if keys.usesStore {
            keys.setDigests(elements.outputDigests(keys.names), of: index)
            unreadElements[index] = elements
            return
        }
        let table = try elements.takeOutputs(lua)
        outputs[index] = table
        guard elements.outcome.obstacle == nil, try isWhole(index, elements.each, lua),
            let number = keys.number(of: index)
        else { return }
        var entry = ResultCache.Entry(
            outputs: table, printed: elements.outcome.printed, annotations: [])
        entry.observations = Array(elements.observations)
        entry.products = Array(elements.products)
        interpreter.cache.store(entry, under: number)
    }
}
