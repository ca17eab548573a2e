// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Synchronization
import VTSystem

/// Cancels at the first Ctrl-C, SIGTERM or SIGHUP, so that cleanup runs; the second ends the process
/// at once.
///
/// Some senders signal twice: `timeout` signals the process and its group. A signal that arrives
/// within ``pairing`` of the first one is part of the same request.
///
/// A handler passes each signal through a pipe. Blocking the signals and waiting for them would be
/// simpler, but child processes would inherit the mask, and Ctrl-C would not reach them.
final class Signals: Sendable {
    let cancellation = LuaCancellation()
    private let received = Atomic<Int32>(0)
    /// The time of the first signal.
    private let receivedAt = Atomic<Int64>(0)

    /// Nanoseconds in which two signals count as one.
    static let pairing: Int64 = 300_000_000

    /// True if the handler was called.
    private static let arrived = Atomic<Bool>(false)
    static var hasArrived: Bool { arrived.load(ordering: .relaxed) }

    /// The descriptor that the handler writes to.
    private static let sink = Atomic<Int32>(-1)

    /// Installs the handlers and starts the thread that receives the signals.
    static func cancelling() -> Signals {
        let signals = Signals()
        guard let end = SignalPipe.open({ signals.receive($0) }) else { return signals }
        sink.store(end, ordering: .relaxed)
        for signal in [SIGINT, SIGTERM] { passOn(signal) }
        // `nohup` asks for it to be ignored.
        if !isIgnored(SIGHUP) { passOn(SIGHUP) }
        // A file that exceeds the size limit is a write error and must not end the program.
        VTSystem.signal(SIGXFSZ, SIG_IGN)
        return signals
    }

    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        sigaction(signal, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private static func passOn(_ signal: Int32) {
        var action = sigaction()
        action.sa_flags = SA_RESTART
        action.__sigaction_handler.sa_handler = { signal in
            Signals.arrived.store(true, ordering: .relaxed)
            WakeupPipe.signal(signal, through: Signals.sink.load(ordering: .relaxed))
        }
        sigaction(signal, &action, nil)
    }

    private func receive(_ signal: Int32) {
        let (isFirst, _) = received.compareExchange(
            expected: 0, desired: signal, ordering: .relaxed)
        if isFirst {
            receivedAt.store(Clock.now, ordering: .relaxed)
            return cancellation.cancel()
        }
        if Clock.now - receivedAt.load(ordering: .relaxed) < Self.pairing { return }
        Programs.killAll()
        _exit(128 + signal)
    }

    var exitCode: Int32? {
        let signal = received.load(ordering: .relaxed)
        return signal == 0 ? nil : 128 + signal
    }

    var name: String? {
        switch received.load(ordering: .relaxed) {
        case SIGINT: "interrupted"
        case SIGTERM, SIGHUP: "terminated"
        default: nil
        }
    }
}
