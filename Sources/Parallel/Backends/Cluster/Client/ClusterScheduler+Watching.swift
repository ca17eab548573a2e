// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTJupyter
internal import VTShipping
internal import VTSystem

// Engines that do not answer, and engines that have left.
//
// An engine's messages on `mux` arrive in the order in which it has sent them. Its answer to a probe
// that was sent on `mux` therefore comes after its answers to all requests before the probe, however
// long these take. Only such a probe decides that a request is lost. A probe on `control` overtakes
// large data: it shows that the engine is there.

/// The messages that an engine with tasks has been sent and has answered.
struct EngineWatch {
    var probedAt = Clock.now
    /// The time of the first probe that no message of the engine has followed.
    var silentSince: Int64?
    /// The same for its messages on `mux`.
    var unansweredSince: Int64?
    var isProbed: Bool { silentSince != nil || unansweredSince != nil }
    /// The number of bytes of answers that the engine has sent, which may be on their way.
    var bytes = 0
    /// The message to another engine whose answer follows all that the controller had received from
    /// this one when it left.
    var fence: String?
    /// True if the Hub has dropped the engine, which has the tasks nevertheless and will join again.
    var answersAfterLeaving = false
    /// The task that the engine was running when it ended.
    var running = RunningTaskOfEngine.unknown
    /// True if the fence was answered, or there is no other engine.
    var isFenced = false
}

/// The task that an engine was running when it ended, as far as that is known.
enum RunningTaskOfEngine {
    /// One of the chunk that it was sent first.
    case unknown
    /// None of this client's tasks.
    case none
    /// The task with this number of a call.
    case task(job: Int, number: Int)
}

extension ClusterScheduler {
    private static let probeInterval = 5 * Clock.second
    /// The nanoseconds without any message after which an engine is lost. After an interruption of
    /// 8 s the network may need as long again to send what was held up.
    private static let mostSilence = 25 * Clock.second
    /// The nanoseconds after which the queue `mux` is considered broken while the engine answers on
    /// `control`, and the slowest connection in bytes per second.
    private static let mostDelay = 600 * Clock.second
    private static let slowest = 64 << 10

    /// The nanoseconds that an engine's last messages may take after it has left: here, and from
    /// another machine.
    private var afterglow: (least: Int64, most: Int64) {
        client.isLocal
            ? (15_000_000, Clock.second / 5) : (Clock.second / 2, 3 * Clock.second)
    }

    /// Notes that an engine has sent something.
    func noteMessage(of number: Int, on channel: ClientWire.Channel) {
        guard watches[number]?.isProbed == true else { return }
        watches[number]?.silentSince = nil
        guard channel == .mux else { return }
        watches[number]?.unansweredSince = nil
        watches[number]?.bytes = 0
    }

    func checkChunksInFlight() {
        guard !chunksInFlight.isEmpty || !watches.isEmpty else { return }
        let now = Clock.now
        for member in state.withLock({ $0.members }) {
            guard member.chunksInFlight > 0 else {
                watches[member.number] = nil
                continue
            }
            guard let watch = watches[member.number] else {
                watches[member.number] = EngineWatch()
                continue
            }
            if let since = member.goneSince, !watch.answersAfterLeaving {
                check(member, goneSince: since, watch, at: now)
            } else if now - watch.probedAt > Self.probeInterval {
                check(member, watch, at: now)
            }
        }
    }

    private func check(_ member: Member, _ watch: EngineWatch, at now: Int64) {
        if let since = watch.silentSince, now - since > Self.mostSilence {
            return landAll(
                of: member, "engine \(member.engine.id) does not answer", .unknown)
        }
        let bytes = chunksInFlight.values.reduce(watch.bytes) {
            $0 + ($1.member == member.number ? $1.bytes : 0)
        }
        let delay = Self.mostDelay + Int64(bytes / Self.slowest) * Clock.second
        if let since = watch.unansweredSince, now - since > delay {
            return landAll(
                of: member,
                "engine \(member.engine.id) answers, but nothing has come from its queue for "
                    + "\(delay / Clock.second) s",
                .unknown)
        }
        probe(member, at: now)
    }

    /// Ends the chunks of an engine that has left when its last messages have come.
    private func check(_ member: Member, goneSince: Int64, _ watch: EngineWatch, at now: Int64) {
        let (least, most) = afterglow
        if watch.fence == nil, !watch.isFenced { fence(member) }
        let isFenced = watches[member.number]?.isFenced ?? true
        guard now - goneSince > (isFenced ? least : most) else { return }
        landAll(of: member, Self.gone(member), watch.running)
    }

    /// Asks an engine that has left, which may still be connected, and another one, whose answer
    /// comes after what the controller had received from the first.
    private func fence(_ member: Member) {
        let other = state.withLock { state in
            state.members.first { $0.goneSince == nil && $0.number != member.number }
        }
        let mine = chunksInFlight.filter { $0.value.member == member.number }.map(\.key)
        sendProbe(to: member.engine.uuid, on: .mux, mine)
        watches[member.number]?.fence = other.map {
            sendProbe(to: $0.engine.uuid, on: .mux, [])
        }
        watches[member.number]?.isFenced = other == nil
    }

    /// True if an engine has left whose last results are awaited.
    var awaitsEngineLoss: Bool {
        state.withLock { $0.members.contains { $0.goneSince != nil && $0.chunksInFlight > 0 } }
    }

