// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem

// The computation of one step.

extension Run {
    /// True if a step has outputs.
    func hasResult(_ index: Int) -> Bool {
        outputs[index] != nil || unread[index] != nil || unreadElements[index] != nil
    }

    func compute(
        _ index: Int, waits: Bool, _ lua: borrowing Lua
    ) throws -> ModuleRecord {
        let step = plan.steps[index]
        var began = Clock.now
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        var attempt = StepAttempt(run: self, step: step)
        do {
            if let gathering = step.gathering { return try gather(index, gathering, lua) }
            if let each = step.each { return try computeElements(of: index, each, lua) }
            if step.hasTurns { return try computeTurns(of: index, waits: waits, lua) }
            if let found = try known(index, lua)
                ?? (waits ? awaitLease(of: index, &began, lua) : computedElsewhere(index, lua))
            {
                return record(
                    step, .cached, seconds: Clock.seconds(since: began), printed: found.printed,
                    annotations: found.annotations)
            }
            return try computeFresh(index, &attempt, since: began, lua)
        } catch let failure as ModuleFailure {
            if let failed = streamGroups[index]?.failure, isPart(failed.index) {
                outputs[index] = nil
                return record(
                    step, .skipped, printed: attempt.printed,
                    because: plan.steps[failed.index].name)
            }
            return try recordFailure(failure, of: index, attempt, since: began, lua)
        }
    }

    /// Computes a step that has no result that could be used again.
    func computeFresh(
        _ index: Int, _ attempt: inout StepAttempt, since began: Int64, _ lua: borrowing Lua
    ) throws -> ModuleRecord {
        let step = plan.steps[index]
        let key = keys?.record(of: index)?.key
        if let key, suspended.contains(key) { return record(step, .suspended) }
        try cancelOthers(than: key, named: step.name, of: step.computing, lua)
        attempt.handle = try handle(
            under: key, of: step.computing, isForced: isForced(step), lua)
        var fresh = try prepare(index, attempt, since: began, lua)
        let result: StepAttempt.Computed
        do {
            result = try attempt.computeWithRetries(lua)
        } catch let suspension as Suspension {
            try keep(suspension, under: key, of: attempt, lua)
            return record(
                step, .suspended, seconds: Clock.seconds(since: began), attempts: attempt.count,
                printed: attempt.printed, annotations: attempt.annotations,
                because: suspension.shown)
        } catch let failure as ModuleFailure {
            // Work that has failed for good starts again; an error of `resume` can be mended.
            if attempt.handle != nil, failure.isDeliberate { try endSuspension(under: key) }
            throw failure
        }
        fresh.attempt = attempt
        let record = try finish(fresh, result, lua)
        if attempt.handle != nil { try endSuspension(under: key) }
        return record
    }

    /// A step whose inputs are known and that computes.
    struct FreshStep {
        var index: Int
        var attempt: StepAttempt
        var files: [InputFile]
        var began: Int64
    }

    /// Pushes the inputs of a step that is going to compute.
    func prepare(
        _ index: Int, _ attempt: StepAttempt, since began: Int64, _ lua: borrowing Lua
    ) throws -> FreshStep {
        let step = plan.steps[index]
        try attempt.pushInputs(lua)
        let inputs = lua.top
        try beginComputing()
        keys?.observer.beginComputing()
        if keys != nil { try beginWatchingEnvironment(lua) }
        let files = try keys.map { _ in try inputFiles(of: step, inputs, lua) } ?? []
        return FreshStep(index: index, attempt: attempt, files: files, began: began)
    }

