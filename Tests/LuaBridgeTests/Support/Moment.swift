// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// An instant that one thread notes and another asks for.
final class Moment: Sendable {
    private let instant = Mutex<ContinuousClock.Instant?>(nil)

    func set() { instant.withLock { $0 = .now } }

    /// The time since; zero where it never came.
    var elapsed: Duration { instant.withLock { $0.map { .now - $0 } } ?? .zero }
}