    /// Ends the chunks of an engine that has left or does not answer.
    ///
    /// - Parameter running: the task that it was running. It may have begun those before.
    private func landAll(of member: Member, _ reason: String, _ running: RunningTaskOfEngine) {
        let mine = chunksInFlight.filter { $0.value.member == member.number }
            .sorted { $0.value.order < $1.value.order }
        let last = mine.lastIndex { Self.has($0.value.chunk, running) }
        for (position, entry) in mine.enumerated() {
            guard let inFlight = land(entry.key) else { continue }
            switch running {
            case .unknown: lost(inFlight, reason, mayHaveBegun: position == 0)
            case .none: lost(inFlight, reason, mayHaveBegun: false)
            case .task(_, let number):
                lost(
                    inFlight, reason, mayHaveBegun: last.map { position <= $0 } ?? false,
                    until: position == last ? number : .max)
            }
        }
        watches[member.number] = nil
    }

    private static func has(_ chunk: Chunk, _ running: RunningTaskOfEngine) -> Bool {
        guard case .task(let job, let number) = running, chunk.call.number == job else {
            return false
        }
        return (chunk.first..<(chunk.first + chunk.range.count)).contains(number)
    }

    // MARK: Notices

    /// Takes an engine's notice that it has left. It has answered what it had begun, so the other
    /// tasks run elsewhere.
    func takeLeave(of uuid: String) {
        guard let number = memberNumber(of: uuid) else { return }
        state.withLock { state in
            state.members[number - 1].goneSince = state.members[number - 1].goneSince ?? Clock.now
        }
        if let member = member(number) {
            landAll(of: member, Self.gone(member), .none)
        }
    }

    /// Takes the notice of an engine's watcher that it has ended. Its last replies may still be on
    /// their way.
    ///
    /// - Parameter task: the task of this client that it was running; nil: none.
    func takeDeath(of uuid: String, while task: (job: Int, number: Int)?) {
        guard let number = memberNumber(of: uuid) else { return }
        state.withLock { state in
            state.members[number - 1].goneSince = state.members[number - 1].goneSince ?? Clock.now
        }
        watches[number, default: EngineWatch()].running =
            task.map { .task(job: $0.job, number: $0.number) } ?? .none
    }

    /// Sends an engine no more tasks. It has not begun any.
    func leaveOut(_ number: Int, _ reason: String) {
        state.withLock { state in
            state.members[number - 1].leftOut = reason
            state.members[number - 1].goneSince = state.members[number - 1].goneSince ?? Clock.now
        }
        if let member = member(number) { landAll(of: member, reason, .none) }
    }

    // MARK: Probes

    @discardableResult
    func sendProbe(
        to uuid: String, on channel: ClientWire.Channel, _ ids: [String], repeats: Bool = false
    ) -> String {
        transport.wire.send(
            "vtlua_probe_request", on: channel, to: uuid,
            content: ["msg_ids": JSON(ids), "repeat": .boolean(repeats)])
    }

    /// Asks an engine for the chunks that it has.
    private func probe(_ member: Member, at now: Int64) {
        let mine = chunksInFlight.filter { $0.value.member == member.number }.map(\.key)
        guard !mine.isEmpty else { return }
        var watch = watches[member.number] ?? EngineWatch()
        watch.probedAt = now
        watch.silentSince = watch.silentSince ?? now
        watch.unansweredSince = watch.unansweredSince ?? now
        watches[member.number] = watch
        for channel in [ClientWire.Channel.control, .mux] {
            sendProbe(to: member.engine.uuid, on: channel, mine)
        }
    }

    /// Asks all engines for their chunks, after the connection was restored.
    func probeAll() {
        let now = Clock.now
        for member in state.withLock({ $0.members }) where member.goneSince == nil {
            probe(member, at: now)
        }
    }

    func takeProbe(
        _ message: Message, _ parent: String, on channel: ClientWire.Channel
    ) -> Bool {
        for (number, watch) in watches where watch.fence == parent {
            watches[number]?.isFenced = true
        }
        guard let number = memberNumber(message), let member = member(number) else { return false }
        let content = message.content
        noteMessage(of: number, on: channel)
        guard channel == .mux else {
            watches[number]?.bytes = content["sent"].int ?? 0
            return true
        }
        let known = Set((content["known"].array ?? []).compactMap(\.string))
        let missing = (content["asked"].array ?? []).compactMap(\.string).filter {
            !known.contains($0) && chunksInFlight[$0]?.member == number
        }
        if member.goneSince != nil, !known.isEmpty { watches[number]?.answersAfterLeaving = true }
        let answered = Set((content["answered"].array ?? []).compactMap(\.string))
        noteFound(known, answered: answered, at: number)
        guard content["repeated"].bool == true else {
            // A restarted controller has dropped the answers, which the engine may send again.
            if !missing.isEmpty {
                sendProbe(to: member.engine.uuid, on: .mux, missing, repeats: true)
            }
            return true
        }
        for id in missing {
            guard let inFlight = land(id) else { continue }
            lost(
                inFlight, "the result was lost on its way from engine \(member.engine.id)",
                mayHaveBegun: answered.contains(id))
        }
        return true
    }

    // MARK: Attempts that wait

    /// The longest time that an attempt waits for the replacement of a lost engine.
    private static let replacement = Clock.second

    /// Keeps the next attempt of a task that was lost with its engine until that is replaced: a task
    /// that ends its engines must not take all of them.
    func postpone(_ chunk: Chunk) {
        let engines = state.withLock { $0.members.count { $0.goneSince == nil } }
        postponed.append(
            PostponedChunk(
                chunk: chunk, engines: engines + 1, deadline: Clock.now + Self.replacement))
    }

    func releasePostponed() {
        guard !postponed.isEmpty else { return }
        let now = Clock.now
        let engines = state.withLock { $0.members.count { $0.goneSince == nil } }
        let ready = postponed.filter { $0.deadline < now || engines >= $0.engines }
        guard !ready.isEmpty else { return }
        postponed.removeAll { $0.deadline < now || engines >= $0.engines }
        for entry in ready { queue.giveBack(entry.chunk) }
    }
}
