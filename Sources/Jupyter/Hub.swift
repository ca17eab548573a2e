// SPDX-License-Identifier: BSD-3-Clause

/// Questions to a controller's Hub, and to its engines: each ends within a bound.
///
/// It belongs to one thread at a time.
package final class HubQuery {
    private let wire: ClientWire
    private let timeout: Double
    /// What the Hub has told everybody since it was asked for.
    private var news = 0

    /// Connects; that nothing answers shows with the first question.
    ///
    /// - Parameter timeout: seconds that the Hub may take to answer.
    /// - Throws: `SocketError`.
    package init(_ info: ConnectionInfo, timeout: Double = 10) throws(SocketError) {
        wire = try ClientWire(info)
        self.timeout = timeout
    }

    /// Where the controller is, for messages.
    package var address: String { wire.info.address }

    /// The engines that have joined: identities by id.
    ///
    /// - Parameters:
    ///   - isStarting: whether a controller that does not listen yet is waited for.
    ///   - check: called every now and then while it waits.
    /// - Throws: ``ConnectionError``; what `check` throws.
    package func engines(isStarting: Bool = false, check: () throws -> Void = {}) throws
        -> [Int: String]
    {
        ClientWire.engines(
            try ask("connection_request", isStarting: isStarting, check: check))
    }

    /// What waits for an engine, or was done by it.
    package struct Queue: Sendable, Equatable {
        /// Messages that were sent straight to it and not answered yet.
        package var waiting: Int
        /// Tasks that the controller's scheduler has given to it.
        package var tasks: Int
        package var completed: Int
    }

    package struct QueueStatus: Sendable, Equatable {
        package var engines: [Int: Queue]
        /// Tasks that the controller's scheduler has given to nobody yet.
        package var unassigned: Int
    }

    /// - Throws: ``ConnectionError``.
    package func queueStatus() throws -> QueueStatus {
        let content = try ask("queue_request", content: ["targets": nil, "verbose": false])
        var engines: [Int: Queue] = [:]
        for member in content.members ?? [] {
            guard let id = Int(member.name) else { continue }
            let value = member.value
            engines[id] = Queue(
                waiting: value["queue"].int ?? 0, tasks: value["tasks"].int ?? 0,
                completed: value["completed"].int ?? 0)
        }
        return QueueStatus(engines: engines, unassigned: content["unassigned"].int ?? 0)
    }

    /// Ends the controller. The engines stay.
    ///
    /// - Throws: ``ConnectionError``.
    package func shutdown() throws { _ = try ask("shutdown_request") }

    /// Asks engines on their control channel, all at once.
    ///
    /// - Parameter timeout: seconds that all of them together may take.
    /// - Returns: contents of the replies by identity; without those who have not answered.
    package func ask(
        _ type: String, of engines: [String], content: JSON = [:], timeout: Double
    ) -> [String: JSON] {
        var waiting: [String: String] = [:]
        for uuid in engines {
            waiting[wire.send(type, on: .control, to: uuid, content: content)] = uuid
        }
        var replies: [String: JSON] = [:]
        let end = monotonicSeconds() + timeout
        let poller = Poller(wire.sockets)
        while !waiting.isEmpty, monotonicSeconds() < end {
            poller.wait(milliseconds: 10)
            leaveAside()
            while let message = wire.receive(.control) {
                guard let id = message.parentID, let uuid = waiting.removeValue(forKey: id)
                else { continue }
                replies[uuid] = message.content
            }
        }
        return replies
    }

    // MARK: Waiting

    /// Waits until the Hub tells everybody something: that an engine has joined, for one. What it
    /// told before this asked for the first time may be missed.
    ///
    /// - Parameters:
    ///   - seconds: waits no longer.
    ///   - check: called every now and then.
    package func awaitNews(_ seconds: Double, check: () throws -> Void = {}) throws {
        let end = monotonicSeconds() + seconds
        let poller = Poller(wire.sockets)
        repeat {
            if news > 0 { break }
            try check()
            poller.wait(milliseconds: 20)
            wire.look()
            leaveAside()
        } while monotonicSeconds() < end
        news = 0
    }

    private func ask(
        _ type: String, content: JSON = [:], isStarting: Bool = false,
        check: () throws -> Void = {}
    ) throws -> JSON {
        try wire.ask(type, content: content, timeout: timeout, isStarting: isStarting) {
            leaveAside()
            try check()
        }
    }

    /// What the Hub tells everybody is only counted.
    private func leaveAside() {
        while wire.receive(.notification) != nil { news += 1 }
    }
}
