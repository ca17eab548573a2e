// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import CVTSystem
internal import Glibc
internal import VTJupyter
internal import VTSystem

// What an engine is told beside its tasks, and answers while they run.

extension ClusterEngine {
    func control(_ request: EngineWire.Request) {
        let content = request.message.content
        switch request.message.type {
        case "abort_request":
            abort(content["msg_ids"].array.map { $0.compactMap(\.string) })
            wire.reply(to: request, "abort_reply", content: ["status": "ok"])
        case "clear_request":
            // What comes later finds it done, in the order in which tasks run.
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
            ],
            "restarts": .integer(restarts), "version": .string(options.version),
        ]
    }

    /// Requests that wait are not run: these, or all. What runs goes on.
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
        // Those that have not come yet; not for ever.
        if aborted.count > 10_000 { aborted.removeAll() }
        for id in ids ?? [] where !requests.contains(where: { $0.message.id == id }) {
            aborted.insert(id)
        }
    }

    /// Tasks of the call are not wanted any more: those that wait are not kept until it is their
    /// turn.
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

    /// Drops what clients have sent that were not heard of for a while: those that wait for
    /// results tell of themselves. What came through the controller's scheduler is meant to
    /// outlive its client.
    func dropOrphans() {
        let now = Clock.now
        var gone: Set<String> = []
        for pending in requests where pending.isNative && pending.request.channel == .mux {
            let client = pending.message.session
            guard now - (heardAt[client] ?? now) > Self.patience else { continue }
            if gone.insert(client).inserted {
                options.log("a client is gone; what it has sent is dropped")
            }
            stop(pending.batch.call, from: 0)
        }
        for client in gone { heardAt[client] = nil }
        if heardAt.count > 1000 { heardAt = heardAt.filter { now - $0.value < Self.patience } }
    }

    /// A client that waits is heard of four times in so long.
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
        // The client's other tasks of this function are to run, should there be any.
        calls.forget(batch.call)
    }
}
