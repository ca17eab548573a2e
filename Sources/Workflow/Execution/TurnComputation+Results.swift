// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

// The results of turns: those in the store, and those that were computed.

extension TurnComputation {
    /// Takes the result of a turn from the store. Returns true if it is the last turn; nil if there is no
    /// result.
    func find(_ key: Digest, _ turn: Int, _ lua: borrowing Lua) throws -> Bool? {
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
    func keep(
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
