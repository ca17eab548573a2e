// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTJupyter
internal import VTShipping
internal import VTSystem

// The results, and engines that do not answer.

extension ClusterScheduler {
    /// Takes an answer; false when it does not belong to this view's requests.
    func take(_ message: Message, _ parent: String) -> Bool {
        if message.type == "vtlua_probe_reply" { return takeProbe(message, parent) }
        guard let inFlight = land(parent) else { return false }
        let content = message.content
        if content["lang"].string != "lua" {
            refused(inFlight, content)
            return true
        }
        let number = inFlight.member ?? memberNumber(message)
        if let number {
            state.withLock { state in
                state.members[number - 1].pid = content["pid"].int ?? 0
                state.members[number - 1].host = content["host"].string ?? ""
                // The Hub reports it a little later.
                if content["leaving"].bool == true {
                    state.members[number - 1].goneSince =
                        state.members[number - 1].goneSince ?? Clock.now
                }
            }
        }
        do {
            guard digest(of: message.buffers) == content["digest"].string else {
                throw ByteReader.Damaged()
            }
            try take(message.buffers, inFlight, number ?? 0)
        } catch {
            inFlight.chunk.failRest(
                TaskFailure(
                    cause: .error, message: "the engine's answer was damaged in transit"),
                worker: number ?? 0)
        }
        return true
    }

    /// Removes the chunk of a request from those in flight.
    private func land(_ id: String) -> InFlightChunk? {
        guard let inFlight = chunksInFlight.removeValue(forKey: id) else { return nil }
        if let number = inFlight.member {
            state.withLock { state in
                state.members[number - 1].chunksInFlight -= 1
                if state.members[number - 1].chunksInFlight == 0 {
                    state.members[number - 1].last = nil
                }
            }
        }
        return inFlight
    }

    private func memberNumber(_ message: Message) -> Int? {
        guard let uuid = message.metadata["engine"].string else { return nil }
        return state.withLock { $0.members.first { $0.engine.uuid == uuid }?.number }
    }

    private func take(_ buffers: [Part], _ inFlight: InFlightChunk, _ number: Int) throws {
        let batch = inFlight.chunk.batch
        // Counted before they are published: a caller that has all results sees all of them
        // counted.
        count(inFlight.chunk.range.count, number)
        var ended = 0
        defer { count(ended - inFlight.chunk.range.count, number) }
        ended = try batch.takeResults(buffers, of: inFlight.chunk.range, worker: number) {
            giveBack(batch, $0, attempts: $1)
        }
    }

    /// Adds to the number of tasks that an engine has run; a negative number for returned tasks.
    private func count(_ tasks: Int, _ number: Int) {
        if number > 0, tasks != 0 { state.withLock { $0.members[number - 1].tasks += tasks } }
    }

    /// Returns a task that an engine did not run to the queue.
    private func giveBack(_ batch: TaskBatch, _ index: Int, attempts: UInt32? = nil) {
        if let attempts { batch[index].pointee.attempts = UInt16(clamping: attempts) }
        let range = index..<(index + 1)
        if batch.call.isUnwanted(batch.first + index) { return batch.cancel(range) }
        if let worker = batch.worker, let member = member(worker) {
            return Chunk(batch: batch, range: range).fail(
                TaskFailure(cause: .died, message: Self.gone(member)), worker: worker)
        }
        queue.giveBack(Chunk(batch: batch, range: range))
    }

    private func member(_ number: Int) -> Member? {
        state.withLock { $0.members.indices.contains(number - 1) ? $0.members[number - 1] : nil }
    }

    /// Handles a request that the engine refused.
    private func refused(_ inFlight: InFlightChunk, _ content: JSON) {
        let kind = content["ename"].string.flatMap(Refusal.Kind.init(rawValue:))
        switch kind {
        case .unknownCall, .unreachableMemory:
            if let number = inFlight.member {
                state.withLock { state in
                    state.members[number - 1].known = []
                    if kind == .unreachableMemory {
                        state.members[number - 1].sharesMemory = false
                    }
                }
            }
            return again(inFlight)
        case .refused, nil: break
        }
        if content["status"].string == "aborted" {
            return inFlight.chunk.batch.cancel(inFlight.chunk.range)
        }
        let message = content["evalue"].string ?? "the engine gave no reason"
        if content["ename"].string == "EngineError" {
            // The scheduler reports an engine that has died by this name.
            return lost(inFlight, "the engine that had the task has left the cluster")
        }
        inFlight.chunk.fail(
            TaskFailure(cause: .error, message: message), worker: inFlight.member ?? 0)
    }

    /// Sends a chunk again, to the same engine if that has not left.
    private func again(_ inFlight: InFlightChunk) {
        guard let number = inFlight.member, member(number)?.goneSince == nil else {
            return queue.giveBack(inFlight.chunk)
        }
        send(inFlight.chunk, to: number)
    }

