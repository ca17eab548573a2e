// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTJupyter
internal import VTShipping
internal import VTSystem

// Sends tasks to engines.

extension ClusterScheduler {
    /// Sends queued tasks, and checks those in flight. The client's thread calls it periodically,
    /// and when it is woken.
    func pump() {
        if let failure = end { return finish(failure) }
        renewMembers()
        releaseHeld()
        releasePostponed()
        continueSearch()
        if options.usesController { giveToController() } else { giveToMembers() }
        checkChunksInFlight()
        checkForEngines()
        guard chunksInFlight.isEmpty, held.isEmpty, postponed.isEmpty, queue.waiting == 0 else {
            return
        }
        forgetTaken()
        state.withLock { if $0.isClosed { $0.end() } }
    }

    /// Drops batches that were sent: each holds its call, and that the view's backend.
    private func forgetTaken() {
        guard !batches.isEmpty else { return }
        batches = [:]
        queue.forgetTaken()
        state.withLock { state in
            for index in state.members.indices { state.members[index].last = nil }
        }
    }

    /// The reason why no more tasks are sent; nil while they are.
    private var end: TaskFailure? {
        if state.withLock({ $0.isTerminated }) { return .cancelled }
        return client.loss.map { TaskFailure(cause: .closed, message: $0) }
    }

    private func finish(_ failure: TaskFailure) {
        for inFlight in chunksInFlight.values {
            if failure.cause == .cancelled {
                stopOnEngine(inFlight, from: inFlight.chunk.first)
                inFlight.chunk.batch.cancel(inFlight.chunk.range)
            } else {
                inFlight.chunk.fail(failure, worker: inFlight.member ?? 0)
            }
        }
        chunksInFlight = [:]
        for batch in held { queue.add(batch) }
        held = []
        for entry in postponed { queue.giveBack(entry.chunk) }
        postponed = []
        for chunk in queue.takeAll() {
            if failure.cause == .cancelled {
                chunk.batch.cancel(chunk.range)
            } else {
                chunk.fail(failure, worker: 0)
            }
        }
        forgetTaken()
        state.withLock { if $0.isClosed { $0.end() } }
        state.notifyAll()
    }

    // MARK: Choosing engines

    /// The nanoseconds of work that an engine may have: more than it takes to send the next chunk.
    private static let horizon: Int64 = 4_000_000
    private static let maxInFlight = 16

    /// The number of chunks that a member may have.
    private func allowed(_ member: Member) -> Int {
        // One chunk while the duration of tasks is not known: other engines may be free sooner.
        guard member.chunksInFlight > 0, let last = member.last else { return 1 }
        guard let mean = last.call.meanTime else { return 1 }
        let time = max(1, mean) * Int64(last.range.count)
        return Int(min(Int64(Self.maxInFlight), 1 + Self.horizon / time))
    }

    private func giveToMembers() {
        var members = state.withLock { $0.members }.filter { $0.goneSince == nil }
        failTasksOfLostEngines()
        while !members.isEmpty {
            // The member with the fewest chunks comes first; each gets one chunk in a round.
            members.sort { $0.chunksInFlight < $1.chunksInFlight }
            var isIdle = true
            for index in members.indices {
                let number = members[index].number
                guard members[index].chunksInFlight < allowed(members[index]) else { continue }
                guard let chunk = queue.takeNow(number, from: &batches[number]) else { continue }
                isIdle = false
                if cancelIfUnwanted(chunk) { continue }
                send(chunk, to: number)
                members[index].chunksInFlight += 1
                members[index].last = chunk
            }
            if isIdle { return }
        }
    }

    /// Fails the tasks that only an engine that has left may run.
    private func failTasksOfLostEngines() {
        for member in state.withLock({ $0.members }) where member.goneSince != nil {
            while let chunk = queue.takeOwn(of: member.number) {
                chunk.fail(
                    TaskFailure(cause: .died, message: Self.gone(member)), worker: member.number)
            }
        }
    }

    static func gone(_ member: Member) -> String {
        member.leftOut ?? "engine \(member.engine.id) has left the cluster"
    }

    func cancelIfUnwanted(_ chunk: Chunk) -> Bool {
        guard chunk.call.isUnwanted(chunk.first) else { return false }
        chunk.batch.cancel(chunk.range)
        return true
    }

    private func giveToController() {
        let engines = state.withLock { $0.members.filter { $0.goneSince == nil } }
        guard !engines.isEmpty else { return }
        for engine in engines {
            while let chunk = queue.takeOwn(of: engine.number) {
                if !cancelIfUnwanted(chunk) { send(chunk, to: nil, only: engine.engine.uuid) }
            }
        }
        while true {
            let last = batches[1]
            // The scheduler goes through all tasks that wait for a target whenever one is free.
            let isBounded = hasTargets || last.map { $0.call.options.chunkSize == nil } ?? true
            if isBounded, chunksInFlight.count >= 4 * engines.count { return }
            guard let chunk = queue.takeNow(1, from: &batches[1]) else { return }
            if cancelIfUnwanted(chunk) { continue }
            send(chunk, to: nil)
        }
    }

