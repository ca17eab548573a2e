// SPDX-License-Identifier: BSD-3-Clause

import Synchronization
import VTLuaBridge
import VTSystem

/// Handles Ctrl-C while an entry of a prompt runs: it stops the entry and its tasks, and the prompt
/// continues. A second Ctrl-C within a second, for the same entry, ends the program.
///
/// While an entry is edited, the terminal passes Ctrl-C as a key.
final class Interrupts: Sendable {
    private struct State {
        var running: LuaCancellation?
        /// True if Ctrl-C arrived after an entry was typed and before it ran.
        var isEarly = false
        var last: Int64?
    }
    private let state = Monitor(State())
    /// Readable after a Ctrl-C that arrived while no entry ran.
    private let early = try? WakeupPipe()
    private static let sink = Atomic<Int32>(-1)
    /// The number of signals that the handler has passed on and `receive` has not handled.
    private static let underway = Atomic<Int>(0)

    /// The single instance, because a process has one handler.
    static let shared = Interrupts()

    private init() {
        guard let end = SignalPipe.open({ [self] _ in receive() }) else { return }
        Self.sink.store(end, ordering: .relaxed)
    }

    /// Installs the handler while `body` runs a prompt.
    func listening<R>(_ body: () throws -> R) rethrows -> R {
        var action = sigaction()
        // Without SA_RESTART, so that a read that waits for a line ends as well.
        action.__sigaction_handler.sa_handler = { signal in
            Interrupts.underway.add(1, ordering: .relaxed)
            WakeupPipe.signal(signal, through: Interrupts.sink.load(ordering: .relaxed))
        }
        var outer = sigaction()
        sigaction(SIGINT, &action, &outer)
        // In a nested prompt, Ctrl-C applies to the inner one.
        let before = state.withLock { state in
            let before = state.running
            state.running = nil
            return before
        }
        defer {
            state.withLock { $0.running = before }
            sigaction(SIGINT, &outer, nil)
        }
        return try body()
    }

    /// Runs an entry; Ctrl-C cancels it.
    func during<R>(_ cancellation: LuaCancellation, _ body: () throws -> R) rethrows -> R {
        let isEarly = state.withLock { state in
            state.running = cancellation
            // Ctrl-C for an earlier entry does not count for this one.
            if !state.isEarly { state.last = nil }
            return takeEarly(&state)
        }
        if isEarly { cancellation.cancel() }
        defer { state.withLock { $0.running = nil } }
        return try body()
    }

    /// Discards a Ctrl-C that arrived while nothing ran.
    func begin() { _ = state.withLock { takeEarly(&$0) } }

    /// Returns true if a Ctrl-C arrived while nothing ran, and discards it.
    private func takeEarly(_ state: inout State) -> Bool {
        defer { state.isEarly = false }
        early?.take()
        return state.isEarly
    }

    /// Waits until standard input has something to read. Returns false if Ctrl-C arrived first, and
    /// discards that Ctrl-C.
    ///
    /// A read that waits does not replace this: it misses a signal that arrives just before it
    /// begins.
    func waitForInput() -> Bool {
        guard let early, !StandardStreams.hasBufferedInput else { return true }
        var waiting = [STDIN_FILENO, early.descriptor].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        while poll(&waiting, nfds_t(waiting.count), -1) < 0, errno == EINTR {}
        guard waiting[1].revents != 0 else { return true }
        begin()
        return false
    }

    /// Discards the Ctrl-C that has interrupted a wait for input. The thread that receives it may
    /// record it a moment later.
    func discardNext() {
        for _ in 0..<100 where !state.withLock({ $0.isEarly }) { usleep(1000) }
        begin()
    }

    /// Records a Ctrl-C that was typed after an entry; it stops that entry.
    func interruptNext() { state.withLock { $0.isEarly = true } }

    /// Waits, at most a second, until a Ctrl-C that has ended a read of the running entry also has
    /// cancelled the entry.
    func settle() {
        for _ in 0..<1000 where Self.underway.load(ordering: .relaxed) > 0 { usleep(1000) }
    }

    private func receive() {
        defer { Self.underway.subtract(1, ordering: .relaxed) }
        let now = Clock.now
        let running: LuaCancellation? = state.withLock { state in
            if let last = state.last, now - last < Clock.second {
                Console.restore()
                Programs.killAll()
                _exit(130)
            }
            state.last = now
            state.isEarly = state.running == nil
            if state.isEarly { early?.signal() }
            return state.running
        }
        running?.cancel()
    }
}

extension Interrupts {
    /// Records a Ctrl-C that arrived as a key; returns true if it is the second within a second.
    func isSecond() -> Bool {
        let now = Clock.now
        return state.withLock { state in
            defer { state.last = now }
            return state.last.map { now - $0 < Clock.second } ?? false
        }
    }
}
