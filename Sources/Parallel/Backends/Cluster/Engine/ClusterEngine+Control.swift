// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import CVTSystem
internal import Glibc
internal import VTJupyter
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
            let known = Set(requests.map(\.message.id))
            let asked = (content["msg_ids"].array ?? []).compactMap(\.string)
            recent.repeatAnswers(to: Set(asked).subtracting(known), wire)
            wire.reply(
                to: request, "vtlua_probe_reply",
                metadata: metadata(request, status: "ok"),
                content: [
                    "status": "ok", "asked": JSON(asked),
                    "known": JSON(asked.filter(known.contains)),
                ])
        case "vtlua_status_request":
            wire.reply(to: request, "vtlua_status_reply", content: status)
        default: failUnknown(request)
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
        var gone: Set<String> = []
        for pending in requests where pending.isNative && pending.request.channel == .mux {
            let client = pending.message.session
            guard now - (lastMessageAt[client] ?? now) > Self.patience else { continue }
            if gone.insert(client).inserted {
                options.log("a client is gone; its tasks are dropped")
            }
            stop(pending.batch.call, from: 0)
        }
        for client in gone { lastMessageAt[client] = nil }
        if lastMessageAt.count > 1000 {
            lastMessageAt = lastMessageAt.filter { now - $0.value < Self.patience }
        }
    }

    /// The nanoseconds in which a client that waits sends four probes.
    private static let patience = 20 * Clock.second

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
