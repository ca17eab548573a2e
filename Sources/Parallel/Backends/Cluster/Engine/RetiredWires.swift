// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTSystem

/// The connections of an engine under its earlier identities. They stay for a while: their last
/// replies may still be on their way, and requests that arrive under such an identity are answered.
struct RetiredWires {
    struct Entry {
        let wire: EngineWire
        /// True if the requests under the identity were answered; false if they still run.
        let hasLeft: Bool
        let until: Int64
    }

    private(set) var entries: [Entry] = []

    private static let patience = 60 * Clock.second
    private static let most = 4

    var sockets: [Socket] { entries.flatMap(\.wire.sockets) }

    mutating func add(_ wire: EngineWire, hasLeft: Bool) {
        wire.heart.stop()
        entries.append(Entry(wire: wire, hasLeft: hasLeft, until: Clock.now + Self.patience))
        if entries.count > Self.most { entries.removeFirst() }
    }

    /// Closes those that were kept long enough.
    mutating func drop() {
        guard let first = entries.first, Clock.now > first.until else { return }
        entries.removeFirst()
    }
}

extension ClusterEngine {
    /// Answers requests that have arrived under an earlier identity.
    func takeRetired() {
        for entry in retired.entries {
            while entry.wire.news() != nil {}
            for channel in EngineWire.Channel.allCases {
                while let request = entry.wire.receive(channel) {
                    if entry.wire.isReceiver(of: request) { answer(request, entry) }
                }
            }
        }
    }

    private func answer(_ request: EngineWire.Request, _ entry: RetiredWires.Entry) {
        let wire = entry.wire
        let message = request.message
        switch message.type {
        case "vtlua_probe_request" where entry.hasLeft:
            wire.notify(message.session, "vtlua_left", content: ["uuid": .string(wire.uuid)])
        case "vtlua_probe_request": takeProbe(request, on: wire)
        case "vtlua_result_request": repeatResult(request)
        case "vtlua_stop_request", "signal_request", "abort_request": control(request)
        case "apply_request", "execute_request":
            let isNative = message.content["lang"].string == "lua"
            // The scheduler gives the request to another engine.
            let isMet = isNative || request.channel != .task
            let metadata = metadata(request, status: "error", isMet: isMet, uuid: wire.uuid)
            let name =
                !isMet ? "UnmetDependency" : isNative ? Refusal.Kind.left.rawValue : "EngineError"
            wire.reply(
                to: request, replyType(message), metadata: metadata,
                content: [
                    "status": "error", "ename": .string(name),
                    "evalue": "the engine has left the cluster", "traceback": [],
                    "engine_info": engineInfo("apply"), "execution_count": 0,
                    "user_expressions": [:],
                ])
        default: break
        }
    }
}
