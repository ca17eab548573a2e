// SPDX-License-Identifier: BSD-3-Clause

package import VTJupyter
internal import VTSystem

/// The thread of a ``ClusterClient``: the only one that uses its sockets. It sends what views have
/// queued, receives the replies, and keeps the list of engines.
///
/// It is made by the thread's main function and never leaves it.
package final class ClusterConnection {
    private let client: ClusterClient
    private let transport: ClusterTransport
    private var wire: ClientWire { transport.wire }
    private var schedulers: [ClusterScheduler] = []
    private var questions: [String: ClusterQuestion] = [:]
    private var listeners: [String: ClusterQuestion] = [:]
    private var watch = ControllerWatch()
    /// The questions to engines that have left, with the time since when.
    private var unanswerable: [String: Int64] = [:]
    /// The restarts of the controller that were noticed.
    private var restarts = 0

    private init(_ client: ClusterClient, _ wire: ClientWire) {
        self.client = client
        transport = ClusterTransport(wire)
    }

    // MARK: Opening

    /// Connects to a cluster.
    ///
    /// - Parameters:
    ///   - timeout: seconds that the controller may take to answer.
    ///   - check: called about 50 times a second until then; what it throws ends the attempt.
    /// - Throws: ``ConnectionError``, `SocketError`; what `check` throws.
    package static func open(
        _ info: ConnectionInfo, timeout: Double, check: () throws -> Void
    ) throws -> ClusterClient {
        let client = try ClusterClient(info, id: try ClientWire.makeID())
        let outcome = Monitor<Result<Void, any Error>?>(nil)
        try startThread("vtlua-cluster", stackSize: 1 << 20) {
            let wire: ClientWire
            do {
                wire = try connect(client, info, timeout)
            } catch {
                outcome.withLock { $0 = .failure(error) }
                return outcome.notifyAll()
            }
            outcome.withLock { $0 = .success(()) }
            outcome.notifyAll()
            ClusterConnection(client, wire).serve()
        }
        do {
            while true {
                let limit = Clock.now + Clock.second / 50
                if let result = outcome.wait(until: limit, { $0 }) {
                    try result.get()
                    return client
                }
                try check()
            }
        } catch {
            client.close()
            throw error
        }
    }

    private static func connect(
        _ client: ClusterClient, _ info: ConnectionInfo, _ timeout: Double
    ) throws -> ClientWire {
        let wire = try ClientWire(info, id: client.id)
        let engines = try wire.connect(timeout: timeout) {
            if client.isClosing { throw ConnectionError("the connection was closed") }
        }
        client.setEngines(engines)
        return wire
    }

    // MARK: The loop

    private func serve() {
        let ending = ProcessEnding(client.wakeup)
        var isOpen = true
        while isOpen {
            let poller = Poller(wire.sockets, descriptors: [client.wakeup.descriptor])
            let isUrgent = schedulers.contains(where: \.awaitsEngineLoss)
            poller.wait(milliseconds: isUrgent ? 5 : 100)
            client.wakeup.take()
            if ProcessEnding.isNear {
                stopTasks()
                ending.finish()
            }
            for command in client.takeCommands() {
                if case .close = command { isOpen = false }
                execute(command)
            }
            receive()
            tick()
            for scheduler in schedulers { scheduler.pump() }
            schedulers.removeAll(where: \.backend.isGone)
        }
        lose("the connection to the cluster was closed")
        // Commands posted from now on fail at once.
        for command in client.takeCommands(leaving: nil) { execute(command) }
        for scheduler in schedulers { scheduler.pump() }
        wire.close()
    }

    /// Stops the tasks on the engines, before this process ends.
    private func stopTasks() {
        for scheduler in schedulers where !scheduler.options.usesController { scheduler.stopAll() }
        // The thread that sends the messages ends with the process.
        wire.flush()
    }

    private func execute(_ command: ClusterClient.Command) {
        switch command {
        case .attach(let backend): schedulers.append(ClusterScheduler(backend, transport))
        case .interrupt(let call): for scheduler in schedulers { scheduler.stop(call) }
        case .ask(let question): send(question)
        case .listen: try? wire.listen()
        case .hold(let batch, let backend):
            schedulers.first { $0.backend === backend }?.held.append(batch)
        case .close: break
        }
    }

    private func send(_ question: ClusterQuestion) {
        if let loss = client.loss { return question.fail(loss) }
        let id = wire.send(
            question.type, on: question.channel, to: question.engine, content: question.content,
            question.buffers)
        questions[id] = question
        if question.listens { listeners[id] = question }
    }

    // MARK: Messages

    private func receive() {
        while let message = wire.receive(.registration) { takeReplyOfHub(message) }
        while let message = wire.receive(.notification) { takeNotification(message) }
        for channel in [ClientWire.Channel.mux, .task, .control] {
            while let message = wire.receive(channel) { takeReply(message, on: channel) }
        }
        while let message = wire.receive(.iopub) {
            guard let parent = message.parentID, let question = listeners[parent] else { continue }
            question.add(message)
            if question.isComplete { listeners[parent] = nil }
        }
    }

    private func takeReply(_ message: Message, on channel: ClientWire.Channel) {
        watch.noteMessage()
        if channel == .mux, takeNotice(message) { return }
        guard let parent = message.parentID else { return }
        if let question = questions.removeValue(forKey: parent) { return question.answer(message) }
        for scheduler in schedulers where scheduler.take(message, parent, on: channel) { return }
    }

    /// Takes a notice that an engine sends by itself: it leaves, after the replies before it, or
    /// it has joined in place of another and the Hub will list it soon.
    private func takeNotice(_ message: Message) -> Bool {
        let content = message.content
        switch message.type {
        case "vtlua_left":
            guard let uuid = content["uuid"].string else { return true }
            let task = content["job"].int.map { (job: $0, number: content["task"].int ?? .max) }
            for scheduler in schedulers {
                if content["died"].bool == true {
                    scheduler.takeDeath(of: uuid, while: task)
                } else {
                    scheduler.takeLeave(of: uuid)
                }
            }
            client.removeEngine(uuid)
        case "vtlua_joined":
            guard let id = content["id"].int, let uuid = content["uuid"].string,
                uuid.hasPrefix(PeerIdentity.prefix)
            else { return true }
            client.addEngine(.init(id: id, uuid: uuid), isAnnounced: true)
        default: return false
        }
        return true
    }

    private func takeReplyOfHub(_ message: Message) {
        watch.noteMessageOfHub()
        if wire.restarts != restarts {
            restarts = wire.restarts
            for scheduler in schedulers { scheduler.searchAfterRestart() }
        }
        if let parent = message.parentID, let question = questions.removeValue(forKey: parent) {
            question.answer(message)
        }
        if message.type == "connection_reply" {
            client.setEngines(ClientWire.engines(message.content))
        }
    }

    private func takeNotification(_ message: Message) {
        watch.noteMessageOfHub()
        let content = message.content
        guard let id = content["id"].int, let uuid = content["uuid"].string else { return }
        switch message.type {
        case "registration_notification": client.addEngine(.init(id: id, uuid: uuid))
        case "unregistration_notification": client.removeEngine(uuid)
        default: break
        }
    }

    // MARK: The controller

    private func tick() {
        for channel in [ClientWire.Channel.registration, .mux] {
            while let event = wire.event(channel) { watch.note(event, on: channel) }
        }
        guard client.loss == nil else { return }
        if watch.shouldAsk { wire.send("connection_request", on: .registration) }
        if watch.hasReturned { for scheduler in schedulers { scheduler.probeAll() } }
        if let reason = watch.verdict {
            lose("the controller at \(client.address) is gone: \(reason)")
        }
        for (id, question) in questions where question.isOverdue {
            questions[id] = nil
            question.fail("no answer")
        }
        failQuestionsToLostEngines()
    }

    /// The nanoseconds that the last answers of an engine may take after it has left.
    private static let afterglow = Clock.second

    /// Fails what engines were asked that have left the cluster since.
    private func failQuestionsToLostEngines() {
        guard !questions.isEmpty else {
            if !unanswerable.isEmpty { unanswerable = [:] }
            return
        }
        let present = Set(client.engines.map(\.uuid))
        let now = Clock.now
        for (id, question) in questions {
            guard let engine = question.engine, !present.contains(engine) else { continue }
            let since = unanswerable[id] ?? now
            unanswerable[id] = since
            guard now - since > Self.afterglow else { continue }
            questions[id] = nil
            unanswerable[id] = nil
            question.fail("the engine has left the cluster")
        }
    }

    private func lose(_ reason: String) {
        client.shared.withLock { $0.loss = $0.loss ?? reason }
        for question in questions.values { question.fail(reason) }
        questions = [:]
    }
}
