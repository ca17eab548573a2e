// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem

// The end of a step: it is recorded, and the steps that wait for it can start.

extension Schedule {
    func end(
        _ index: Int, _ record: ModuleRecord, started: Double?, events: [RunEvent],
        usage: ProcessUsage? = nil, _ lua: borrowing Lua
    ) throws {
        var events = events
        endParts(of: index, record, started: started, &events)
        var record = record
        record.isReplaced = record.status == .failed && run.demand?.isReplaced(index) ?? false
        states[index] = .ended(
            EndedStep(
                record: record, started: started, events: events, digests: run.outputDigests,
                usage: usage))
        if run.endsRun(record, at: index), index < limit {
            limit = index
            for (other, step) in running where other > index { step.module.stop(from: 0) }
        }
        if record.status == .suspended || record.isWaiting { run.waiting.insert(index) }
        run.demand?.end(index)
        if run.demand != nil { try run.chooseBranches(lua) }
        for dependent in dependents[index] {
            missing[dependent] -= 1
            if missing[dependent] == 0 { try becomeReady(dependent, lua) }
        }
        try decide(lua)
    }

    /// Ends the steps that have computed as parts of one that ends.
    ///
    /// - Parameter events: those of all these steps; the first of them takes them.
    private func endParts(
        of index: Int, _ record: ModuleRecord, started: Double?, _ events: inout [RunEvent]
    ) {
        for (part, record) in run.partRecords(of: index, record) where states[part].isWaiting {
            states[part] = .ended(EndedStep(record: record, started: started, events: events))
            events = []
            if run.endsRun(record, at: part), part < limit { limit = part }
            run.demand?.end(part)
        }
    }

    func takeResults(_ lua: borrowing Lua) throws {
        for (index, running) in running.sorted(by: { $0.key < $1.key }) {
            let step = run.plan.steps[index]
            guard let ended = try running.module.takeNext(lua, step: { _ in step }) else {
                continue
            }
            self.running[index] = nil
            run.endUnderWay(index)
            usedCores -= run.cores(of: step)
            usedMemory -= step.options.memory ?? 0
            if index > limit {
                try run.releaseLease(of: index, run.record(step, .skipped))
                continue
            }
            _ = run.beginStep()
            run.beginBuffering()
            let record = try run.finish(running.step, ended, lua)
            try end(
                index, record, started: running.started, events: ended.events + run.takeBuffer(),
                lua)
        }
    }

    /// Writes the records of steps that have ended, as far as all steps before them have.
    func writeRecords(_ lua: borrowing Lua) throws {
        while run.records.count < states.count {
            let index = run.records.count
            if let stopped {
                // A step that has ended by now would not have started in a run of one module at a time.
                run.drop(index)
                let record = run.record(run.plan.steps[index], .skipped, because: stopped)
                let started = run.beginStep()
                try run.write(record, at: index, since: started, lua)
                states[index] = .recorded
                continue
            }
            guard case .ended(let ended) = states[index] else { return }
            for event in ended.events { run.report(event) }
            run.usage = ended.usage
            run.outputDigests = ended.digests
            var record = ended.record
            record.failure?.done = run.done
            if run.isPart(index) {
                try run.writePart(record, at: index, since: ended.started, lua)
            } else {
                try run.write(record, at: index, since: ended.started, lua)
                run.endStreams(of: index)
            }
            states[index] = .recorded
            if run.endsRun(ended.record, at: index) {
                stopped = ended.record.node
            }
        }
    }

    /// Records the steps that were computing when the run was stopped.
    func recordInterrupted(_ lua: borrowing Lua) throws {
        for (index, step) in running.sorted(by: { $0.key < $1.key }) {
            try run.noteInterrupted(
                run.plan.steps[index], at: index, since: step.started, [], lua)
        }
        running = [:]
    }
}
