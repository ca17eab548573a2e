// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import Synchronization

/// SIGINT interrupts, SIGTERM and SIGHUP end: their numbers go to the thread of the sockets.
enum KernelSignals {
    private static let bell = Atomic<Int32>(-1)
    private static let isOwn = Atomic<Bool>(false)

    static func listen(_ wakeup: WakeupPipe) {
        bell.store(wakeup.bell, ordering: .relaxed)
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            action.sa_flags = SA_RESTART
            action.__sigaction_handler.sa_handler = { signal in
                // Only what a handler may do: atomics, a write, and errno as it was.
                if KernelSignals.isOwn.exchange(false, ordering: .relaxed) { return }
                let before = errno
                var byte = UInt8(truncatingIfNeeded: signal)
                _ = write(KernelSignals.bell.load(ordering: .relaxed), &byte, 1)
                errno = before
            }
            sigaction(signal, &action, nil)
        }
        // A cell may write to a program that is gone. Programs that are started have the default
        // again, which they would not if this were ignored.
        var nothing = sigaction()
        nothing.sa_flags = SA_RESTART
        nothing.__sigaction_handler.sa_handler = { _ in }
        sigaction(SIGPIPE, &nothing, nil)
    }

    /// Does to the programs that a cell has started what Ctrl-C in a terminal does. Workers are
    /// deaf to it; who shares its process group with others leaves them alone.
    static func signalGroup(_ signal: Int32) {
        guard getpgrp() == getpid() else { return }
        // Our own comes to whichever thread takes it, and that may be later than the call returns:
        // taken for somebody else's it would interrupt the next cell.
        isOwn.store(true, ordering: .relaxed)
        kill(0, signal)
        for _ in 0..<1000 where isOwn.load(ordering: .relaxed) { usleep(100) }
        isOwn.store(false, ordering: .relaxed)
    }
}
