// SPDX-License-Identifier: BSD-3-Clause

package import VTJupyter
package import VTLuaBridge
package import VTSystem

/// A request that is no task, and its answer.
///
/// Unchecked: the outcome is behind a lock, the rest constant.
package final class ClusterQuestion: @unchecked Sendable {
    let type: String
    let channel: ClientWire.Channel
    let engine: String?
    let content: JSON
    let buffers: [OutgoingBuffer]
    /// Whether what the engine tells everybody about it is wanted, too.
    let listens: Bool
    private let deadline: Int64
    private let state = Monitor(State())

    private struct State {
        var outcome: Result<Message, ConnectionError>?
        var heard: [Message] = []
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
    /// What an engine tells everybody about it.
    func hear(_ message: Message) { state.withLock { $0.heard.append(message) } }

    private func end(_ outcome: Result<Message, ConnectionError>) {
        state.withLock { $0.outcome = $0.outcome ?? outcome }
        state.notifyAll()
    }

    /// Whether all was told about it.
    var isToldWhole: Bool {
        state.withLock { state in
            state.heard.contains { $0.content["execution_state"].string == "idle" }
        }
    }

    var isOverdue: Bool { Clock.now > deadline }
    /// Whether there is an answer.
    var isOver: Bool { state.withLock { $0.outcome != nil } }
    /// What was told about it so far.
    package var heard: [Message] { state.withLock { $0.heard } }

    /// Waits until all was told about it, for a second at most.
    package func waitForTelling(completion: CompletionEvent, _ lua: borrowing Lua) throws {
        _ = try completion.wait(
            until: Clock.now + Clock.second, lua, isReady: { isToldWhole }, prepare: {},
            meanwhile: {})
    }

    /// Waits for the answer.
    ///
    /// - Throws: ``ConnectionError``.
    package func wait(completion: CompletionEvent, _ lua: borrowing Lua) throws -> Message {
        _ = try completion.wait(
            until: deadline + Clock.second, lua, isReady: { isOver }, prepare: {}, meanwhile: {})
        guard let outcome = state.withLock({ $0.outcome }) else {
            throw ConnectionError("no answer")
        }
        return try outcome.get()
    }
}

extension ClusterClient {
    /// Asks the Hub, or an engine.
    package func ask(
        _ type: String, on channel: ClientWire.Channel, to engine: String? = nil,
        _ content: JSON = [:], _ buffers: [OutgoingBuffer] = [], listens: Bool = false,
        timeout: Double? = 10
    ) -> ClusterQuestion {
        let question = ClusterQuestion(
            type, on: channel, to: engine, content, buffers, listens: listens, timeout: timeout)
        if loss != nil || !post(.ask(question)) { question.fail(loss ?? "the cluster is gone") }
        return question
    }

    /// On the thread.
    func send(_ question: ClusterQuestion) {
        if let loss { return question.fail(loss) }
        let id = wire.send(
            question.type, on: question.channel, to: question.engine, content: question.content,
            question.buffers)
        questions[id] = question
        if question.listens { listeners[id] = question }
    }
}
