// SPDX-License-Identifier: BSD-3-Clause

import Glibc

/// Passes signals from a handler to a thread through a pipe.
enum SignalPipe {
    /// Starts a thread that calls `receive` for each signal.
    ///
    /// - Returns: the descriptor that handlers write to; nil if the pipe or the thread cannot be
    ///   created.
    static func open(_ receive: @escaping @Sendable (Int32) -> Void) -> Int32? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let listener = Unmanaged.passRetained(Listener(source: ends[0], receive: receive))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                // Passed in below, and never nil.
                Unmanaged<Listener>.fromOpaque(context!).takeRetainedValue().listen()
                return nil
            }, listener.toOpaque())
        guard status == 0 else {
            listener.release()
            for end in ends { close(end) }
            return nil
        }
        pthread_detach(thread)
        return ends[1]
    }

    /// Writes the signal's number. Safe in a signal handler: it preserves errno.
    static func pass(_ signal: Int32, to end: Int32) {
        let before = errno
        var byte = UInt8(truncatingIfNeeded: signal)
        _ = write(end, &byte, 1)
        errno = before
    }
}

private final class Listener: Sendable {
    private let source: Int32
    private let receive: @Sendable (Int32) -> Void

    init(source: Int32, receive: @escaping @Sendable (Int32) -> Void) {
        self.source = source
        self.receive = receive
    }

    func listen() {
        while true {
            var byte: UInt8 = 0
            let count = read(source, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return }
            receive(Int32(byte))
        }
    }
}
