// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
package import VTLuaBridge
internal import VTSystem

/// A connection to an IPython cluster, for any thread: the engines that are there, and the commands
/// for the one thread that exchanges messages with them (``ClusterConnection``).
package final class ClusterClient: Sendable {
    /// An engine, by the number that the Hub has given it.
    package struct Engine: Sendable, Equatable {
        package var id: Int
        package var uuid: String
        /// True if it runs Lua; the others run Python.
        package var isLua: Bool { uuid.hasPrefix(PeerIdentity.prefix) }
    }

    struct Shared {
        /// In the order of their ids.
        var engines: [Engine] = []
        /// Engines that have announced themselves and may not be in the Hub's list yet, with the
        /// time until which they are kept.
        var announced: [String: Int64] = [:]
        /// The number of engines that have left.
        var gone = 0
        /// A number that changes with the engines.
        var version = 0
        /// The reason why the connection is lost; nil while it works.
        var loss: String?
    }

    enum Command {
        /// Serve the tasks of a view.
        case attach(ClusterBackend)
        /// Stop the tasks of a call that are not wanted any more.
        case interrupt(Call)
        case ask(ClusterQuestion)
        /// Receive what engines publish.
        case listen
        /// Keep a batch until the tasks that it depends on have ended.
        case hold(TaskBatch, ClusterBackend)
        case close
    }

    let shared = Monitor(Shared())
    /// Nil: the thread has ended.
    private let commands = Monitor<[Command]?>([])
    /// Wakes the thread.
    let wakeup: WakeupPipe
    /// The controller's address, for messages.
    package let address: String
    /// True if the connection does not leave this machine.
    let isLocal: Bool
    /// The scheme of the controller's task scheduler, "leastload" by default.
    package let taskScheme: String
    /// The identity of the client.
    package let id: String

    /// - Throws: `SystemError`.
    init(_ info: ConnectionInfo, id: String) throws {
        address = info.address
        isLocal = info.isLoopback
        taskScheme = info.taskScheme
        self.id = id
        wakeup = try WakeupPipe()
    }

    /// The engines of Lua and of Python, in the order of their ids.
    package var engines: [Engine] { shared.withLock { $0.engines } }
    package var luaEngines: [Engine] { engines.filter(\.isLua) }
    /// The reason why the connection is lost; nil while it works.
    package var loss: String? { shared.withLock { $0.loss } }

    // MARK: Commands

    /// True if the thread has ended.
    var isOver: Bool { commands.withLock { $0 == nil } }

    /// True if the thread is about to end.
    var isClosing: Bool {
        commands.withLock { commands in
            commands?.contains { if case .close = $0 { true } else { false } } ?? true
        }
    }

    /// Queues a command for the thread; false when that has ended.
    @discardableResult
    func post(_ command: Command) -> Bool {
        guard commands.withLock({ $0?.append(command) }) != nil else { return false }
        wakeup.signal()
        return true
    }

    /// The commands that are queued.
    ///
    /// - Parameter next: the new queue; nil: no command is accepted any more.
    func takeCommands(leaving next: [Command]? = []) -> [Command] {
        commands.withLock { list in
            defer { list = next }
            return list ?? []
        }
    }

    /// Makes the thread look at what its views have queued.
    func wake() { wakeup.signal() }

    /// Ends the connection: what its views wait for fails.
    package func close() { post(.close) }

    /// Starts receiving what engines publish. Publications of the next moments may be missed.
    package func listen() { post(.listen) }

    /// Sends a request other than a task to the Hub, or to an engine.
    func ask(
        _ type: String, on channel: ClientWire.Channel, to engine: String? = nil,
        _ content: JSON = [:], _ buffers: [OutgoingBuffer] = [], listens: Bool = false,
        timeout: Double? = 10
    ) -> ClusterQuestion {
        let question = ClusterQuestion(
            type, on: channel, to: engine, content, buffers, listens: listens, timeout: timeout)
        if loss != nil || !post(.ask(question)) { question.fail(loss ?? "the cluster is gone") }
        return question
    }

    // MARK: Engines

    func setEngines(_ engines: [Int: String]) {
        shared.withLock { shared in
            let before = Set(shared.engines.map(\.uuid))
            let now = Clock.now
            shared.announced = shared.announced.filter { $0.value > now }
            var engines = engines
            for engine in shared.engines where shared.announced[engine.uuid] != nil {
                engines[engine.id] = engines[engine.id] ?? engine.uuid
            }
            shared.engines = engines.sorted { $0.key < $1.key }.map {
                Engine(id: $0.key, uuid: $0.value)
            }
            shared.gone += before.subtracting(engines.values).count
            shared.version += 1
        }
    }

    /// - Parameter isAnnounced: true if the engine announces itself, before the Hub does.
    func addEngine(_ engine: Engine, isAnnounced: Bool = false) {
        shared.withLock { shared in
            if isAnnounced { shared.announced[engine.uuid] = Clock.now + 10 * Clock.second }
            guard !shared.engines.contains(where: { $0.uuid == engine.uuid }) else { return }
            shared.version += 1
            shared.engines.append(engine)
            shared.engines.sort { $0.id < $1.id }
        }
    }

    func removeEngine(_ uuid: String) {
        shared.withLock { shared in
            guard shared.engines.contains(where: { $0.uuid == uuid }) else { return }
            shared.announced[uuid] = nil
            shared.engines.removeAll { $0.uuid == uuid }
            shared.gone += 1
            shared.version += 1
        }
    }

    /// The engines of a language, or those that count by default: those of Lua, where there are any.
    package func engines(of language: EngineLanguage?) -> [Engine] {
        let engines = engines
        switch language {
        case .lua: return engines.filter(\.isLua)
        case .python: return engines.filter { !$0.isLua }
        case nil: return engines.contains(where: \.isLua) ? engines.filter(\.isLua) : engines
        }
    }

    /// Waits until there are `count` engines; false when the timeout comes first.
    ///
    /// - Parameters:
    ///   - language: that of the engines; nil: Lua, or Python where there are none of Lua.
    ///   - timeout: seconds; nil waits for ever.
    /// - Throws: ``ConnectionError`` when an engine leaves meanwhile, or the controller is gone.
    package func waitForEngines(
        _ count: Int, of language: EngineLanguage? = nil, timeout: Double?,
        completion: CompletionEvent, _ lua: borrowing Lua
    ) throws -> Bool {
        let gone = shared.withLock { $0.gone }
        return try completion.wait(
            until: Clock.deadline(in: timeout), lua,
            isReady: { engines(of: language).count >= count }, prepare: {},
            meanwhile: {
                if let loss { throw ConnectionError(loss) }
                if shared.withLock({ $0.gone }) > gone {
                    throw ConnectionError(
                        "an engine left the cluster while waiting for others")
                }
            })
    }
}

/// The language of an engine's tasks.
package enum EngineLanguage: String, CaseIterable, Sendable { case lua, python }
