// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// The end of this process by a signal, for a thread that has something to do before: the process
/// waits for it, 0.3 s at most. Only in programs that call `Programs.endWithProcess`.
package struct ProcessEnding: ~Copyable {
    private let place: Int32

    /// Listens on the calling thread, which no longer receives these signals.
    ///
    /// - Parameter wakeup: is signalled when the process is about to end.
    package init(_ wakeup: WakeupPipe) {
        vty_ending_block_signals()
        place = vty_ending_listen(wakeup.sink)
        vty_signals_prepare()
    }

    deinit { vty_ending_done(place) }

    /// True if the process is about to end.
    package static var isNear: Bool { vty_is_ending() }

    /// Lets the process end.
    package func finish() { vty_ending_done(place) }
}
