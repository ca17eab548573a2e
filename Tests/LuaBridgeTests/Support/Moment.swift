// SPDX-License-Identifier: BSD-3-Clause

import Dispatch
import Glibc
import Synchronization

/// An instant that one thread records and another reads.
final class Moment: Sendable {
    private let instant = Mutex<ContinuousClock.Instant?>(nil)

    func set() { instant.withLock { $0 = .now } }

    /// The time since then; zero if it was not recorded.
    var elapsed: Duration { instant.withLock { $0.map { .now - $0 } } ?? .zero }
}

/// The queue that tests cancel from. A serial queue has a thread of its own; the global queue
/// shares its threads with the tests, which are busy.
let elsewhere = DispatchQueue(label: "elsewhere")

/// Texts that any thread reports.
final class Said: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

/// The ThreadSanitizer delays a signal until the next call of a system function. A loop in Lua
/// makes none unless it allocates a block that is larger than the small blocks of the state's pool.
let signalsComeAtOnce = dlsym(nil, "__tsan_init") == nil
