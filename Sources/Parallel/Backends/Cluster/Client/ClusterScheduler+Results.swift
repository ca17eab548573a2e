// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTJupyter
internal import VTShipping
internal import VTSystem

// The results of tasks.

extension ClusterScheduler {
    /// Takes an answer; false when it does not belong to this view's requests.
    func take(_ message: Message, _ parent: String, on channel: ClientWire.Channel) -> Bool {
        if message.type == "vtlua_probe_reply" { return takeProbe(message, parent, on: channel) }
        guard let waiting = chunksInFlight[parent] else { return false }
        if let number = waiting.member { noteMessage(of: number, on: channel) }
        let content = message.content
        let memory: ResultMemory
        do throws(Refusal) {
            memory = try ResultMemory(content["memory"])
        } catch {
            askForBuffers(of: parent, waiting)
            return true
        }
        guard let inFlight = land(parent) else { return false }
        if content["lang"].string != "lua" {
            refused(inFlight, message)
            return true
        }
        let number = inFlight.member ?? memberNumber(message)
        if let number {
            state.withLock { state in
                state.members[number - 1].pid = content["pid"].int ?? 0
                state.members[number - 1].host = content["host"].string ?? ""
                // Its notice that it has left follows, and the Hub's.
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
            try take(message.buffers, memory, inFlight, number ?? 0)
        } catch {
            inFlight.chunk.failRest(
                TaskFailure(
                    cause: .error, message: "the engine's answer was damaged in transit"),
                worker: number ?? 0)
        }
        return true
    }

    /// Removes the chunk of a request from those in flight.
    func land(_ id: String) -> InFlightChunk? {
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

    /// Asks for a result again that was passed in memory which this process cannot map.
    private func askForBuffers(of id: String, _ inFlight: InFlightChunk) {
        let engine = inFlight.member.flatMap(member)?.engine.uuid
        guard let engine else {
            return lost(inFlight, "the result cannot be read: its memory cannot be mapped")
        }
        state.withLock { state in
            for index in state.members.indices where state.members[index].engine.uuid == engine {
                state.members[index].sharesMemory = false
            }
        }
        transport.wire.send(
            "vtlua_result_request", on: .mux, to: engine, content: ["msg_id": .string(id)])
    }

    func memberNumber(_ message: Message) -> Int? {
        message.metadata["engine"].string.flatMap(memberNumber(of:))
    }

    func memberNumber(of uuid: String) -> Int? {
        state.withLock { $0.members.first { $0.engine.uuid == uuid }?.number }
    }

    private func take(
        _ buffers: [Part], _ memory: ResultMemory, _ inFlight: InFlightChunk, _ number: Int
    ) throws {
        let batch = inFlight.chunk.batch
        // Counted before they are published: a caller that has all results sees all of them
        // counted.
        count(inFlight.chunk.range.count, number)
        var ended = 0
        defer { count(ended - inFlight.chunk.range.count, number) }
        ended = try batch.takeResults(
            buffers, memory, of: inFlight.chunk.range, worker: number
        ) {
            giveBack(batch, $0, attempts: $1)
        }
    }

    /// Adds to the number of tasks that an engine has run; a negative number for returned tasks.
    private func count(_ tasks: Int, _ number: Int) {
        if number > 0, tasks != 0 { state.withLock { $0.members[number - 1].tasks += tasks } }
    }

    /// Returns a task to the queue that an engine did not run, or that may run again. The next
    /// attempt of a task that has ended its engine's worker waits until the engine is replaced.
    func giveBack(_ batch: TaskBatch, _ index: Int, attempts: UInt32? = nil) {
        let range = index..<(index + 1)
        var hasFailed = false
        if let attempts {
            let count = UInt16(clamping: attempts)
            hasFailed = count > batch[index].pointee.attempts
            batch[index].pointee.attempts = count
        }
        if batch.call.isUnwanted(batch.first + index) { return batch.cancel(range) }
        if let worker = batch.worker, let member = member(worker) {
            return Chunk(batch: batch, range: range).fail(
                TaskFailure(cause: .died, message: Self.gone(member)), worker: worker)
        }
        let chunk = Chunk(batch: batch, range: range)
        if hasFailed { postpone(chunk) } else { queue.giveBack(chunk) }
    }

    func member(_ number: Int) -> Member? {
        state.withLock { $0.members.indices.contains(number - 1) ? $0.members[number - 1] : nil }
    }

    /// Handles a request that the engine refused.
    private func refused(_ inFlight: InFlightChunk, _ message: Message) {
        let content = message.content
        let uuid = message.metadata["engine"].string
        let kind = Refusal.Kind(content)
        switch kind {
        case .otherVersion:
            let number = inFlight.member ?? uuid.flatMap(memberNumber(of:))
            guard let number else { break }
            let text = content["evalue"].string ?? "it has another version"
            // Engines of earlier releases do not name themselves.
            let id = member(number)?.engine.id ?? 0
            leaveOut(number, text.hasPrefix("engine ") ? text : "engine \(id): \(text)")
            for index in inFlight.chunk.range { giveBack(inFlight.chunk.batch, index) }
            return
        case .left:
            if let uuid { takeLeave(of: uuid) }
            for index in inFlight.chunk.range { giveBack(inFlight.chunk.batch, index) }
            return
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
        let reason = content["evalue"].string ?? "the engine gave no reason"
        if content["ename"].string == "EngineError" {
            // The scheduler reports an engine that has died by this name.
            return lost(inFlight, "the engine that had the task has left the cluster")
        }
        inFlight.chunk.fail(
            TaskFailure(cause: .error, message: reason), worker: inFlight.member ?? 0)
    }

    /// Sends a chunk again, to the same engine if that has not left.
    private func again(_ inFlight: InFlightChunk) {
        guard let number = inFlight.member, member(number)?.goneSince == nil else {
            return queue.giveBack(inFlight.chunk)
        }
        send(inFlight.chunk, to: number)
    }

    /// Ends a chunk that no engine will answer: tasks that may run again are returned to the queue.
    ///
    /// - Parameters:
    ///   - mayHaveBegun: false if none of its tasks was begun.
    ///   - last: the number of the last task that may have begun.
    func lost(
        _ inFlight: InFlightChunk, _ reason: String, mayHaveBegun: Bool = true,
        until last: Int = .max
    ) {
        let batch = inFlight.chunk.batch
        for index in inFlight.chunk.range where batch.state(index) == VTP_WAITING {
            guard mayHaveBegun, batch.first + index <= last else {
                giveBack(batch, index)
                continue
            }
            vtp_task_attempt(batch[index], Int32(inFlight.member ?? 0))
            if batch.call.mayRetry(attempts: batch[index].pointee.attempts),
                !batch.call.isUnwanted(batch.first + index)
            {
                if batch.worker == nil {
                    postpone(Chunk(batch: batch, range: index..<(index + 1)))
                } else {
                    giveBack(batch, index)
                }
            } else {
                batch.finish(index, TaskFailure(cause: .died, message: reason))
            }
        }
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
        if let reason = state.withLock({ $0.members.compactMap(\.leftOut).first }) {
            failure = TaskFailure(cause: .closed, message: "no engine can run the tasks: \(reason)")
        } else if isFixed {
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
