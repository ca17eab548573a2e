// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import CVTSystem
internal import VTJupyter
internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// An engine of an IPython cluster: a supervisor, which exchanges messages with the controller, and
/// a worker, a process that runs Lua. The supervisor answers whatever the worker does.
///
/// All of it runs on one thread, except the heart.
package final class ClusterEngine {
    let options: EngineOptions
    private(set) var wire: EngineWire
    /// The connections under earlier identities.
    var retired = RetiredWires()
    private(set) var worker: EngineWorker
    let watcher: EngineWatcher?
    private let signals: Int32
    var requests: [PendingRequest] = []
    var recent = RecentAnswers()
    var calls = EngineCalls()
    /// The ids of requests that were aborted before they arrived, or while they waited.
    var aborted: Set<String> = []
    /// The time of the last message of each client.
    var lastMessageAt: [String: Int64] = [:]
    var orphansCheckedAt = Clock.now
    /// The number of executions of code as text whose results were published.
    var executions = 0
    /// Calls of Python functions that wait until it is known whether there are engines of Python.
    var undecided: [EngineWire.Request] = []
    private(set) var restarts = 0
    private(set) var ending: Int32?
    private var registration = Registration()
    private let username: String
    let machine = hostName()

    struct Registration {
        var deadline: Int64 = 0
        var isDisconnected = false
        /// The time at which the Hub is asked next whether it knows the engine.
        var checkAt = Clock.never
        /// The time at which the Hub was asked, until it answers.
        var askedAt: Int64?
        var lastTick = Clock.now
        /// The time of the Hub's last message.
        var answeredAt = Clock.now
        /// The number of the notice that the engine has joined in place of another.
        var isRenewed = false
        /// The likely reason why the Hub does not answer, where there is a sign.
        var silence: NoReplyReason?
    }

    /// Connects and starts the worker.
    ///
    /// - Throws: ``ConnectionError``, `SocketError`, ``TaskFailure``.
    package init(_ options: EngineOptions) throws {
        self.options = options
        signal(SIGPIPE, SIG_IGN)
        signals = vty_signals([SIGTERM, SIGINT, SIGHUP], 3)
        username = environmentVariable("USER") ?? "vtlua"
        try Socket.load()
        // Without one, the Hub notices a killed engine later.
        watcher = try? EngineWatcher(program: options.program, options.info)
        wire = try EngineWire(options.info, uuid: HostTag.makeUUID(), username: username)
        wire.register(wanted: options.wanted)
        registration.deadline = Clock.now + Int64(options.timeout * 1e9)
        worker = try EngineWorker(options.worker, program: options.program)
        watcher?.follow(worker)
        observeWorker()
    }

    // MARK: The loop

    /// Serves until it is asked to end, and returns the exit code.
    package func run() -> Int32 {
        while ending == nil {
            let poller = Poller(
                wire.sockets + retired.sockets, descriptors: [signals] + worker.descriptors)
            poller.wait(milliseconds: worker.isBusy ? 50 : 250)
            takeSignals()
            takeNotifications()
            for channel in EngineWire.Channel.allCases {
                while let request = wire.receive(channel) { take(request) }
            }
            takeRetired()
            stepWorker()
            tick()
        }
        for request in requests { refuse(request, "the engine was shut down") }
        announceLeave()
        watcher?.note(nil)
        wire.unregister()
        worker.end()
        return ending ?? 0
    }

    func end(_ code: Int32) { ending = ending ?? code }

    private func takeSignals() {
        while true {
            switch vty_next_signal(signals) {
            case 0: return
            case SIGINT: interrupt()
            default: end(0)
            }
        }
    }

    private func stepWorker() {
        let reason = worker.step()
        worker.takeWritten { stream, bytes in publishOutput(stream, bytes) }
        if let reason { replaceWorker(reason) } else { finishRequests() }
    }

    // MARK: The worker's output

    private func observeWorker() {
        worker.server.listener = { [unowned self] in publishOutput(.stdout, $0) }
    }

    /// Publishes the output of the running task.
    private func publishOutput(_ stream: EngineWorker.Stream, _ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        let batch = worker.current
        let request = requests.first { $0.batch === batch } ?? requests.first
        guard let request else {
            if stream == .stderr { options.log(text) }
            return
        }
        wire.publish(
            "stream", topic: stream.rawValue, parent: request.message.header,
            content: ["name": .string(stream.rawValue), "text": .string(text)])
    }

    // MARK: The worker's end

    /// Replaces a worker that has died: its engine leaves the cluster, and another joins it.
    private func replaceWorker(_ reason: String) {
        for request in requests { giveBack(request, reason) }
        announceLeave()
        // The last replies to Python must arrive before the notification that the engine has left.
        if requests.contains(where: { !$0.isNative }) { usleep(25_000) }
        requests = []
        watcher?.note(nil)
        wire.unregister()
        restarts += 1
        guard restarts <= options.restarts else {
            options.log(
                "\(reason); it was the last of \(options.restarts) restarts, so the engine ends")
            return end(1)
        }
        options.log("\(reason); starting another (\(restarts) of \(options.restarts))")
        do {
            worker = try EngineWorker(options.worker, program: options.program)
        } catch {
            options.log(
                "the worker does not start: \((error as? TaskFailure)?.message ?? "\(error)")")
            return end(1)
        }
        watcher?.follow(worker)
        observeWorker()
        calls = EngineCalls()
        renewWire(hasLeft: true)
    }

    /// Notifies clients that the engine has left under its identity, after its replies.
    private func announceLeave() {
        for client in clients {
            wire.notify(client, "vtlua_left", content: ["uuid": .string(wire.uuid)])
        }
    }

    /// The clients of VTLua that have sent something.
    private var clients: [String] {
        lastMessageAt.keys.filter { $0.hasPrefix(PeerIdentity.prefix) }
    }

    /// Joins the cluster under another identity: the Hub accepts none twice.
    ///
    /// - Parameter hasLeft: true if the requests under the earlier identity were answered.
    private func renewWire(hasLeft: Bool = false) {
        do {
            let earlier = wire
            wire = try EngineWire(
                options.info, uuid: HostTag.makeUUID(), username: username, continuing: earlier)
            retired.add(earlier, hasLeft: hasLeft)
        } catch {
            options.log("cannot connect again: \(error)")
            return end(1)
        }
        registration = Registration()
        registration.isRenewed = true
        let wait = max(options.timeout, options.patience)
        registration.deadline = Clock.now + Int64(wait * 1e9)
        wire.register(wanted: nil)
    }

    // MARK: The Hub

    private func takeNotifications() {
        while let news = wire.news() {
            switch news {
            case .registered(let id):
                watcher?.note(id, wire.uuid)
                registration.answeredAt = Clock.now
                announceJoin(id)
                options.log("engine \(id) of the controller at \(wire.address)")
                registration.checkAt = Clock.now + Self.checkInterval
            case .refused(let why):
                options.log("the controller refuses the engine: \(why)")
                end(1)
            case .engines(let all): checkRegistration(among: all)
            case .connected:
                // It may be another controller, which does not know this engine.
                if registration.isDisconnected { registration.checkAt = Clock.now + Clock.second }
                registration.isDisconnected = false
                if registration.silence == .nothingListens { registration.silence = nil }
            case .disconnected:
                registration.isDisconnected = true
                registration.askedAt = nil
                // A failed handshake looks the same, before the engine has joined.
                guard wire.isRegistered else { continue }
                options.log("the connection to the controller is lost; waiting for it")
            case .nothingListens:
                // A failed handshake is followed by the next attempt.
                registration.silence = registration.silence ?? .nothingListens
            case .handshakeFailed: registration.silence = .handshakeFailed
            }
        }
    }

    /// Notifies clients that the engine has taken the place of another: the Hub does so after the
    /// next heartbeats.
    private func announceJoin(_ id: Int) {
        guard registration.isRenewed else { return }
        for client in clients {
            wire.notify(
                client, "vtlua_joined", content: ["id": .integer(id), "uuid": .string(wire.uuid)])
        }
    }

    private func checkRegistration(among engines: [String]) {
        registration.askedAt = nil
        registration.answeredAt = Clock.now
        decide(hasPython: engines.contains { !$0.hasPrefix(PeerIdentity.prefix) })
        guard wire.isRegistered else { return }
        registration.checkAt = Clock.now + Self.checkInterval
        if !engines.contains(wire.uuid) {
            options.log("the controller no longer knows this engine; registering again")
            renewWire()
        }
    }

    /// Asks the Hub for its engines.
    func ask() {
        guard registration.askedAt == nil else { return }
        registration.askedAt = Clock.now
        wire.askForEngines()
    }

    private static let checkInterval = 15 * Clock.second

    /// Checks the times: whether the Hub has not answered, or must be asked.
    private func tick() {
        let now = Clock.now
        // The process was suspended, and the Hub may have dropped the engine meanwhile.
        if now - registration.lastTick > 3 * Clock.second {
            registration.answeredAt += now - registration.lastTick
            if wire.isRegistered { registration.checkAt = now }
        }
        registration.lastTick = now
        dropOrphans()
        calls.trim { call in requests.contains { $0.batch.call === call } }
        if !wire.isRegistered, now > registration.deadline { return giveUp() }
        retired.drop()
        if now - registration.answeredAt > Int64(options.patience * 1e9), wire.isRegistered {
            options.log(
                "the controller at \(wire.address) has not answered for "
                    + "\(Format.plainSeconds(options.patience)) s, so the engine ends; see --patience"
            )
            return end(255)
        }
        if let asked = registration.askedAt, now - asked > 2 * Clock.second {
            registration.askedAt = nil
            decide(hasPython: false)
        }
        if wire.isRegistered, now > registration.checkAt, !registration.isDisconnected {
            registration.checkAt = now + Self.checkInterval
            ask()
        }
    }

    private func giveUp() {
        options.log(
            options.info.explanation(
                of: registration.silence ?? .noReply(seconds: options.timeout)))
        end(255)
    }
}
