// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

// The computation of elements on the interpreter, and the results of computations.

extension ElementComputation {
    /// Computes an element on the interpreter.
    func compute(
        _ element: Int, key: Digest?, inputs: [String], _ lua: borrowing Lua
    ) throws {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        var attempt = attempt(element)
        let started = Clock.now
        var defersEnd: Digest?
        do {
            if lastDuration > 10_000_000 { try run.withStore { try $0.pause() } }
            try attempt.pushInputs(lua)
            let table = lua.top
            run.keys?.observer.beginComputing()
            if run.keys != nil { try run.beginWatchingEnvironment(lua) }
            let files = try run.inputFiles(of: attempt.step, table, lua)
            attempt.handle = try run.handle(
                under: key, of: each.element, isForced: isForced(element), lua)
            var result: StepAttempt.Computed
            do {
                result = try attempt.computeWithRetries(lua)
            } catch let suspension as Suspension {
                try run.keep(suspension, under: key, of: attempt, lua)
                suspend(element, key, suspension, started: started, attempts: attempt.count)
                return
            }
            if attempt.handle != nil { defersEnd = key }
            lastDuration = Clock.now - started
            try lua.checkCancellation()
            try run.meetCancellation(lua)
            if attempt.wasStopped {
                result.obstacle = "it was stopped at a breakpoint"
            } else if run.keys != nil {
                try run.judge(
                    &result, of: step(for: result, element), at: index, inputFiles: files, lua)
            }
            try keep(
                result, of: element, under: key,
                Work(
                    key: key, inputs: inputs, started: started, ended: Clock.now,
                    attempts: attempt.count),
                lua)
            try run.endSuspension(under: defersEnd)
        } catch let failure as ModuleFailure {
            if attempt.handle != nil, failure.isDeliberate { try run.endSuspension(under: key) }
            note(element) { $0.printed = attempt.printed }
            try fail(
                element, failure,
                Work(
                    key: key, inputs: inputs, started: started, ended: Clock.now,
                    attempts: attempt.count),
                lua)
        }
        settle()
        try log.writeIfDue()
    }

    /// Notes that an element has suspended itself.
    private func suspend(
        _ element: Int, _ key: Digest?, _ suspension: Suspension, started: Int64, attempts: Int
    ) {
        states[element] = .suspended
        if isSuspendedBy == nil { isSuspendedBy = suspension.shown }
        if let key { leases.remove(key).map { key in run.withStore { try? $0.release(key) } } }
        var record = ElementRecord(place: list.place(of: element), status: .suspended)
        record.started = Clock.date(started)
        record.seconds = Clock.seconds(since: started)
        record.attempts = attempts
        note(element) { $0.record = record }
        settle()
    }

    /// The time and the place of a computation.
    struct Work {
        var key: Digest?
        var inputs: [String] = []
        /// The start and the end, in nanoseconds of the clock.
        var started: Int64
        var ended: Int64
        var attempts: Int
        var worker = 0
    }

    /// The step of an element: with the place in its name where the name is needed, which is where the
    /// computation has accessed something.
    func step(for result: StepAttempt.Computed, _ element: Int) -> Plan.Step {
        result.accesses.isEmpty ? template : elementStep(element)
    }

    /// Takes the result of a computation.
    func keep(
        _ result: StepAttempt.Computed, of element: Int, under key: Digest?, _ work: Work,
        _ lua: borrowing Lua
    ) throws {
        try set(result.entry.outputs, of: element, lua)
        states[element] = .computed
        counts.computed += 1
        var ending = Ending(
            printed: result.entry.printed, attempts: work.attempts, notices: result.notices)
        ending.obstacle = result.obstacle
        if run.keys?.usesStore == true, run.environment.store?.isUsable == true {
            ending.record = try store(result, of: element, under: key, work, &ending.obstacle, lua)
        } else if run.keys != nil, !result.accesses.isEmpty {
            observations.formUnion(result.observations)
            products.formUnion(result.products)
        }
        if ending.isPlain { return }
        if let reason = ending.obstacle {
            ending.obstacle = "element \(list.label(of: element)): \(reason)"
        }
        note(element) { known in
            // Events of a worker have the text already.
            ending.events = known.events
            known = ending
        }
    }

