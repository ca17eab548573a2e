// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import Jupyter
internal import Shipping

// What comes back, and what does not. All of it runs on the client's thread.

extension ClusterBackend {
    /// Takes an answer; false when it is none to this view's requests.
    func take(_ message: Message, _ parent: String) -> Bool {
        if message.type == "vtlua_probe_reply" { return takeProbe(message, parent) }
        guard let flight = land(parent) else { return false }
        let content = message.content
        if content["lang"].string != "lua" {
            refused(flight, content)
            return true
        }
        let number = flight.member ?? memberNumber(message)
        if let number {
            state.withLock { state in
                state.members[number - 1].pid = content["pid"].int ?? 0
                state.members[number - 1].host = content["host"].string ?? ""
                // The Hub will say so, a little later.
                if content["leaving"].bool == true {
                    state.members[number - 1].goneSince =
                        state.members[number - 1].goneSince ?? vtp_now()
                }
            }
        }
        do {
            guard digest(of: message.buffers) == content["digest"].string else {
                throw ByteReader.Damaged()
            }
            try take(message.buffers, flight, number ?? 0)
        } catch {
            flight.chunk.failRest(
                TaskFailure(
                    cause: .error, message: "the engine's answer was damaged on its way"),
                worker: number ?? 0)
        }
        return true
    }

    /// The flight of a request is over.
    private func land(_ id: String) -> Flight? {
        guard let flight = flights.removeValue(forKey: id) else { return nil }
        if let number = flight.member {
            state.withLock { state in
                state.members[number - 1].flights -= 1
                if state.members[number - 1].flights == 0 { state.members[number - 1].last = nil }
            }
        }
        return flight
    }

    private func memberNumber(_ message: Message) -> Int? {
        guard let uuid = message.metadata["engine"].string else { return nil }
        return state.withLock { $0.members.first { $0.engine.uuid == uuid }?.number }
    }

    private func take(_ buffers: [Part], _ flight: Flight, _ number: Int) throws {
        let lot = flight.chunk.lot
        // Before they are there for whoever waits: who has them all sees all of them counted.
        count(flight.chunk.range.count, number)
        var ended = 0
        defer { count(ended - flight.chunk.range.count, number) }
        ended = try lot.takeResults(buffers, of: flight.chunk.range, worker: number) {
            giveBack(lot, $0, attempts: $1)
        }
    }

    /// Adds to the tasks that an engine has run; what was given back is taken off again.
    private func count(_ tasks: Int, _ number: Int) {
        if number > 0, tasks != 0 { state.withLock { $0.members[number - 1].tasks += tasks } }
    }

    /// An engine did not run it: another one does.
    private func giveBack(_ lot: Lot, _ index: Int, attempts: UInt32? = nil) {
        if let attempts { lot[index].pointee.attempts = UInt16(clamping: attempts) }
        let range = index..<(index + 1)
        if lot.job.isUnwanted(lot.first + index) { return lot.cancel(range) }
        if let worker = lot.worker, let member = member(worker) {
            return Chunk(lot: lot, range: range).fail(
                TaskFailure(cause: .died, message: Self.gone(member)), worker: worker)
        }
        queue.giveBack(Chunk(lot: lot, range: range))
    }

    private func member(_ number: Int) -> Member? {
        state.withLock { $0.members.indices.contains(number - 1) ? $0.members[number - 1] : nil }
    }

    /// The request itself was not taken.
    private func refused(_ flight: Flight, _ content: JSON) {
        let kind = content["ename"].string.flatMap(Refusal.Kind.init(rawValue:))
        switch kind {
        case .unknownJob, .unreachableMemory:
            if let number = flight.member {
                state.withLock { state in
                    state.members[number - 1].known = []
                    if kind == .unreachableMemory {
                        state.members[number - 1].sharesMemory = false
                    }
                }
            }
            return again(flight)
        case .refused, nil: break
        }
        if content["status"].string == "aborted" {
            return flight.chunk.lot.cancel(flight.chunk.range)
        }
        let message = content["evalue"].string ?? "the engine gave no reason"
        if content["ename"].string == "EngineError" {
            // The scheduler's own word for an engine that has died.
            return lost(flight, "the engine that had the task has left the cluster")
        }
        flight.chunk.fail(
            TaskFailure(cause: .error, message: message), worker: flight.member ?? 0)
    }

    /// Sends it once more, to the same engine if that is there.
    private func again(_ flight: Flight) {
        guard let number = flight.member, member(number)?.goneSince == nil else {
            return queue.giveBack(flight.chunk)
        }
        send(flight.chunk, to: number)
    }

