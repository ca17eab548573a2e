// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaBridge
internal import VTSystem

/// A request other than a task, and its answer.
final class ClusterQuestion: Sendable {
    let type: String
    let channel: ClientWire.Channel
    let engine: String?
    let content: JSON
    let buffers: [OutgoingBuffer]
    /// True if the messages that the engine publishes about the request are kept.
    let listens: Bool
    private let deadline: Int64
    private let state = Monitor(State())

    private struct State {
        var outcome: Result<Message, ConnectionError>?
        var published: [Message] = []
    }

    init(
        _ type: String, on channel: ClientWire.Channel, to engine: String?, _ content: JSON,
        _ buffers: [OutgoingBuffer], listens: Bool, timeout: Double?
    ) {
        self.type = type
        self.channel = channel
        self.engine = engine
        self.content = content
        self.buffers = buffers
        self.listens = listens
        deadline = Clock.deadline(in: timeout)
    }

    func answer(_ message: Message) { end(.success(message)) }
    func fail(_ reason: String) { end(.failure(ConnectionError(reason))) }
    /// Adds what the engine has published about the request.
    func add(_ message: Message) { state.withLock { $0.published.append(message) } }

    private func end(_ outcome: Result<Message, ConnectionError>) {
        state.withLock { $0.outcome = $0.outcome ?? outcome }
        state.notifyAll()
    }

    /// True if the engine has published all about the request: it is idle again.
    var isComplete: Bool {
        state.withLock { state in
            state.published.contains { $0.content["execution_state"].string == "idle" }
        }
    }

    var isOverdue: Bool { Clock.now > deadline }
    /// True if there is an answer.
    var isOver: Bool { state.withLock { $0.outcome != nil } }
    /// The messages that the engine has published about the request so far.
    var published: [Message] { state.withLock { $0.published } }

    /// Waits until the engine has published all about the request, for a second at most.
    func waitUntilComplete(completion: CompletionEvent, _ lua: borrowing Lua) throws {
        _ = try completion.wait(
            until: Clock.now + Clock.second, lua, isReady: { isComplete }, prepare: {},
            meanwhile: {})
    }

    /// Waits for the answer.
    ///
    /// - Throws: ``ConnectionError``.
    func wait(completion: CompletionEvent, _ lua: borrowing Lua) throws -> Message {
        _ = try completion.wait(
            until: deadline + Clock.second, lua, isReady: { isOver }, prepare: {}, meanwhile: {})
        guard let outcome = state.withLock({ $0.outcome }) else {
            throw ConnectionError("no answer")
        }
        return try outcome.get()
    }
}