    // MARK: Sending

    /// Sends a chunk to a member, or to one that the controller chooses.
    ///
    /// - Parameter only: the one engine that the controller may choose.
    func send(_ chunk: Chunk, to number: Int?, only: String? = nil) {
        let call = chunk.call
        let batch = chunk.batch
        let member = number.map { number in state.withLock { $0.members[number - 1] } }
        var inFlight = InFlightChunk(chunk: chunk, member: number, order: takeOrder())
        let knows = member?.known.contains(call.number) ?? false
        let isHere = member?.sharesMemory ?? false
        var buffers = [OutgoingBuffer.bytes(chunk.entries)]
        let head = knows ? nil : add(call.head, 0..<call.head.count, isHere, &buffers, &inFlight)
        let payload = add(batch.payload, chunk.payloadRange, isHere, &buffers, &inFlight)
        var options = call.options
        options.modules = backend.modules
        let heading = TaskHeading(
            call: call.number, form: call.form, first: chunk.first, count: chunk.range.count,
            options: options, head: head, payload: payload, neighbour: isHere ? Int(getpid()) : nil,
            digest: digest(of: buffers))
        inFlight.bytes = buffers.reduce(0) { $0 + $1.count }
        let label = JSON(call.options.label)
        let id: String
        if let member {
            id = transport.wire.send(
                "apply_request", on: .mux, to: member.engine.uuid, metadata: ["label": label],
                content: heading.content, buffers)
        } else {
            id = transport.wire.send(
                "apply_request", on: .task,
                metadata: [
                    "label": label, "retries": 0, "targets": only.map { [.string($0)] } ?? targets,
                ],
                content: heading.content, buffers)
        }
        chunksInFlight[id] = inFlight
        batch.note(message: id, in: chunk.range)
        guard let number else { return }
        state.withLock { state in
            state.members[number - 1].chunksInFlight += 1
            state.members[number - 1].last = chunk
            if !knows {
                state.members[number - 1].known.append(call.number)
                if state.members[number - 1].known.count > 32 {
                    state.members[number - 1].known.removeFirst()
                }
            }
        }
    }

    /// True if the scheduler may not choose every engine.
    private var hasTargets: Bool {
        isFixed || !client.engines.allSatisfy(\.isLua)
            || state.withLock { $0.members.contains { $0.leftOut != nil } }
    }

    /// The engines that the scheduler may choose; empty: all.
    private var targets: JSON {
        if !hasTargets { return [] }
        return JSON(
            state.withLock { $0.members }.filter { $0.goneSince == nil }.map(\.engine.uuid))
    }

    /// Adds bytes of a shipment, as buffers, or in memory that the engine can map.
    private func add(
        _ shipment: Shipment, _ range: Range<Int>, _ isHere: Bool,
        _ buffers: inout [OutgoingBuffer], _ inFlight: inout InFlightChunk
    ) -> TaskHeading.Place {
        let lengths = shipment.sharedStringLengths + [range.count]
        if isHere, lengths.reduce(0, +) >= Segment.smallest,
            // It is not used again: the engine reads it again when a worker dies.
            let segment = shipment.withBytes({ bytes in
                Segment.single(
                    UnsafeRawBufferPointer(rebasing: bytes[range]), sharedStringsOf: shipment)
            })
        {
            inFlight.segments.append(segment)
            return .memory(
                process: Int(getpid()), descriptor: Int(segment.descriptor),
                number: segment.number, lengths: lengths)
        }
        buffers.append(shipment.outgoing(range))
        for number in shipment.sharedStringLengths.indices {
            buffers.append(.bytes(shipment.copyOfSharedString(number)))
        }
        return .buffers(lengths.count)
    }

    // MARK: Stopping

    /// Stops the tasks of a call that are not wanted any more.
    func stop(_ call: Call) {
        for entry in postponed where entry.chunk.call === call { queue.giveBack(entry.chunk) }
        postponed.removeAll { $0.chunk.call === call }
        for chunk in queue.takeAll(of: call) where !cancelIfUnwanted(chunk) {
            queue.giveBack(chunk)
        }
        for inFlight in chunksInFlight.values where inFlight.chunk.call === call {
            stopOnEngine(inFlight, from: Int(vtp_load(call.stop)))
        }
    }

    /// Stops all tasks on the engines.
    func stopAll() {
        for inFlight in chunksInFlight.values { stopOnEngine(inFlight, from: inFlight.chunk.first) }
    }

    private func stopOnEngine(_ inFlight: InFlightChunk, from first: Int) {
        let members = state.withLock { $0.members }
        let known = inFlight.member.map { [members[$0 - 1]] } ?? members
        for member in known where member.goneSince == nil {
            transport.wire.send(
                "vtlua_stop_request", on: .control, to: member.engine.uuid,
                content: ["job": .integer(inFlight.chunk.call.number), "from": .integer(first)])
        }
    }
}
