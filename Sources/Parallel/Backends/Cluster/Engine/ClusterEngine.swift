// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import CVTSystem
internal import Glibc
internal import VTJupyter
internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// An engine of an IPython cluster: a supervisor, which speaks to the controller, and a worker, a
/// process that runs Lua. Whatever the worker does, the supervisor answers.
///
/// All of it runs on one thread, but for the heart.
package final class ClusterEngine {
    let options: EngineOptions
    private(set) var wire: EngineWire
    private(set) var worker: EngineWorker
    private let watcher: EngineWatcher?
    private let signals: Int32
    var requests: [PendingRequest] = []
    var recent = RecentAnswers()
    var calls = EngineCalls()
    /// Requests that were aborted before they came, or while they waited.
    var aborted: Set<String> = []
    /// When each client was heard of last.
    var heardAt: [String: Int64] = [:]
    /// Code that was run as text, and shown.
    var executions = 0
    /// Calls of Python functions that wait to hear whether there are engines of Python.
    var undecided: [EngineWire.Request] = []
    private(set) var restarts = 0
    private var ending: Int32?
    private var registration = Registration()
    private let username: String
    let machine = hostName()

    struct Registration {
        var deadline: Int64 = 0
        var isDisconnected = false
        /// When the Hub is asked next whether it knows the engine.
        var checkAt = Clock.never
        /// A question is under way since then.
        var askedAt: Int64?
        var lastTick = Clock.now
        /// How it looks that nothing comes, where there is a sign.
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
        // Without one, the engine's sudden death is told later.
        watcher = try? EngineWatcher(program: options.program, options.info)
        wire = try EngineWire(options.info, uuid: HostTag.makeUUID(), username: username)
        wire.register(wanted: options.wanted)
        registration.deadline = Clock.now + Int64(options.timeout * 1e9)
        worker = try EngineWorker(options.worker, program: options.program)
        hearWorker()
    }

    // MARK: The loop

    /// Serves until it is told to end; the exit code.
    package func run() -> Int32 {
        while ending == nil {
            let poller = Poller(wire.sockets, descriptors: [signals] + worker.descriptors)
            poller.wait(milliseconds: worker.isBusy ? 50 : 250)
            takeSignals()
            takeNews()
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
        worker.takeWritten { stream, bytes in tell(stream, bytes) }
        finishRequests()
        if let reason { replaceWorker(reason) }
    }

    // MARK: What the worker says

    private func hearWorker() {
        worker.server.listener = { [unowned self] in tell(.stdout, $0) }
    }

    /// Passes on what the running task writes.
    private func tell(_ stream: EngineWorker.Stream, _ bytes: [UInt8]) {
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

    /// The worker is dead: its engine leaves the cluster, and another one joins it.
    private func replaceWorker(_ reason: String) {
        for request in requests { giveBack(request, reason) }
        // What was said last is to arrive before the news that nobody is there.
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
        hearWorker()
        calls = EngineCalls()
        renewWire()
    }

    /// Joins the cluster under another identity: the Hub takes none twice.
    private func renewWire() {
        do {
            wire = try EngineWire(
                options.info, uuid: HostTag.makeUUID(), username: username,
                continuing: wire.dropped)
        } catch {
            options.log("cannot connect again: \(error)")
            return end(1)
        }
        registration = Registration()
        registration.deadline = Clock.now + Int64(options.timeout * 1e9)
        wire.register(wanted: nil)
    }

    // MARK: The Hub

    private func takeNews() {
        while let news = wire.news() {
            switch news {
            case .registered(let id):
                watcher?.note(id)
                options.log("engine \(id) of the controller at \(wire.address)")
                registration.checkAt = Clock.now + Self.checkInterval
            case .refused(let why):
                options.log("the controller refuses the engine: \(why)")
                end(1)
            case .engines(let all): heard(all)
            case .connected:
                // Perhaps another controller, that has never heard of this engine.
                if registration.isDisconnected { registration.checkAt = Clock.now + Clock.second }
                registration.isDisconnected = false
                if registration.silence == .nothingListens { registration.silence = nil }
            case .disconnected:
                registration.isDisconnected = true
                registration.askedAt = nil
                // One that was never joined is not lost: a failed handshake looks like that.
                guard wire.isRegistered else { continue }
                options.log("the connection to the controller is lost; waiting for it")
            case .nothingListens:
                // A failed handshake is followed by the next attempt.
                registration.silence = registration.silence ?? .nothingListens
            case .handshakeFailed: registration.silence = .handshakeFailed
            }
        }
    }

    private func heard(_ engines: [String]) {
        registration.askedAt = nil
        decide(hasPython: engines.contains { !$0.hasPrefix(EngineWire.prefix) })
        guard wire.isRegistered else { return }
        registration.checkAt = Clock.now + Self.checkInterval
        if !engines.contains(wire.uuid) {
            options.log("the controller does not know this engine any more; registering again")
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

    /// What time brings: the Hub has not answered, or is to be asked.
    private func tick() {
        let now = Clock.now
        // It was stopped, and the Hub may have given it up meanwhile.
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
