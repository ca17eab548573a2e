// SPDX-License-Identifier: BSD-3-Clause

package import VTSystem

/// Requests to a controller's Hub and to its engines. Each has a time limit.
///
/// A query must be used from one thread at a time.
package final class HubQuery {
    private let wire: ClientWire
    private let timeout: Double
    /// The number of notifications from the Hub since the first wait for one.
    private var news = 0

    /// Connects. A controller that does not listen is noticed by the first request.
    ///
    /// - Parameter timeout: the seconds that the Hub may take to answer.
    /// - Throws: ``SocketError``.
    package init(_ info: ConnectionInfo, timeout: Double = 10) throws(SocketError) {
        wire = try ClientWire(info, id: try ClientWire.makeID())
        self.timeout = timeout
    }

    /// The controller's address, for messages.
    package var address: String { wire.info.address }

    /// Returns the identities of the registered engines, by id.
    ///
    /// - Parameters:
    ///   - isStarting: true to wait for a controller that does not listen yet.
    ///   - check: called periodically while waiting.
    /// - Throws: ``ConnectionError``; any error of `check`.
    package func engines(isStarting: Bool = false, check: () throws -> Void = {}) throws
        -> [Int: String]
    {
        ClientWire.engines(
            try ask("connection_request", isStarting: isStarting, check: check))
    }

    /// The messages and tasks of one engine.
    package struct Queue: Sendable, Equatable {
        /// Messages sent directly to the engine that have no answer yet.
        package var waiting: Int
        /// Tasks that the controller's scheduler has assigned to the engine.
        package var tasks: Int
        /// Tasks that the engine has completed.
        package var completed: Int
    }

    /// The queues of all engines, and the tasks without one.
    package struct QueueStatus: Sendable, Equatable {
        package var engines: [Int: Queue]
        /// Tasks that the scheduler has not assigned to an engine yet.
        package var unassigned: Int
    }

    /// Asks the Hub for the queues of all engines.
    ///
    /// - Throws: ``ConnectionError``.
    package func queueStatus() throws -> QueueStatus {
        let content = try ask("queue_request", content: ["targets": nil, "verbose": false])
        var engines: [Int: Queue] = [:]
        for member in content.members ?? [] {
            guard let id = Int(member.key) else { continue }
            let value = member.value
            engines[id] = Queue(
                waiting: value["queue"].int ?? 0, tasks: value["tasks"].int ?? 0,
                completed: value["completed"].int ?? 0)
        }
        return QueueStatus(engines: engines, unassigned: content["unassigned"].int ?? 0)
    }

    /// Shuts down the controller. The engines keep running.
    ///
    /// - Throws: ``ConnectionError``.
    package func shutdown() throws { _ = try ask("shutdown_request") }

    /// Sends a request to engines on their control channel, all at once.
    ///
    /// - Parameter timeout: the seconds that all of them together may take.
    /// - Returns: the contents of the replies by identity. Engines that did not answer are absent.
    package func ask(
        _ type: String, of engines: [String], content: JSON = [:], timeout: Double
    ) -> [String: JSON] {
        var waiting: [String: String] = [:]
        for uuid in engines {
            waiting[wire.send(type, on: .control, to: uuid, content: content)] = uuid
        }
        var replies: [String: JSON] = [:]
        let end = Clock.seconds + timeout
        let poller = Poller(wire.sockets)
        while !waiting.isEmpty, Clock.seconds < end {
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

    /// Waits for the next notification from the Hub, such as the registration of an engine. A
    /// notification sent before the first call may be missed.
    ///
    /// - Parameters:
    ///   - seconds: the longest time to wait.
    ///   - check: called periodically.
    package func awaitNews(_ seconds: Double, check: () throws -> Void = {}) throws {
        let end = Clock.seconds + seconds
        let poller = Poller(wire.sockets)
        repeat {
            if news > 0 { break }
            try check()
            poller.wait(milliseconds: 20)
            wire.look()
            leaveAside()
        } while Clock.seconds < end
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

    /// Counts notifications, without reading them.
    private func leaveAside() {
        while wire.receive(.notification) != nil { news += 1 }
    }
}
