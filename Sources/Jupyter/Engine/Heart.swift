// SPDX-License-Identifier: BSD-3-Clause

internal import Synchronization
internal import VTSystem

/// Answers the controller's heartbeats on its own thread, however busy the engine is.
package final class Heart: Sendable {
    private let isStopped = Atomic<Bool>(false)
    private let beats = Atomic<Int>(0)

    /// Starts the thread.
    ///
    /// - Parameter uuid: the identity of the engine.
    /// - Throws: ``SocketError``.
    package init(_ info: ConnectionInfo, uuid: String) throws(SocketError) {
        let pings = try Socket(.subscriber, curve: info.curve, linger: 0)
        try pings.connect(to: info.endpoint("hb_ping"))
        let pongs = try Socket(.dealer, identity: uuid, curve: info.curve, linger: 0)
        try pongs.connect(to: info.endpoint("hb_pong"))
        let sockets = TransferBox((pings, pongs))
        do throws(SystemError) {
            try startThread("vtlua-heart") { [self] in
                guard let (pings, pongs) = sockets.take() else { return }
                let poller = Poller([pings])
                while !isStopped.load(ordering: .relaxed) {
                    poller.wait(milliseconds: 200)
                    while pings.forward(to: pongs) { beats.wrappingAdd(1, ordering: .relaxed) }
                }
            }
        } catch {
            throw SocketError(error)
        }
    }

    /// The number of heartbeats answered.
    package var count: Int { beats.load(ordering: .relaxed) }

    /// Ends the thread at the next heartbeat.
    package func stop() { isStopped.store(true, ordering: .relaxed) }
}