    /// Nobody will answer: tasks that may begin anew do.
    func lost(_ flight: Flight, _ reason: String, mayHaveBegun: Bool = true) {
        let lot = flight.chunk.lot
        for index in flight.chunk.range where lot.state(index) == VTP_WAITING {
            guard mayHaveBegun else {
                giveBack(lot, index)
                continue
            }
            vtp_task_attempt(lot[index], Int32(flight.member ?? 0))
            if lot.job.mayRetry(attempts: lot[index].pointee.attempts),
                !lot.job.isUnwanted(lot.first + index)
            {
                giveBack(lot, index)
            } else {
                lot.finish(index, TaskFailure(cause: .died, message: reason))
            }
        }
    }

    // MARK: Engines that do not answer

    /// What an engine has sent before it went may still be under way.
    private static let afterglow = 15_000_000
    private static let probeInterval = 5 * Clock.second
    private static let mostProbes = 3
    /// A result may come a little after the answer that it is no more with the engine.
    private static let courtesy = 2 * Clock.second

    func lookAfterFlights() {
        let now = vtp_now()
        for member in state.withLock({ $0.members }) {
            guard let since = member.goneSince, member.flights > 0,
                now - since > Self.afterglow
            else { continue }
            landAll(of: member)
        }
        for (id, flight) in flights {
            if let since = flight.missingSince, now - since > Self.courtesy {
                if let flight = land(id) {
                    lost(flight, "the task or its result was lost on its way")
                }
            } else if now - flight.probedAt > Self.probeInterval, let number = flight.member,
                let member = member(number)
            {
                if flight.probes >= Self.mostProbes, let flight = land(id) {
                    lost(flight, "engine \(member.engine.id) does not answer")
                } else {
                    probe(member, at: now)
                }
            }
        }
    }

    /// Whether an engine has gone whose last words are waited for.
    var isMourning: Bool {
        state.withLock { $0.members.contains { $0.goneSince != nil && $0.flights > 0 } }
    }

    /// The engine is gone: its oldest chunk was what it was at.
    private func landAll(of member: Member) {
        let mine = flights.filter { $0.value.member == member.number }
            .sorted { $0.value.order < $1.value.order }
        for (position, entry) in mine.enumerated() {
            guard let flight = land(entry.key) else { continue }
            lost(flight, Self.gone(member), mayHaveBegun: position == 0)
        }
    }

    /// Asks an engine which of its chunks it has.
    private func probe(_ member: Member, at now: Int64) {
        let mine = flights.filter { $0.value.member == member.number }
        guard !mine.isEmpty else { return }
        for id in mine.keys {
            flights[id]?.probedAt = now
            flights[id]?.probes += 1
        }
        client.wire.send(
            "vtlua_probe_request", on: .control, to: member.engine.uuid,
            content: ["msg_ids": JSON(Array(mine.keys))])
    }

    /// After the connection was lost and is back.
    func probeAll() {
        let now = vtp_now()
        for member in state.withLock({ $0.members }) where member.goneSince == nil {
            probe(member, at: now)
        }
    }

    private func takeProbe(_ message: Message, _ parent: String) -> Bool {
        guard let number = memberNumber(message) else { return false }
        let known = Set((message.content["known"].array ?? []).compactMap(\.string))
        let asked = Set((message.content["asked"].array ?? []).compactMap(\.string))
        for (id, flight) in flights where flight.member == number && asked.contains(id) {
            flights[id]?.probes = 0
            if known.contains(id) {
                flights[id]?.missingSince = nil
            } else {
                flights[id]?.missingSince = flight.missingSince ?? vtp_now()
            }
        }
        return true
    }

    // MARK: No engines

    /// There is work, and nobody to do it: that ends after a while.
    func lookForLoneliness() {
        let isLonely =
            flights.isEmpty && queue.waiting > 0
            && state.withLock { $0.members.allSatisfy { $0.goneSince != nil } }
        guard isLonely else {
            lonelySince = nil
            return
        }
        let now = vtp_now()
        let since = lonelySince ?? now
        lonelySince = since
        let failure: TaskFailure
        if isFixed {
            failure = TaskFailure(
                cause: .closed,
                message: "all engines of this view have left the cluster; make another view")
        } else {
            guard now - since > Int64(options.patience * 1e9) else { return }
            failure = TaskFailure(
                cause: .closed,
                message: "there is no engine, and none has joined for "
                    + "\(brief(options.patience)) s; start some with: vtlua cluster scale N")
        }
        for chunk in queue.takeAll() { chunk.fail(failure, worker: 0) }
    }
}

extension Chunk {
    /// Fails what has not ended yet.
    func failRest(_ failure: TaskFailure, worker: Int) {
        for index in range where lot.state(index) == VTP_WAITING {
            Chunk(lot: lot, range: index..<(index + 1)).fail(failure, worker: worker)
        }
    }
}
