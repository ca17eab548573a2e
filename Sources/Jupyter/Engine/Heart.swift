// SPDX-License-Identifier: BSD-3-Clause

internal import Synchronization
internal import VTSystem

/// Answers the controller's heartbeats on its own thread, however busy the engine is.
package final class Heart: Sendable {
    private let isStopped = Atomic<Bool>(false)
    private let beats = Atomic<Int>(0)
    private let ping = Monitor<[[UInt8]]?>(nil)

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - uuid: the identity of the engine.
    ///   - lastPing: the controller's last heartbeat, which is answered at once: the controller
    ///     registers the engine when its first answer is due, and not one heartbeat later.
    /// - Throws: ``SocketError``.
    package init(
        _ info: ConnectionInfo, uuid: String, lastPing: [[UInt8]]? = nil
    ) throws(SocketError) {
        let pings = try Socket(.subscriber, curve: info.curve, linger: 0)
        try pings.connect(to: info.endpoint("hb_ping"))
        let pongs = try Socket(.dealer, identity: uuid, curve: info.curve, linger: 0)
        try pongs.connect(to: info.endpoint("hb_pong"))
        if let lastPing { pongs.send(lastPing) }
        let sockets = TransferBox((pings, pongs))
        do throws(SystemError) {
            try startThread("vtlua-heart") { [self] in
                guard let (pings, pongs) = sockets.take() else { return }
                let poller = Poller([pings])
                while !isStopped.load(ordering: .relaxed) {
                    poller.wait(milliseconds: 200)
                    while let parts = pings.receive() {
                        let frames = parts.map(\.array)
                        pongs.send(frames)
                        ping.withLock { $0 = frames }
                        beats.wrappingAdd(1, ordering: .relaxed)
                    }
                }
            }
        } catch {
            throw SocketError(error)
        }
    }

    /// The number of heartbeats answered.
    package var count: Int { beats.load(ordering: .relaxed) }

    /// The last heartbeat of the controller; nil before the first.
    package var lastPing: [[UInt8]]? { ping.withLock { $0 } }

    /// Ends the thread at the next heartbeat.
    package func stop() { isStopped.store(true, ordering: .relaxed) }
}