    /// Keeps the result of a step, and returns its record.
    func finish(
        _ fresh: FreshStep, _ result: StepAttempt.Computed, _ lua: borrowing Lua
    ) throws -> ModuleRecord {
        let index = fresh.index
        let step = plan.steps[index]
        var result = result
        let seconds = Clock.seconds(since: fresh.began)
        let group = streamGroups[index]
        outputs[index] = result.entry.outputs
        // A stopped run keeps nothing of what it was computing.
        try lua.checkCancellation()
        try meetCancellation(lua)
        if fresh.attempt.wasStopped || group?.wasStopped ?? false {
            keys?.setObstacle("it was stopped at a breakpoint", of: index)
        } else if let keys {
            try judge(
                &result, of: step, at: index, inputFiles: fresh.files + (streamFiles[index] ?? []),
                lua)
            // A step that is never cached has neither.
            let isCached = keys.record(of: index) != nil || keys.number(of: index) != nil
            if let obstacle = result.obstacle, isCached { keys.setObstacle(obstacle, of: index) }
            try keep(result, of: index, seconds: seconds, lua)
            try keys.addParts(of: index, lua) { try pushOutput($0, lua) }
        }
        var record = record(
            step, .computed, seconds: seconds - (group?.seconds ?? 0),
            attempts: fresh.attempt.count, printed: result.entry.printed,
            annotations: result.entry.annotations)
        record.notices = result.notices
        return record
    }

    /// Returns the record of a step that has failed.
    func recordFailure(
        _ failure: ModuleFailure, of index: Int, _ attempt: StepAttempt, since began: Int64,
        _ lua: borrowing Lua
    ) throws -> ModuleRecord {
        outputs[index] = nil
        try keys?.addParts(of: index, lua) { try pushOutput($0, lua) }
        return record(
            plan.steps[index], .failed, seconds: Clock.seconds(since: began),
            attempts: attempt.count, printed: attempt.printed, annotations: attempt.annotations,
            failure: failure)
    }

    /// Returns a result of this process or an earlier one.
    func known(_ index: Int, _ lua: borrowing Lua) throws -> Found? {
        guard let keys else { return nil }
        let step = plan.steps[index]
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        switch step.definition.caching {
        case .always: break
        case .never: return nil
        case .when(let decide):
            let attempt = StepAttempt(run: self, step: step)
            try attempt.pushInputs(lua)
            try lua.push(decide)
            try lua.pushValue(at: base + 1)
            try attempt.calling(.caching, lua) { try lua.call(arguments: 1, results: 1) }
            if !lua.truth(at: -1) { return nil }
            try lua.setTop(base)
        }
        if let key = try keys.make(index, lua, push: { try pushOutput($0, lua) }) {
            guard !isForced(step), let found = try stored(key, index, lua) else { return nil }
            try noteInputFiles(of: step, StepAttempt(run: self, step: step), lua)
            return found
        }
        try makeNumbers(ofPartsOf: step, lua)
        try StepAttempt(run: self, step: step).pushInputs(lua)
        guard let number = try keys.makeNumber(index, inputs: base + 1, lua), !isForced(step),
            let found = try cached(number, index, lua)
        else { return nil }
        try noteInputFiles(of: step, StepAttempt(run: self, step: step), lua)
        outputs[index] = found.outputs
        return Found(printed: found.printed, annotations: found.annotations)
    }

    /// The parts of a cached result that are reported.
    struct Found {
        var printed: String
        var annotations: [(key: String, value: LuaValue)]
    }

    /// Returns a result of this process if what it depends on is unchanged.
    private func cached(
        _ key: Int, _ index: Int, _ lua: borrowing Lua
    ) throws -> ResultCache.Entry? {
        guard let keys, let entry = interpreter.cache.find(key) else { return nil }
        let failed = entry.observations.first { !keys.observer.holds($0, lua) }
        if let failed {
            missReasons[index] = "\(failed.subject) was changed"
        } else if let changed = changedProduct(entry.products) {
            missReasons[index] = changed
        } else {
            interpreter.accessLog.inherit(entry.observations)
            return entry
        }
        interpreter.cache.remove(key)
        return nil
    }

    /// Records a module that was computing when the run was stopped.
    func noteInterrupted(
        _ step: Plan.Step, at index: Int, since started: Double?, _ calls: [CallRecord],
        _ lua: borrowing Lua
    ) throws {
        var record = record(step, .stopped, because: "the run was stopped")
        record.calls = calls
        try addRecord(record, at: index, since: started, lua)
    }
}
