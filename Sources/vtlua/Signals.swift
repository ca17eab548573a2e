// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import LuaBridge
import Synchronization

/// The first Ctrl-C (or SIGTERM) cancels, so that everything is tidied; the second ends the
/// process at once.
final class Signals: Sendable {
    let cancellation = LuaCancellation()
    private let received = Atomic<Int32>(0)

    /// Starts to listen, on a thread of its own.
    static func cancelling() -> Signals {
        let signals = Signals()
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGTERM)
        // Threads made later inherit the mask: only the listener takes these signals.
        pthread_sigmask(SIG_BLOCK, &set, nil)
        var thread = pthread_t()
        let held = Unmanaged.passRetained(signals)
        let status = pthread_create(
            &thread, nil,
            { context in
                // Passed in below, and never nil.
                Unmanaged<Signals>.fromOpaque(context!).takeRetainedValue().listen()
                return nil
            }, held.toOpaque())
        if status == 0 { pthread_detach(thread) } else { held.release() }
        return signals
    }

    private func listen() {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGTERM)
        while true {
            var signal: Int32 = 0
            guard sigwait(&set, &signal) == 0 else { return }
            if received.exchange(signal, ordering: .relaxed) != 0 { _exit(128 + signal) }
            cancellation.cancel()
        }
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
