// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import CVTSystem
internal import Glibc
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
    private(set) var worker: EngineWorker
    private let watcher: EngineWatcher?
    private let signals: Int32
    var requests: [PendingRequest] = []
    var recent = RecentAnswers()
    var calls = EngineCalls()
    /// The ids of requests that were aborted before they arrived, or while they waited.
    var aborted: Set<String> = []
    /// The time of the last message of each client.
    var lastMessageAt: [String: Int64] = [:]
    /// The number of executions of code as text whose results were published.
    var executions = 0
    /// Calls of Python functions that wait until it is known whether there are engines of Python.
    var undecided: [EngineWire.Request] = []
    private(set) var restarts = 0
    private var ending: Int32?
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
        observeWorker()
    }

    // MARK: The loop

    /// Serves until it is asked to end, and returns the exit code.
    package func run() -> Int32 {
        while ending == nil {
            let poller = Poller(wire.sockets, descriptors: [signals] + worker.descriptors)
            poller.wait(milliseconds: worker.isBusy ? 50 : 250)
            takeSignals()
            takeNotifications()
            for channel in EngineWire.Channel.allCases {
                while let request = wire.receive(channel) { take(request) }
            }
            stepWorker()
            tick()
        }
        for request in requests { refuse(request, "the engine was shut down") }
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
        finishRequests()
        if let reason { replaceWorker(reason) }
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
        // The last replies must arrive before the notification that the engine has left.
        if !requests.isEmpty { usleep(25_000) }
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
        observeWorker()
        calls = EngineCalls()
        renewWire()
    }

    /// Joins the cluster under another identity: the Hub accepts none twice.
    private func renewWire() {
        do {
            wire = try EngineWire(
                options.info, uuid: HostTag.makeUUID(), username: username,
                continuing: wire)
        } catch {
            options.log("cannot connect again: \(error)")
            return end(1)
        }
        registration = Registration()
        registration.deadline = Clock.now + Int64(options.timeout * 1e9)
        wire.register(wanted: nil)
    }

    // MARK: The Hub

    private func takeNotifications() {
        while let news = wire.news() {
            switch news {
            case .registered(let id):
                watcher?.note(id)
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

    private func checkRegistration(among engines: [String]) {
        registration.askedAt = nil
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
        if now - registration.lastTick > 3 * Clock.second, wire.isRegistered {
            registration.checkAt = now
        }
        registration.lastTick = now
        dropOrphans()
        if !wire.isRegistered, now > registration.deadline { return giveUp() }
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
