// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

// The results that elements have before they are computed.

extension ElementComputation {
    /// The state of an element before it is computed.
    enum Start {
        /// It has a result, or has failed.
        case over
        /// It must be computed; its result is kept under the key.
        case compute(key: Digest?, inputs: [String])
        /// Another run computes it now.
        case heldElsewhere
    }

    /// Looks for the result of an element.
    func start(_ element: Int, _ lua: borrowing Lua) throws -> Start {
        guard states[element] == .waiting else { return .over }
        if each.mayHaveGaps, try skip(element, lua) { return .over }
        guard let keys else { return .compute(key: nil, inputs: []) }
        let attempt = attempt(element)
        do {
            guard try mayBeKept(attempt, lua),
                let (key, inputs) = try keys.key(lua, push: { try attempt.pushElement($0, lua) })
            else { return .compute(key: nil, inputs: []) }
            if !outdated.isEmpty { outdated[key] = nil }
            if isForced(element) { return .compute(key: key, inputs: inputs) }
            if run.suspended.contains(key) {
                states[element] = .suspended
                isSuspendedBy = isSuspendedBy ?? ""
                return .over
            }
            if let other = known[key]?.element {
                if states[other] == .failed {
                    return try repeatFailure(of: other, as: element, lua)
                }
                return try repeatResult(of: other, as: element, (key, inputs), lua)
            }
            if try find(key, of: element, inputs, lua) { return .over }
            return try lease(key, of: element, inputs, lua)
        } catch let failure as ModuleFailure {
            try fail(
                element, failure, Work(started: Clock.now, ended: Clock.now, attempts: 0), lua)
            return .over
        }
    }

    /// True if the user wants an element computed even if it has a result.
    func isForced(_ element: Int) -> Bool {
        let forced = run.options.forced
        if forced.isEmpty { return false }
        return forced.contains(step.name) || forced.contains(attempt(element).name)
    }

    /// Fails an element that depends on one that has failed.
    private func skip(_ element: Int, _ lua: borrowing Lua) throws -> Bool {
        let place = list.place(of: element)
        var cause: ModuleFailure?
        step.forEachNeed { source, input in
            guard cause == nil, let gaps = run.gaps[source] else { return }
            // Another value takes the place of this one.
            if step.choosesForElements, step.replacesFailure,
                input.map({ step.definition.inputs[$0].name }) == "value"
            {
                return
            }
            cause = gaps.failures.lazy.first { place.starts(with: $0.key) }?.value
        }
        guard let cause else { return false }
        states[element] = .failed
        failures[element] = cause
        skipped.insert(element)
        counts.failed += 1
        return true
    }

    /// Takes the result of an element from the store if it is there.
    func find(
        _ key: Digest, of element: Int, _ inputs: [String], _ lua: borrowing Lua
    ) throws -> Bool {
        try run.findStored(key, lua) { result, _ in
            if result.hasNames, try !read(result, of: element, lua) { return nil as Bool? }
            let attempt = attempt(element)
            run.note(result, madeBy: attempt.name)
            try run.noteInputFiles(of: attempt.step, attempt, lua)
            take(result, of: element, inputs)
            return true
        } ?? false
    }

    /// Takes the lease of an element that has no result.
    private func lease(
        _ key: Digest, of element: Int, _ inputs: [String], _ lua: borrowing Lua
    ) throws -> Start {
        // The first of two equal elements has it.
        if leases.contains(key) { return .compute(key: key, inputs: inputs) }
        guard try run.withStore({ try $0.lease(key) }) ?? true else {
            let isUseless = try run.withStore { try $0.wasAbandoned(key, since: beganAt) } ?? true
            return isUseless ? .compute(key: key, inputs: inputs) : .heldElsewhere
        }
        leases.insert(key)
        // Another run may have kept a result between the look-up and the lease.
        if try run.withStore({ try $0.hasNewResults() }) ?? false,
            try find(key, of: element, inputs, lua)
        {
            try release(key)
            return .over
        }
        return .compute(key: key, inputs: inputs)
    }

