// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

// Steps that compute another module in turns.

extension Run {
    /// Computes a module turn after turn.
    ///
    /// - Parameter waits: true to wait while another run computes the step; otherwise
    ///   ``HeldElsewhere`` is thrown then.
    func computeTurns(
        of index: Int, waits: Bool, _ lua: borrowing Lua
    ) throws -> ModuleRecord {
        let step = plan.steps[index]
        let began = Clock.now
        // Without a store, the result of the whole step is kept.
        if keys?.usesStore == false, step.lastTurn == nil, let found = try known(index, lua) {
            return record(
                step, .cached, seconds: Clock.seconds(since: began), printed: found.printed)
        }
        try beginComputing()
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        if keys?.usesStore == true { _ = try keys?.make(index, lua) { try pushOutput($0, lua) } }
        try StepAttempt(run: self, step: step).pushInputs(lua)
        let turns = try TurnComputation(of: index, inputs: lua.top, in: self, lua)
        turns.waits = waits
        do {
            try compute(turns, lua)
            try turns.log.write()
            if keys?.usesStore == false, turns.counts.computed > 0,
                let changed = try judgeEnvironment(after: index, lua)
            {
                turns.obstacle = turns.obstacle ?? changed
            }
        } catch {
            // Computed results are kept, whatever ended the run.
            try? turns.log.write()
            if let suspension = error as? Suspension {
                return try record(
                    of: turns, nil, isSuspendedBy: suspension.shown,
                    seconds: Clock.seconds(since: began), lua)
            }
            guard let failure = error as? ModuleFailure else { throw error }
            return try record(of: turns, failure, seconds: Clock.seconds(since: began), lua)
        }
        turns.report(always: true)
        return try record(of: turns, nil, seconds: Clock.seconds(since: began), lua)
    }

    private func compute(_ turns: TurnComputation, _ lua: borrowing Lua) throws {
        let last = turns.step.lastTurn ?? .max
        var hasEnded = turns.control == .fold
        while turns.turns < turns.limit {
            try lua.checkCancellation()
            let isDone = try computeNext(turns, lua)
            turns.report()
            try letOthersContinue(lua)
            if turns.turns == last { return }
            if !isDone, turns.turns < turns.limit { continue }
            try turns.read(lua)
            if turns.state == nil {
                turns.restart()
            } else if isDone {
                if last == .max { return }
                hasEnded = true
                break
            }
        }
        if last < .max, hasEnded {
            throw StepAttempt(run: self, step: turns.step).failure(
                .compute,
                "there is no turn \(turns.step.name)[\(last)]: the node has "
                    + Format.count(turns.turns, "turn"), inputs: nil, lua)
        }
        if turns.control == .fold { return }
        let count = Format.count(turns.limit, "turn")
        var shown = "nil"
        if let state = turns.state {
            try lua.push(state)
            shown = lua.brief(at: -1)
            lua.pop()
        }
        throw StepAttempt(run: self, step: turns.step).failure(
            .compute,
            "not done after \(count); the last state is \(shown). Let `\(turns.module.name)` set "
                + "`done`, or give a larger `limit`", inputs: nil, lua)
    }

    /// Computes the next turn or takes its result from the store. Returns true if it is the last.
    private func computeNext(_ turns: TurnComputation, _ lua: borrowing Lua) throws -> Bool {
        let turn = turns.turns + 1
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let started = Clock.now
        let isForced =
            !options.forced.isEmpty
            && (options.forced.contains(turns.step.name)
                || options.forced.contains(turns.step.name + turns.label(of: turn)))
        var key: Digest?
        if keys?.usesStore == true, environment.store?.isUsable == true {
            key = try turns.key(turn, lua)
            if let key, !isForced {
                if let isDone = try turns.find(key, turn, lua) { return isDone }
                if try turns.takeLease(lua), let isDone = try turns.find(key, turn, lua) {
                    return isDone
                }
            }
        }
        try turns.read(lua)
        if turns.state == nil {
            turns.restart()
            return false
        }
        var attempt = turns.attempt(turn)
        do {
            if let key, suspended.contains(key) {
                throw Suspension(handle: nil, shown: "the same work as another node")
            }
            if try turns.cancels(lua) {
                try cancelOthers(
                    than: key, named: attempt.name, of: turns.module, isTurn: true, lua)
            }
            attempt.handle = try handle(under: key, of: turns.module, isForced: isForced, lua)
            try attempt.pushInputs(lua)
            let table = lua.top
            keys?.observer.beginComputing()
            if keys != nil { try beginWatchingEnvironment(lua) }
            let files = try inputFiles(of: attempt.step, table, lua)
            var result = try compute(turn, of: turns, &attempt, inputs: table, lua)
            try lua.checkCancellation()
            try meetCancellation(lua)
            var named = turns.template
            if !result.accesses.isEmpty { named.name += turns.label(of: turn) }
            if attempt.wasStopped {
                result.obstacle = "it was stopped at a breakpoint"
            } else if keys != nil {
                // Without a store, only the result of all turns is kept.
                try judge(
                    &result, of: named, at: turns.index, inputFiles: files,
                    isHere: keys?.usesStore == true && turns.worker == 0, lua)
            }
            let isDone = try turns.keep(
                result, turn, under: key, since: started, attempts: attempt.count, lua)
            if attempt.handle != nil {
                try turns.log.write()
                try endSuspension(under: key)
            }
            return isDone
        } catch let suspension as Suspension {
            try keep(suspension, under: key, of: attempt, lua)
            turns.addPrinted(attempt.printed)
            turns.counts.suspended = 1
            turns.counts.total = turn
            var record = ElementRecord(place: [turn], status: .suspended)
            record.started = Clock.date(started)
            record.seconds = Clock.seconds(since: started)
            record.attempts = attempt.count
            turns.note(record)
            throw suspension
        } catch let failure as ModuleFailure {
            if attempt.handle != nil, failure.isDeliberate { try endSuspension(under: key) }
            turns.addPrinted(attempt.printed)
            turns.counts.failed += 1
            turns.counts.total = turn
            var record = ElementRecord(place: [turn], status: .failed)
            record.started = Clock.date(started)
            record.seconds = Clock.seconds(since: started)
            record.attempts = attempt.count
            record.worker = turns.worker
            record.error = failure.recorded
            turns.note(record)
            throw failure
        }
    }

