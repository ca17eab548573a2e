// SPDX-License-Identifier: BSD-3-Clause

import Dispatch
import Glibc
import Synchronization

/// An instant that one thread notes and another asks for.
final class Moment: Sendable {
    private let instant = Mutex<ContinuousClock.Instant?>(nil)

    func set() { instant.withLock { $0 = .now } }

    /// The time since; zero where it never came.
    var elapsed: Duration { instant.withLock { $0.map { .now - $0 } } ?? .zero }
}

/// Where tests cancel from. The global queue shares its threads with the tests themselves, which
/// are busy; a serial queue gets one of its own.
let elsewhere = DispatchQueue(label: "elsewhere")

/// What was said, from any thread.
final class Said: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

/// The ThreadSanitizer delays a signal until the next call into the system's library, and a loop
/// of Lua makes none unless it allocates a block larger than the state's pool serves.
let signalsComeAtOnce = dlsym(nil, "__tsan_init") == nil
