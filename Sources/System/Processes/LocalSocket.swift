// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// One end of a pair of stream sockets between two processes. It is closed with this object.
package final class LocalSocket: Sendable {
    /// The number by which a child knows the end that ``Spawn/channel`` gives it.
    package static let ofChild = Int32(3)

    package let descriptor: Int32

    /// Takes over a descriptor, which programs that this process starts do not inherit.
    package init(_ descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// Makes a connected pair.
    ///
    /// - Throws: ``SystemError``.
    package static func pair() throws(SystemError) -> (LocalSocket, LocalSocket) {
        var ends: [Int32] = [-1, -1]
        guard vty_socket_pair(&ends) == 0 else { throw SystemError("cannot make a socket") }
        return (LocalSocket(ends[0]), LocalSocket(ends[1]))
    }

    /// Sends all bytes of at most eight parts, the first of which is not empty.
    ///
    /// - Parameters:
    ///   - file: a descriptor of which the other process receives a copy.
    ///   - deadline: nanoseconds of ``Clock``.
    /// - Throws: ``SystemError``, also when the other process reads nothing until the deadline.
    package func send(
        _ parts: [UnsafeRawBufferPointer], passing file: Int32? = nil, until deadline: Int64
    ) throws(SystemError) {
        let vectors = parts.map {
            iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
        }
        let files = file.map { [$0] } ?? []
        let status = vty_send(
            descriptor, vectors, Int32(vectors.count), files, Int32(files.count), deadline)
        guard status == 0 else { throw SystemError("cannot send", status) }
    }

    /// Waits for bytes.
    ///
    /// - Parameter file: receives a descriptor that came with them; nil: the system drops descriptors.
    /// - Returns: the number of bytes; 0 at the end.
    /// - Throws: ``SystemError``.
    package func receive(
        _ buffer: UnsafeMutableRawBufferPointer, file: UnsafeMutablePointer<Int32>? = nil
    ) throws(SystemError) -> Int {
        var count: Int32 = file == nil ? 0 : 1
        let received = vty_receive(
            descriptor, buffer.baseAddress, buffer.count, file, &count, true)
        if count == 0 { file?.pointee = -1 }
        guard received >= 0 else { throw SystemError("cannot receive") }
        return received
    }

    /// Ends the connection; a thread that waits for bytes sees the end.
    package func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
