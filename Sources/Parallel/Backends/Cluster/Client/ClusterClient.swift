// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
package import VTJupyter
package import VTLuaBridge
internal import VTSystem

/// A connection to an IPython cluster: the engines that are there, and the one thread that speaks
/// to them.
///
/// Unchecked: `shared` and `commands` are behind locks, `event` is a descriptor; the rest belongs
/// to the thread.
package final class ClusterClient: @unchecked Sendable {
    /// An engine, by the number that the Hub has given it.
    package struct Engine: Sendable, Equatable {
        package var id: Int
        package var uuid: String
        /// Whether it runs Lua; the others run Python.
        package var isLua: Bool { uuid.hasPrefix(EngineWire.prefix) }
    }

    struct Shared {
        /// In the order of their ids.
        var engines: [Engine] = []
        /// How many engines have gone.
        var gone = 0
        /// Changes with them.
        var version = 0
        /// Why nothing can be had any more.
        var loss: String?
    }

    enum Command {
        case attach(ClusterBackend)
        case interrupt(Call)
        case ask(ClusterQuestion)
        case listen
        case hold(TaskBatch, ClusterBackend)
        case close
    }

    let shared = Monitor(Shared())
    /// Nil: the thread does nothing more.
    private let commands = Monitor<[Command]?>([])
    private let wakeup: WakeupPipe
    /// The controller's address, for messages.
    package let address: String
    package let taskScheme: String
    package let id: String

    // MARK: The thread's

    let wire: ClientWire
    private var backends: [ClusterBackend] = []
    var questions: [String: ClusterQuestion] = [:]
    var listeners: [String: ClusterQuestion] = [:]
    var watch = ControllerWatch()
    /// Memory that engines on this machine read.
    var segments = Segments()

    /// Connects.
    ///
    /// - Parameters:
    ///   - timeout: seconds that the controller may take to answer.
    ///   - check: called every now and then while it waits.
    /// - Throws: ``ConnectionError``, `SocketError`; what `check` throws.
    package init(
        _ info: ConnectionInfo, timeout: Double, check: () throws -> Void
    ) throws {
        wire = try ClientWire(info)
        address = info.address
        taskScheme = info.taskScheme
        id = wire.id
        let engines = try wire.connect(timeout: timeout, check: check)
        wakeup = try WakeupPipe()
        setEngines(engines)
        try startThread("vtlua-cluster", stackSize: 1 << 20) { [self] in main() }
    }

    // MARK: From any thread

    package var engines: [Engine] { shared.withLock { $0.engines } }
    /// Why nothing can be had any more; nil as long as it can.
    package var loss: String? { shared.withLock { $0.loss } }
    /// Whether the thread does nothing more.
    var isOver: Bool { commands.withLock { $0 == nil } }

    /// Has the thread do something; false when it does nothing more.
    @discardableResult
    func post(_ command: Command) -> Bool {
        guard commands.withLock({ $0?.append(command) }) != nil else { return false }
        wakeup.signal()
        return true
    }

    /// What there is to do.
    ///
    /// - Parameter next: what takes its place; nil: nothing is taken any more.
    private func takeCommands(leaving next: [Command]? = []) -> [Command] {
        commands.withLock { list in
            defer { list = next }
            return list ?? []
        }
    }

    /// Has the thread look at what its views have to do.
    func wake() { wakeup.signal() }

    /// Ends the connection: what its views wait for fails.
    package func close() { post(.close) }

    // MARK: The loop

    private func main() {
        var isOpen = true
        while isOpen {
            let poller = Poller(wire.sockets, descriptors: [wakeup.descriptor])
            poller.wait(milliseconds: backends.contains(where: \.awaitsEngineLoss) ? 5 : 100)
            wakeup.take()
            for command in takeCommands() {
                if case .close = command { isOpen = false }
                obey(command)
            }
            receive()
            tick()
            for backend in backends { backend.pump() }
            backends.removeAll(where: \.isGone)
        }
        lose("the connection to the cluster was closed")
        // What is added from now on, its adder fails.
        for command in takeCommands(leaving: nil) { obey(command) }
        for backend in backends { backend.pump() }
        listeners = [:]
        backends = []
        wire.close()
    }

    private func obey(_ command: Command) {
        switch command {
        case .attach(let backend): backends.append(backend)
        case .interrupt(let call): for backend in backends { backend.stop(call) }
        case .ask(let question): send(question)
        case .listen: try? wire.listen()
        case .hold(let batch, let backend): backend.held.append(batch)
        case .close: break
        }
    }

    private func receive() {
        while let message = wire.receive(.registration) { heard(message) }
        while let message = wire.receive(.notification) { notified(message) }
        for channel in [ClientWire.Channel.mux, .task, .control] {
            while let message = wire.receive(channel) { answered(message) }
        }
        while let message = wire.receive(.iopub) {
            guard let parent = message.parentID, let question = listeners[parent] else { continue }
            question.hear(message)
            if question.isToldWhole { listeners[parent] = nil }
        }
    }

    private func answered(_ message: Message) {
        watch.heardSomething()
        guard let parent = message.parentID else { return }
        if let question = questions.removeValue(forKey: parent) { return question.answer(message) }
        for backend in backends where backend.take(message, parent) { return }
    }

    // MARK: Engines

    private func heard(_ message: Message) {
        watch.heardHub()
        if let parent = message.parentID, let question = questions.removeValue(forKey: parent) {
            question.answer(message)
        }
        if message.type == "connection_reply" {
            setEngines(ClientWire.engines(message.content))
        }
    }

    private func notified(_ message: Message) {
        watch.heardHub()
        let content = message.content
        guard let id = content["id"].int, let uuid = content["uuid"].string else { return }
        switch message.type {
        case "registration_notification":
            shared.withLock { shared in
                guard !shared.engines.contains(where: { $0.uuid == uuid }) else { return }
                shared.version += 1
                shared.engines.append(Engine(id: id, uuid: uuid))
                shared.engines.sort { $0.id < $1.id }
            }
        case "unregistration_notification":
            shared.withLock { shared in
                shared.engines.removeAll { $0.uuid == uuid }
                shared.gone += 1
                shared.version += 1
            }
        default: break
        }
    }

    private func setEngines(_ engines: [Int: String]) {
        shared.withLock { shared in
            let before = Set(shared.engines.map(\.uuid))
            shared.engines = engines.sorted { $0.key < $1.key }.map {
                Engine(id: $0.key, uuid: $0.value)
            }
            shared.gone += before.subtracting(engines.values).count
            shared.version += 1
        }
    }

    // MARK: The controller

    private func tick() {
        for channel in [ClientWire.Channel.registration, .mux] {
            while let event = wire.event(channel) { watch.note(event, on: channel) }
        }
        segments.trim()
        guard loss == nil else { return }
        if watch.shouldAsk { wire.send("connection_request", on: .registration) }
        if watch.hasReturned { for backend in backends { backend.probeAll() } }
        if let reason = watch.verdict { lose("the controller at \(address) is gone: \(reason)") }
        for (id, question) in questions where question.isOverdue {
            questions[id] = nil
            question.fail("no answer")
        }
    }

    private func lose(_ reason: String) {
        shared.withLock { $0.loss = $0.loss ?? reason }
        for question in questions.values { question.fail(reason) }
        questions = [:]
    }

    // MARK: What engines tell everybody

    /// Hears it from now on. What is asked in the next moments may not be heard about.
    package func listen() { post(.listen) }

    // MARK: Waiting

    /// Waits until there are so many engines of Lua; false when the time is over before.
    ///
    /// - Throws: ``ConnectionError`` when one leaves meanwhile, or the controller is gone.
    package func waitForEngines(
        _ count: Int, timeout: Double?, completion: CompletionEvent, _ lua: borrowing Lua
    ) throws -> Bool {
        let gone = shared.withLock { $0.gone }
        return try completion.wait(
            until: Clock.deadline(in: timeout), lua,
            isReady: { luaEngines.count >= count }, prepare: {},
            meanwhile: {
                if let loss { throw ConnectionError(loss) }
                if shared.withLock({ $0.gone }) > gone {
                    throw ConnectionError(
                        "an engine has left the cluster while others were waited for")
                }
            })
    }

    package var luaEngines: [Engine] { engines.filter(\.isLua) }
}