    func release(_ key: Digest, isAbandoned: Bool = false) throws {
        guard leases.remove(key) != nil else { return }
        try run.withStore { isAbandoned ? try $0.abandon(key) : try $0.release(key) }
    }

    /// Completes the outcome, writes what is not written, and releases all leases.
    func end() throws {
        defer {
            for key in leases { run.withStore { try? $0.release(key) } }
            leases = []
        }
        settle()
        try log.write()
    }

    /// Waits a while for other runs, which compute elements of this one.
    ///
    /// - Parameter pause: the time to wait in microseconds; made longer for the next time.
    func awaitOthers(_ pause: inout UInt32, _ lua: borrowing Lua) throws {
        try log.write()
        try run.withStore { try $0.pause() }
        try lua.checkCancellation()
        _ = try run.othersContinued(lua)
        usleep(pause)
        pause = min(pause * 3 / 2, 50_000)
    }

    /// Calls the module's function `cache` if it has one.
    func mayBeKept(_ attempt: StepAttempt, _ lua: borrowing Lua) throws -> Bool {
        guard case .when(let decide) = each.element.caching else { return true }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try attempt.pushInputs(lua)
        try lua.push(decide)
        try lua.pushValue(at: base + 1)
        try attempt.calling(.caching, lua) { try lua.call(arguments: 1, results: 1) }
        return lua.truth(at: -1)
    }

    // MARK: Results that exist

    private func take(_ result: StoredResult, of element: Int, _ inputs: [String]) {
        setDigests(result.digests.digests, of: element)
        if states[element] == .waiting { unread[element] = result }
        states[element] = .cached
        counts.cached += 1
        var record = ElementRecord(place: list.place(of: element), status: .cached)
        record.key = result.name
        record.inputs = inputs
        note(element) { ending in
            ending.printed = result.printed
            ending.record = record
        }
    }

    /// Takes the failure of an equal element.
    func repeatFailure(of other: Int, as element: Int, _ lua: borrowing Lua) throws -> Start {
        guard var failure = failures[other] else { return .over }
        failure.node = attempt(element).name
        try fail(element, failure, Work(started: Clock.now, ended: Clock.now, attempts: 0), lua)
        return .over
    }

    /// Takes the result of an equal element.
    func repeatResult(
        of other: Int, as element: Int, _ found: (key: Digest, inputs: [String]),
        _ lua: borrowing Lua
    ) throws -> Start {
        try lua.push(values)
        defer { lua.pop() }
        for port in ports {
            try lua.pushRawField(port.name, of: -1)
            try lua.pushRawElement(other + 1, of: -1)
            // Each element has a table of its own.
            if lua.type(at: -1) == .table { try run.interpreter.copyTable(lua) }
            try lua.replaceArrayByCopy()
            try lua.setRawElement(element + 1, of: -2)
            lua.pop()
        }
        if hasDigests[other] {
            let size = 32 * ports.count
            digests.replaceSubrange(
                (element * size)..<((element + 1) * size),
                with: digests[(other * size)..<((other + 1) * size)])
            hasDigests[element] = true
        }
        states[element] = .cached
        counts.cached += 1
        var record = ElementRecord(place: list.place(of: element), status: .cached)
        record.key = known[found.key].map(\.name) ?? found.key
        record.inputs = found.inputs
        note(element) { $0.record = record }
        return .over
    }

    /// Reads a stored result into the tables of values; false if it cannot be read here.
    func read(
        _ result: StoredResult, of element: Int, _ lua: borrowing Lua
    ) throws -> Bool {
        let step = elementStep(element)
        guard let bytes = try result.outputs ?? run.withStore({ try $0.outputs(of: result) }) else {
            return false
        }
        do {
            let outputs = try run.decode(bytes, of: step, result, lua)
            try set(outputs, of: element, lua)
            return true
        } catch is ModuleFailure {
            return false
        } catch is ShippingError {
            try run.withStore { try $0.forget(result.name) }
            return false
        }
    }
}
