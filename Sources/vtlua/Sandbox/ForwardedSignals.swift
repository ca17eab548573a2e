// SPDX-License-Identifier: BSD-3-Clause

import Synchronization
import VTSystem

/// Passes SIGINT, SIGTERM and SIGHUP on to the child, which has no terminal.
final class ForwardedSignals: Sendable {
    private let child = Monitor<SpawnedProcess?>(nil)
    private let early = Monitor<[Int32]>([])
    private let handled = Monitor<[Int32]>([])
    private static let sink = Atomic<Int32>(-1)

    static func installed() -> ForwardedSignals {
        let signals = ForwardedSignals()
        guard let end = SignalPipe.open({ signals.receive($0) }) else { return signals }
        sink.store(end, ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            sigaction(number, nil, &action)
            let isIgnored =
                unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
            if isIgnored { continue }
            action.sa_flags = SA_RESTART
            action.__sigaction_handler.sa_handler = { signal in
                WakeupPipe.signal(signal, through: ForwardedSignals.sink.load(ordering: .relaxed))
            }
            sigaction(number, &action, nil)
            signals.handled.withLock { $0.append(number) }
        }
        return signals
    }

    private let count = Atomic<Int>(0)

    private let last = Atomic<Int32>(0)

    /// The last signal, after the second one: the user no longer waits for the end of the run.
    var urgent: Int32? {
        count.load(ordering: .acquiring) > 1 ? last.load(ordering: .relaxed) : nil
    }

    private func receive(_ number: Int32) {
        last.store(number, ordering: .relaxed)
        count.add(1, ordering: .releasing)
        child.withLock { child in
            if let child { child.signal(number) } else { early.withLock { $0.append(number) } }
        }
    }

    /// Lets the signals end this process again: the child has ended.
    func restore() {
        for number in handled.withLock({ $0 }) { signal(number, SIG_DFL) }
    }

    func forward(to process: SpawnedProcess) {
        child.withLock { child in
            child = process
            for number in early.withLock({ $0 }) { process.signal(number) }
        }
    }
}