    private func record(
        of turns: TurnComputation, _ failure: ModuleFailure?, isSuspendedBy handle: String? = nil,
        seconds: Double, _ lua: borrowing Lua
    ) throws -> ModuleRecord {
        let index = turns.index
        outputDigests = [:]
        var status = ModuleRecord.Status.computed
        turns.counts.total = max(turns.counts.total, turns.turns)
        if failure != nil {
            status = .failed
            outputs[index] = nil
        } else if handle != nil {
            status = .suspended
            outputs[index] = nil
        } else {
            if turns.counts.computed == 0, keys?.usesStore == true,
                keys?.record(of: index)?.key != nil
            {
                status = .cached
            }
            if turns.step.lastTurn == nil { try takeResult(of: turns, lua) }
        }
        try keys?.addParts(of: index, lua) { try pushOutput($0, lua) }
        if let obstacle = turns.obstacle { keys?.setObstacle(obstacle, of: index) }
        var record = record(
            turns.step, status, seconds: seconds, attempts: 1, printed: turns.printed,
            failure: failure, because: handle)
        record.notices = turns.notices
        record.elements = turns.counts
        return record
    }

    private func takeResult(of turns: TurnComputation, _ lua: borrowing Lua) throws {
        let index = turns.index
        try turns.read(lua)
        try lua.pushTable(fields: 2)
        if let state = turns.state {
            try lua.push(state)
            try lua.setRawField("state", of: -2)
        }
        if turns.control == .loop {
            try lua.push(turns.turns)
            try lua.setRawField("turns", of: -2)
        }
        let table = try lua.takeReference()
        outputs[index] = table
        guard let keys else { return }
        if keys.usesStore {
            var digests: [Digest?] = []
            for port in turns.step.definition.outputs {
                digests.append(
                    port.name == "state"
                        ? turns.stateDigest : keys.names.digest(Array("\(turns.turns)".utf8)))
            }
            keys.setDigests(digests, of: index)
            return
        }
        guard turns.obstacle == nil, let number = keys.number(of: index) else { return }
        var entry = ResultCache.Entry(outputs: table, printed: turns.printed, annotations: [])
        entry.observations = Array(turns.observations)
        entry.products = Array(turns.products)
        interpreter.cache.store(entry, under: number)
    }

    /// Predicts what the run would do with a step of turns: the turns whose results are in the store are
    /// looked up.
    func forecastTurns(
        of index: Int, _ forecast: inout Forecast, _ lua: borrowing Lua
    ) throws -> Bool {
        guard let keys, keys.usesStore, environment.store?.isUsable == true else { return false }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        _ = try keys.make(index, lua) { try pushOutput($0, lua) }
        try StepAttempt(run: self, step: plan.steps[index]).pushInputs(lua)
        let turns = try TurnComputation(of: index, inputs: lua.top, in: self, lua)
        var isDone = turns.control == .fold && turns.limit == 0
        while !isDone, turns.turns < turns.limit {
            try lua.checkCancellation()
            let turn = turns.turns + 1
            guard let key = try turns.key(turn, lua), let found = try turns.find(key, turn, lua)
            else { break }
            isDone = found || turns.control == .fold && turns.turns == turns.limit
            if turns.turns == turns.step.lastTurn { isDone = true }
        }
        guard isDone else {
            if turns.turns == 0 { return false }
            forecast.reason =
                "\(Format.count(turns.turns, "turn")) cached; goes on with turn \(turns.turns + 1)"
            if let key = try turns.key(turns.turns + 1, lua), let node = try suspended(under: key) {
                forecast.reason? += ", which is suspended: \(node.shown)"
            }
            return true
        }
        forecast.state = .cached
        if turns.step.lastTurn == nil { try takeResult(of: turns, lua) }
        return true
    }
}

