// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import LuaBridge
import Synchronization

/// The first Ctrl-C (or SIGTERM) cancels, so that everything is tidied; the second ends the
/// process at once.
///
/// A handler passes each signal on through a pipe. Blocking them and waiting would be simpler,
/// but programs that a module starts would inherit that, and Ctrl-C would not reach them.
final class Signals: Sendable {
    let cancellation = LuaCancellation()
    private let received = Atomic<Int32>(0)

    /// Whether the handler was called.
    private static let arrived = Atomic<Bool>(false)
    static var hasArrived: Bool { arrived.load(ordering: .relaxed) }

    /// Where the handler writes.
    private static let sink = Atomic<Int32>(-1)

    /// Starts to listen, on a thread of its own.
    static func cancelling() -> Signals {
        let signals = Signals()
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return signals }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        sink.store(ends[1], ordering: .relaxed)
        let source = ends[0]
        let listener = Unmanaged.passRetained(Listener(signals: signals, source: source))
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
            return signals
        }
        pthread_detach(thread)
        for signal in [SIGINT, SIGTERM] { passOn(signal) }
        // Too long a file is an error of the write, not the end of the program.
        Glibc.signal(SIGXFSZ, SIG_IGN)
        return signals
    }

    private static func passOn(_ signal: Int32) {
        var action = sigaction()
        action.sa_flags = SA_RESTART
        action.__sigaction_handler.sa_handler = { signal in
            // Only what a handler may do: atomics, a write, and errno as it was.
            let before = errno
            Signals.arrived.store(true, ordering: .relaxed)
            var byte = UInt8(truncatingIfNeeded: signal)
            _ = write(Signals.sink.load(ordering: .relaxed), &byte, 1)
            errno = before
        }
        sigaction(signal, &action, nil)
    }

    fileprivate func receive(_ signal: Int32) {
        if received.exchange(signal, ordering: .relaxed) != 0 { _exit(128 + signal) }
        cancellation.cancel()
    }

    var exitCode: Int32? {
        let signal = received.load(ordering: .relaxed)
        return signal == 0 ? nil : 128 + signal
    }

    var name: String? {
        switch received.load(ordering: .relaxed) {
        case SIGINT: "interrupted"
        case SIGTERM: "terminated"
        default: nil
        }
    }
}

/// The thread at the other end of the pipe.
private final class Listener: Sendable {
    let signals: Signals
    let source: Int32

    init(signals: Signals, source: Int32) {
        self.signals = signals
        self.source = source
    }

    func listen() {
        while true {
            var byte: UInt8 = 0
            let count = read(source, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return }
            signals.receive(Int32(byte))
        }
    }
}
