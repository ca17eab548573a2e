// SPDX-License-Identifier: BSD-3-Clause

internal import Synchronization
internal import VTSystem

/// Forwards signals to the socket thread: SIGINT interrupts the cell, SIGTERM and SIGHUP end the
/// kernel.
enum KernelSignals {
    private static let sink = Atomic<Int32>(-1)
    private static let isOwn = Atomic<Bool>(false)

    /// Installs the handlers.
    static func listen(_ wakeup: WakeupPipe) {
        sink.store(wakeup.sink, ordering: .relaxed)
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            action.sa_flags = SA_RESTART
            action.__sigaction_handler.sa_handler = { signal in
                // A signal handler may only use atomics and write(), and must keep errno.
                if KernelSignals.isOwn.exchange(false, ordering: .relaxed) { return }
                WakeupPipe.signal(signal, through: KernelSignals.sink.load(ordering: .relaxed))
            }
            sigaction(signal, &action, nil)
        }
        // A cell may write to a program that has exited. A handler is used rather than SIG_IGN,
        // because child processes would inherit that.
        var nothing = sigaction()
        nothing.sa_flags = SA_RESTART
        nothing.__sigaction_handler.sa_handler = { _ in }
        sigaction(SIGPIPE, &nothing, nil)
    }

    /// Sends a signal to the programs that a cell started, as Ctrl-C in a terminal does. Workers
    /// ignore it. A kernel that shares its process group with other programs sends nothing.
    static func signalGroup(_ signal: Int32) {
        guard getpgrp() == getpid() else { return }
        // The kernel's own signal may arrive after the call returns, on any thread. It must not be
        // taken for another sender's, which would interrupt the next cell.
        isOwn.store(true, ordering: .relaxed)
        kill(0, signal)
        for _ in 0..<1000 where isOwn.load(ordering: .relaxed) { usleep(100) }
        isOwn.store(false, ordering: .relaxed)
    }
}
