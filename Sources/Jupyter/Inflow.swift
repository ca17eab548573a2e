// SPDX-License-Identifier: BSD-3-Clause

internal import CVTJupyter
internal import VTSystem

/// Bounds what a peer can make a bound socket keep: ZeroMQ keeps the parts of a message until the last
/// one arrives, however many there are. A connection that sends too much is closed.
///
/// It must be used on the thread of its sockets. Only TCP connections are bounded: those of the
/// transport `ipc` need the permission to open a file.
package final class Inflow {
    private let inflow: OpaquePointer
    private var sockets: [Socket] = []

    /// The milliseconds between two looks while a connection sends.
    package static let interval = 20

    package init() throws(SocketError) {
        guard let inflow = vtj_inflow_make() else {
            throw SocketError("cannot watch connections", number: errno)
        }
        self.inflow = inflow
    }

    deinit { vtj_inflow_free(inflow) }

    /// Adds a bound socket.
    ///
    /// - Parameter most: the largest number of bytes in a message.
    package func add(_ socket: Socket, most: Int) throws(SocketError) {
        let name = "inproc://inflow-\(UInt(bitPattern: socket.handle))"
        guard vtj_inflow_add(inflow, socket.handle, name, Int64(most)) == 0 else {
            throw SocketError("cannot watch a socket", number: errno)
        }
        sockets.append(socket)
    }

    var descriptor: Int32 { vtj_inflow_descriptor(inflow) }

    var monitors: [UnsafeMutableRawPointer?] {
        var all = [UnsafeMutableRawPointer?](repeating: nil, count: sockets.count)
        let count = vtj_inflow_monitors(inflow, &all, Int32(all.count))
        return Array(all.prefix(Int(count)))
    }

    /// Notes that a complete message was received.
    package func note(_ parts: [Part]) {
        if let part = parts.last { vtj_inflow_received(inflow, part.source) }
    }

    /// Closes the connections that have sent too much.
    ///
    /// - Returns: true while a connection sends, so that this must be called again soon.
    package func check() -> Bool { vtj_inflow_check(inflow) }

    /// Closes the connections of a socket whose peers do not read: for a second, or at all. It must be
    /// called repeatedly.
    package func closeSlow(_ socket: Socket, any: Bool) {
        vtj_inflow_close_slow(inflow, socket.handle, any)
    }

    /// The number of connections that were closed.
    package var closed: Int { Int(vtj_inflow_closed(inflow)) }
}