    /// Keeps a result in the store where nothing prevents it, and returns the element's record.
    private func store(
        _ result: StepAttempt.Computed, of element: Int, under key: Digest?, _ work: Work,
        _ obstacle: inout String?, _ lua: borrowing Lua
    ) throws -> ElementRecord {
        let encoded = try run.encode(result.entry.outputs, of: template, lua)
        setDigests(encoded.digests, of: element)
        obstacle = obstacle ?? encoded.obstacle
        var record = self.record(of: element, .computed, work)
        guard let key else { return record }
        if obstacle == nil {
            record.key = try run.store(
                result, encoded, under: key, of: template, seconds: record.seconds, lua)
            log.addResult(lease: leases.remove(key))
        } else {
            try release(key, isAbandoned: true)
        }
        known[key] = Known(element: element, name: record.key)
        return record
    }

    private func record(
        of element: Int, _ status: ModuleRecord.Status, _ work: Work
    ) -> ElementRecord {
        var record = ElementRecord(place: list.place(of: element), status: status)
        record.inputs = work.inputs
        record.started = Clock.date(work.started)
        record.seconds = Double(max(0, work.ended - work.started)) * 1e-9
        record.attempts = work.attempts
        record.worker = work.worker
        return record
    }

    /// Sets the values of an element from the table of its outputs.
    func set(
        _ outputs: LuaReference, of element: Int, _ lua: borrowing Lua
    ) throws {
        try lua.push(values)
        try lua.push(outputs)
        defer { lua.pop(2) }
        for port in ports {
            try lua.pushRawField(port.name, of: -2)
            defer { lua.pop() }
            try lua.pushRawField(port.name, of: -2)
            guard !lua.isNil(at: -1) else {
                lua.pop()
                throw attempt(element).failure(
                    .outputs,
                    "output `\(port.name)` is nil; each element of a list must have a value",
                    inputs: nil, lua)
            }
            try lua.setRawElement(element + 1, of: -2)
        }
    }

    func setDigests(_ found: [Digest?], of element: Int) {
        guard found.allSatisfy({ $0?.bytes.count == 32 }) else { return }
        hasDigests[element] = true
        for (output, digest) in found.enumerated() {
            guard let digest else { continue }
            let start = 32 * (element * ports.count + output)
            digests.replaceSubrange(start..<(start + 32), with: digest.bytes)
        }
    }

    // MARK: Failures

    /// Takes the failure of an element.
    func fail(
        _ element: Int, _ failure: ModuleFailure, _ work: Work, _ lua: borrowing Lua
    ) throws {
        var failure = failure
        failure.element = (element + 1, list.count)
        if failure.inputs.isEmpty, failure.stage != .inputs {
            failure.inputs = try describeInputs(of: element, lua)
        }
        states[element] = .failed
        failures[element] = failure
        counts.failed += 1
        if let key = work.key {
            try release(key, isAbandoned: true)
            known[key] = Known(element: element, name: nil)
        }
        var record = self.record(of: element, .failed, work)
        record.error = failure.recorded
        note(element) { ending in
            ending.attempts = work.attempts
            ending.record = record
        }
    }

    private func describeInputs(
        of element: Int, _ lua: borrowing Lua
    ) throws -> [ModuleFailure.Input] {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let attempt = attempt(element)
        do {
            try attempt.pushInputs(lua)
        } catch is ModuleFailure {
            return []
        }
        return attempt.describe(inputs: base + 1, lua)
    }
}

extension ElementComputation.Ending {
    /// True for an element that leaves nothing.
    fileprivate var isPlain: Bool {
        record == nil && attempts <= 1 && printed.isEmpty && notices.isEmpty && obstacle == nil
    }
}