    /// Ends a chunk that no engine will answer: tasks that may run again are returned to the queue.
    func lost(_ inFlight: InFlightChunk, _ reason: String, mayHaveBegun: Bool = true) {
        let batch = inFlight.chunk.batch
        for index in inFlight.chunk.range where batch.state(index) == VTP_WAITING {
            guard mayHaveBegun else {
                giveBack(batch, index)
                continue
            }
            vtp_task_attempt(batch[index], Int32(inFlight.member ?? 0))
            if batch.call.mayRetry(attempts: batch[index].pointee.attempts),
                !batch.call.isUnwanted(batch.first + index)
            {
                giveBack(batch, index)
            } else {
                batch.finish(index, TaskFailure(cause: .died, message: reason))
            }
        }
    }

    // MARK: Engines that do not answer

    /// The nanoseconds that an engine's last messages may take after it has left.
    private static let afterglow = 15_000_000
    private static let probeInterval = 5 * Clock.second
    private static let mostProbes = 3
    /// The nanoseconds that a result may take after the engine has stopped listing its request.
    private static let courtesy = 2 * Clock.second

    func checkChunksInFlight() {
        let now = Clock.now
        for member in state.withLock({ $0.members }) {
            guard let since = member.goneSince, member.chunksInFlight > 0,
                now - since > Self.afterglow
            else { continue }
            landAll(of: member)
        }
        for (id, inFlight) in chunksInFlight {
            if let since = inFlight.missingSince, now - since > Self.courtesy {
                if let inFlight = land(id) {
                    lost(inFlight, "the task or its result was lost on its way")
                }
            } else if now - inFlight.probedAt > Self.probeInterval, let number = inFlight.member,
                let member = member(number)
            {
                if inFlight.probes >= Self.mostProbes, let inFlight = land(id) {
                    lost(inFlight, "engine \(member.engine.id) does not answer")
                } else {
                    probe(member, at: now)
                }
            }
        }
    }

    /// True if an engine has left whose last results are awaited.
    var awaitsEngineLoss: Bool {
        state.withLock { $0.members.contains { $0.goneSince != nil && $0.chunksInFlight > 0 } }
    }

    /// Ends the chunks of an engine that has left. It was running the oldest.
    private func landAll(of member: Member) {
        let mine = chunksInFlight.filter { $0.value.member == member.number }
            .sorted { $0.value.order < $1.value.order }
        for (position, entry) in mine.enumerated() {
            guard let inFlight = land(entry.key) else { continue }
            lost(inFlight, Self.gone(member), mayHaveBegun: position == 0)
        }
    }

    /// Asks an engine for the chunks that it has.
    private func probe(_ member: Member, at now: Int64) {
        let mine = chunksInFlight.filter { $0.value.member == member.number }
        guard !mine.isEmpty else { return }
        for id in mine.keys {
            chunksInFlight[id]?.probedAt = now
            chunksInFlight[id]?.probes += 1
        }
        transport.wire.send(
            "vtlua_probe_request", on: .control, to: member.engine.uuid,
            content: ["msg_ids": JSON(Array(mine.keys))])
    }

    /// Asks all engines for their chunks, after the connection was restored.
    func probeAll() {
        let now = Clock.now
        for member in state.withLock({ $0.members }) where member.goneSince == nil {
            probe(member, at: now)
        }
    }

    private func takeProbe(_ message: Message, _ parent: String) -> Bool {
        guard let number = memberNumber(message) else { return false }
        let known = Set((message.content["known"].array ?? []).compactMap(\.string))
        let asked = Set((message.content["asked"].array ?? []).compactMap(\.string))
        for (id, inFlight) in chunksInFlight where inFlight.member == number && asked.contains(id) {
            chunksInFlight[id]?.probes = 0
            if known.contains(id) {
                chunksInFlight[id]?.missingSince = nil
            } else {
                chunksInFlight[id]?.missingSince = inFlight.missingSince ?? Clock.now
            }
        }
        return true
    }

    // MARK: No engines

    /// Fails the waiting tasks when there has been no engine for ``ClusterViewOptions/patience``.
    func checkForEngines() {
        let hasNoEngines =
            chunksInFlight.isEmpty && queue.waiting > 0
            && state.withLock { $0.members.allSatisfy { $0.goneSince != nil } }
        guard hasNoEngines else {
            noEnginesSince = nil
            return
        }
        let now = Clock.now
        let since = noEnginesSince ?? now
        noEnginesSince = since
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
                    + "\(Format.plainSeconds(options.patience)) s; start some with: vtlua cluster scale N"
            )
        }
        for chunk in queue.takeAll() { chunk.fail(failure, worker: 0) }
    }
}

extension Chunk {
    /// Fails the tasks that have not ended.
    func failRest(_ failure: TaskFailure, worker: Int) {
        for index in range where batch.state(index) == VTP_WAITING {
            Chunk(batch: batch, range: index..<(index + 1)).fail(failure, worker: worker)
        }
    }
}