extension TurnComputation {
    /// Takes the result of a turn from the store. Returns true if it is the last turn; nil if there is no
    /// result.
    fileprivate func find(_ key: Digest, _ turn: Int, _ lua: borrowing Lua) throws -> Bool? {
        try run.findStored(key, lua) { result, _ in
            let digests = result.digests.digests
            guard digests.count == module.outputs.count,
                let position = module.outputIndex["state"]
            else { return nil as Bool? }
            var isDone = false
            if control == .loop {
                guard let found = try done(result, digests, lua) else { return nil }
                isDone = found
            }
            let before = (digest: stateDigest, unread: unread, state: state)
            stateDigest = digests[position]
            unread = result
            state = nil
            if result.hasNames || readsAll {
                try read(lua)
                if state == nil {
                    (stateDigest, unread, state) = before
                    return nil
                }
            }
            run.note(result, madeBy: step.name + label(of: turn))
            if !run.isOutermost { try noteInputFiles(of: turn, before.state, lua) }
            turns = turn
            counts.cached += 1
            addPrinted(result.printed)
            var record = ElementRecord(place: [turn], status: .cached)
            record.key = result.name
            note(record)
            try log.writeIfDue()
            return isDone
        }
    }

    /// Returns the output `done` of a stored result: its digest distinguishes true from false.
    private func done(
        _ result: StoredResult, _ digests: [Digest?], _ lua: borrowing Lua
    ) throws -> Bool? {
        guard let position = module.outputIndex["done"], let digest = digests[position] else {
            return nil
        }
        if digest == .ofNil { return false }
        let known = try doneDigests(lua)
        if digest == known.true { return true }
        if digest == known.false { return false }
        return nil
    }

    private func doneDigests(_ lua: borrowing Lua) throws -> (true: Digest, false: Digest) {
        if let known = run.booleanDigests { return known }
        func digest(_ value: Bool) throws -> Digest {
            let encoder = run.interpreter.encoder
            encoder.truncate(to: 0)
            defer { encoder.truncate(to: 0) }
            try lua.push(value)
            defer { lua.pop() }
            try encoder.encode(lua, at: -1)
            let bytes = encoder.withBytes { Array($0) }
            return run.keys?.names.digest(bytes) ?? .ofNil
        }
        let made = (true: try digest(true), false: try digest(false))
        run.booleanDigests = made
        return made
    }

    /// Reads the state from the stored result of the last turn.
    func read(_ lua: borrowing Lua) throws {
        guard state == nil, let result = unread else { return }
        var named = template
        named.name += label(of: turns)
        if let bytes = try result.outputs ?? run.withStore({ try $0.outputs(of: result) }) {
            let outputs = try run.decode(bytes, of: named, result, lua)
            try take(outputs, lua)
        }
        unread = nil
    }

    /// Takes the state from a table of outputs. Returns the output `done`.
    @discardableResult
    private func take(_ outputs: LuaReference, _ lua: borrowing Lua) throws -> Bool {
        try lua.push(outputs)
        defer { lua.pop() }
        try lua.pushRawField("state", of: -1)
        state = try lua.takeReference()
        guard control == .loop else { return false }
        try lua.pushRawField("done", of: -1)
        defer { lua.pop() }
        return lua.truth(at: -1)
    }

    /// Takes the result of a turn that was computed. Returns true if it is the last turn.
    fileprivate func keep(
        _ result: StepAttempt.Computed, _ turn: Int, under key: Digest?, since started: Int64,
        attempts: Int, _ lua: borrowing Lua
    ) throws -> Bool {
        let isDone = try take(result.entry.outputs, lua)
        turns = turn
        counts.computed += 1
        addPrinted(result.entry.printed)
        notices += result.notices.filter { !notices.contains($0) }
        guard run.keys?.usesStore == true, run.environment.store?.isUsable == true else {
            if run.keys != nil {
                obstacle = obstacle ?? result.obstacle
                if !result.accesses.isEmpty {
                    observations.formUnion(result.observations)
                    products.formUnion(result.products)
                }
            }
            return isDone
        }
        let encoded = try run.encode(result.entry.outputs, of: template, lua)
        stateDigest = module.outputIndex["state"].flatMap { encoded.digests[$0] }
        var record = ElementRecord(place: [turn], status: .computed)
        record.started = Clock.date(started)
        record.seconds = Clock.seconds(since: started)
        record.attempts = attempts
        record.worker = worker
        if let reason = result.obstacle ?? encoded.obstacle {
            obstacle = obstacle ?? "turn \(label(of: turn)): \(reason)"
        } else if let key {
            record.key = try run.store(
                result, encoded, under: key, of: template, seconds: record.seconds, lua)
            log.addResult(lease: nil)
        }
        note(record)
        try log.writeIfDue()
        return isDone
    }

    func addPrinted(_ text: String) {
        if printed.utf8.count < PrintedText.limit { printed += text }
    }
}
