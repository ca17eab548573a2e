// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

// Streams: steps that compute while another one reads their items.

extension Run {
    /// True if a step computes only as a part of the one that reads its streams.
    func isPart(_ index: Int) -> Bool { streams?.isPart(index) ?? false }

    /// The steps that must have ended before a step computes.
    func dependencies(of index: Int) -> [Int] {
        streams?.dependencies(of: index, plan) ?? plan.steps[index].dependencies
    }

    /// The steps whose streams a step reads in the end, in order.
    func parts(of step: Plan.Step) -> [Int] { end(of: step).flatMap { streams?.parts[$0] } ?? [] }

    /// The index of a step that reads streams, and is not a part of another one.
    private func end(of step: Plan.Step) -> Int? {
        guard let streams, step.definition.hasStreamInputs else { return nil }
        var end: Int?
        for input in step.inputs {
            input.forEachOutput { source in
                guard end == nil, plan.isStream(source), let reader = streams.readers[source.step]
                else { return }
                end = streams.isPart(reader) ? nil : reader
            }
        }
        return end
    }

    /// Makes the numbers of the keys, in this process, of the steps whose streams a step reads.
    func makeNumbers(ofPartsOf step: Plan.Step, _ lua: borrowing Lua) throws {
        guard let keys else { return }
        for part in parts(of: step) where keys.number(of: part) == nil {
            if case .never = plan.steps[part].definition.caching { continue }
            let base = lua.top
            defer { lua.pop(lua.top - base) }
            try StepAttempt(run: self, step: plan.steps[part]).pushInputs(lua)
            _ = try keys.makeNumber(part, inputs: base + 1, lua)
        }
    }

    // MARK: Computing

    /// Pushes the function that reads a stream.
    func pushStream(_ source: Plan.StepOutput, _ lua: borrowing Lua) throws {
        guard let end = streams?.end(of: source.step) else { return try lua.pushNil() }
        var group = streamGroups[end]
        if group?.isClosed ?? true {
            group = StreamGroup(self, end: end)
            streamGroups[end] = group
            streamFiles[end] = nil
        }
        try group?.push(source, lua)
    }

    /// Calls `body`, the computation of a step, and closes the streams that it reads.
    ///
    /// - Throws: the failure of a step that gives a stream, also if `body` has ignored it.
    func closingStreams(
        of step: Plan.Step, _ lua: borrowing Lua, _ body: () throws -> Void
    ) throws {
        guard let end = end(of: step), let group = streamGroups[end] else { return try body() }
        group.isOpen = true
        do {
            try body()
        } catch {
            try? group.close(quietly: true, lua)
            if error is ModuleFailure, let failed = group.failure { throw failed.failure }
            throw error
        }
        try group.close(quietly: false, lua)
        if let failed = group.failure { throw failed.failure }
    }

    /// The time limit of a step: the shortest of those of the steps that compute with it.
    func timeout(of step: Plan.Step) -> Duration? {
        let own = step.options.timeout ?? options.timeout
        return parts(of: step).compactMap { plan.steps[$0].options.timeout }.reduce(own) {
            Swift.min($0 ?? $1, $1)
        }
    }

    /// The number of attempts after the first: the largest of those of the steps that compute with a step.
    func retries(of step: Plan.Step) -> Int {
        let own = step.options.retries ?? options.retries
        return parts(of: step).compactMap { plan.steps[$0].options.retries }.reduce(own, Swift.max)
    }

    /// Releases what was known of the streams that a step has read.
    func endStreams(of index: Int) {
        streamGroups[index] = nil
        streamFiles[index] = nil
    }

    // MARK: Records

    /// Returns the records of the steps that have computed as parts of one that has ended.
    func partRecords(of end: Int, _ record: ModuleRecord) -> [(index: Int, record: ModuleRecord)] {
        guard let parts = streams?.parts[end] else { return [] }
        return parts.filter(isPart).map { ($0, partRecord($0, of: end, record)) }
    }

    private func partRecord(_ index: Int, of end: Int, _ ended: ModuleRecord) -> ModuleRecord {
        let step = plan.steps[index]
        let group = streamGroups[end]
        guard let work = group?.work(of: index) else {
            if let failed = group?.failure, failed.index == index {
                var record = record(step, .failed, attempts: 1, failure: failed.failure)
                record.isReplaced = demand?.isReplaced(index) ?? false
                return record
            }
            if ended.status == .skipped, group == nil {
                var record = record(step, .skipped, because: ended.skippedBecauseOf)
                record.isWaiting = ended.isWaiting
                return record
            }
            return record(step, .notNeeded, because: plan.steps[end].name)
        }
        if let failed = group?.failure, failed.index < index, isPart(failed.index),
            reads(index, from: failed.index) || isEnd(failed.index)
        {
            return record(
                step, .skipped, printed: work.printed,
                because: plan.steps[failed.index].name)
        }
        let failed = group?.failure.flatMap { $0.index == index ? $0.failure : nil }
        var record = record(
            step, failed == nil ? .computed : .failed, seconds: work.seconds, attempts: 1,
            printed: work.printed, annotations: work.annotations, failure: failed)
        record.items = work.counts.reduce(0, +)
        record.isReplaced = failed != nil && demand?.isReplaced(index) ?? false
        return record
    }

    /// True if a step reads the streams of another one, directly or through others.
    private func reads(_ index: Int, from origin: Int) -> Bool {
        var reader = streams?.readers[origin]
        while let current = reader, current < index, isPart(current) {
            reader = streams?.readers[current]
        }
        return reader == index
    }

    /// True if nothing starts after a step that has failed.
    private func isEnd(_ index: Int) -> Bool {
        !options.keepGoing && !(demand?.isReplaced(index) ?? false)
    }

    /// Adds the record of a step that has computed as a part of another one.
    func writePart(
        _ record: ModuleRecord, at index: Int, since started: Double?, _ lua: borrowing Lua
    ) throws {
        // The usage of the process belongs to the step that has read the items.
        let kept = (usage, outputDigests)
        (usage, outputDigests) = (nil, [:])
        defer { (usage, outputDigests) = kept }
        if record.status == .computed || record.status == .failed {
            try keys?.addParts(of: index, lua) { try pushOutput($0, lua) }
        }
        try write(record, at: index, since: started, lua)
    }

    /// Records the steps that gave streams when the run was stopped.
    func noteInterruptedParts(
        of end: Int, since started: Double?, _ lua: borrowing Lua
    ) throws {
        for index in streams?.parts[end] ?? []
        where isPart(index) && streamGroups[end]?.work(of: index) != nil {
            try noteInterrupted(plan.steps[index], at: index, since: started, [], lua)
        }
    }

    /// A short text for a stream.
    func briefStream(_ source: Plan.StepOutput) -> String {
        guard let end = streams?.end(of: source.step),
            let work = streamGroups[end]?.work(of: source.step)
        else { return "stream" }
        return "stream of \(Format.count(work.counts[source.output], "item"))"
    }

    func streamRecord(_ port: Port, _ source: Plan.StepOutput) -> ValueRecord {
        ValueRecord(
            name: port.name, type: port.type.description, brief: briefStream(source))
    }

    /// Returns the records of the outputs of a step that has computed as a part of another one.
    func streamRecords(of step: Plan.Step, at index: Int) -> [ValueRecord] {
        step.definition.outputs.indices.filter { step.definition.outputs[$0].type.isStream }.map {
            streamRecord(step.definition.outputs[$0], .init(step: index, output: $0))
        }
    }
}
