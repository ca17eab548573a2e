// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import CVTSystem
internal import VTJupyter
internal import VTLuaBridge
internal import VTSystem

// Requests on the control channel, which an engine answers while tasks run.

extension ClusterEngine {
    func control(_ request: EngineWire.Request) {
        let content = request.message.content
        switch request.message.type {
        case "abort_request":
            abort(content["msg_ids"].array.map { $0.compactMap(\.string) })
            wire.reply(to: request, "abort_reply", content: ["status": "ok"])
        case "clear_request":
            // Later requests find it done, because tasks run in order.
            clear(request)
            wire.reply(to: request, "clear_reply", content: ["status": "ok"])
        case "shutdown_request":
            wire.reply(
                to: request, "shutdown_reply",
                content: ["status": "ok", "restart": content["restart"]])
            end(0)
        case "signal_request":
            signal(content["sig"])
            wire.reply(to: request, "signal_reply", content: ["status": "ok"])
        case "vtlua_stop_request":
            if let number = content["job"].int, let first = content["from"].int {
                let client = request.message.session
                calls.note(client: client, number: number, unwantedFrom: first)
                if let call = calls.find(client: client, number: number) { stop(call, from: first) }
            }
        case "vtlua_probe_request":
            takeProbe(request)
        case "vtlua_status_request":
            wire.reply(to: request, "vtlua_status_reply", content: status)
        default: failUnknown(request)
        }
    }

    /// Reports which requests the engine has. On `mux` the reply follows those to the requests.
    ///
    /// - Parameter earlier: the connection that the request came on, if that is not the present one.
    func takeProbe(_ request: EngineWire.Request, on earlier: EngineWire? = nil) {
        let wire = earlier ?? wire
        let metadata = metadata(request, status: "ok", uuid: wire.uuid)
        let content = request.message.content
        let known = Set(requests.map(\.message.id))
        let asked = (content["msg_ids"].array ?? []).compactMap(\.string)
        let missing = asked.filter { !known.contains($0) }
        let repeats = content["repeat"].bool ?? false
        let sizes = missing.map { recent.size(ofAnswerTo: $0) }
        if repeats {
            repeatAnswers(to: missing)
            // A request that arrives after all must not run: the client sends it elsewhere.
            if aborted.count > 10_000 { aborted.removeAll() }
            for (id, size) in zip(missing, sizes) where size == nil { aborted.insert(id) }
        }
        wire.reply(
            to: request, "vtlua_probe_reply", metadata: metadata,
            content: [
                "status": "ok", "asked": JSON(asked),
                "known": JSON(asked.filter(known.contains)),
                "answered": JSON(zip(missing, sizes).compactMap { $1 == nil ? nil : $0 }),
                "sent": .integer(sizes.reduce(0) { $0 + ($1 ?? 0) }),
                "repeated": .boolean(repeats),
            ])
    }

    /// Sends answers again that were lost, as far as they are kept.
    private func repeatAnswers(to ids: [String]) {
        let wanted = Set(ids)
        recent.repeatAnswers(to: wanted, wire)
        for pending in recent.takeLent(where: { wanted.contains($0.message.id) }) {
            replyNative(pending)
        }
    }

    /// Sends a result again, as buffers: the client cannot map its memory.
    func repeatResult(_ request: EngineWire.Request) {
        guard let id = request.message.content["msg_id"].string else { return }
        for pending in recent.takeLent(where: { $0.message.id == id }) {
            replyNative(pending, sharesMemory: false)
        }
    }

    private var status: JSON {
        let dropped = wire.dropped
        return [
            "status": "ok", "host": .string(machine), "pid": .integer(Int(getpid())),
            "worker": .integer(worker.pid), "state": worker.isBusy ? "busy" : "idle",
            "tasks": .integer(worker.done),
            "memory": .integer(Int(vty_resident(pid_t(worker.pid)))),
            "dropped": [
                "signature": .integer(dropped.signature), "replayed": .integer(dropped.replayed),
                "malformed": .integer(dropped.malformed),
                "misdirected": .integer(dropped.misdirected),
            ],
            "restarts": .integer(restarts), "version": .string(options.version),
            "lua": .string(LuaRelease.name), "protocol": .integer(TaskHeading.version),
        ]
    }

    /// Drops requests that wait: those with these ids, or all. The running request continues.
    private func abort(_ ids: [String]?) {
        let waiting = requests.filter { !$0.hasBegun }
        let wanted = ids.map(Set.init)
        for pending in waiting where wanted?.contains(pending.message.id) ?? true {
            guard let chunk = pending.batch.take(pending.batch.count) else { continue }
            chunk.batch.cancel(chunk.range)
            requests.removeAll { $0 === pending }
            aborted.insert(pending.message.id)
            replyAborted(to: pending.request)
        }
        // Requests that have not arrived yet, within bounds.
        if aborted.count > 10_000 { aborted.removeAll() }
        for id in ids ?? [] where !requests.contains(where: { $0.message.id == id }) {
            aborted.insert(id)
        }
    }

    /// Stops the tasks of a call that are not wanted any more. Those that wait are cancelled now.
    private func stop(_ call: Call, from first: Int) {
        call.stop(from: first)
        for pending in requests
        where pending.batch.call === call && !pending.hasBegun
            && call.isUnwanted(pending.batch.first)
        {
            if let chunk = pending.batch.take(pending.batch.count) {
                chunk.batch.cancel(chunk.range)
            }
        }
    }

    /// Drops the tasks of clients that have sent nothing for a while: a client that waits for
    /// results sends probes. Tasks of the controller's scheduler may outlive their client.
    func dropOrphans() {
        let now = Clock.now
        guard now - orphansCheckedAt > Clock.second / 4 else { return }
        orphansCheckedAt = now
        var gone: Set<String> = []
        for pending in requests where pending.isNative && pending.request.channel == .mux {
            let client = pending.message.session
            guard now - (lastMessageAt[client] ?? now) > Self.patience || hasEnded(pending) else {
                continue
            }
            if gone.insert(client).inserted {
                options.log("a client is gone; its tasks are dropped")
            }
            stop(pending.batch.call, from: 0)
        }
        for client in gone { lastMessageAt[client] = nil }
        recent.releaseLent { now - (lastMessageAt[$0.message.session] ?? now) > Self.patience }
        if lastMessageAt.count > 1000 {
            lastMessageAt = lastMessageAt.filter { now - $0.value < Self.patience }
        }
    }

    /// True if the client was on this machine and its process has ended.
    private func hasEnded(_ pending: PendingRequest) -> Bool {
        guard let process = pending.neighbour else { return false }
        return kill(pid_t(process), 0) != 0 && errno == ESRCH
    }

    /// The nanoseconds in which a client that waits sends six probes: an interruption of the network
    /// may hold up those of half of the time.
    private static let patience = 30 * Clock.second

    private func signal(_ which: JSON) {
        let names = [
            "SIGINT": SIGINT, "SIGTERM": SIGTERM, "SIGKILL": SIGKILL, "SIGHUP": SIGHUP,
            "SIGUSR1": SIGUSR1, "SIGSTOP": SIGSTOP, "SIGCONT": SIGCONT, "SIGQUIT": SIGQUIT,
        ]
        let number = which.int.map { Int32(clamping: $0) } ?? names[which.string ?? ""] ?? 0
        if number == SIGINT { interrupt() } else if number > 0 { worker.signal(number) }
    }

    /// Stops the request that runs.
    func interrupt() {
        guard let batch = worker.current else { return }
        batch.call.stop(from: 0)
        // Other tasks of the call that arrive later must run.
        calls.forget(batch.call)
    }
}
