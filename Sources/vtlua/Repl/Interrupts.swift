// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTLuaBridge
import Synchronization

/// Ctrl-C while code of a prompt runs: it stops that code and its tasks, and the prompt goes on.
/// Twice within a second, with no other entry in between, ends the program.
///
/// Between pieces of code the terminal gives Ctrl-C as a key.
final class Interrupts: Sendable {
    private struct State {
        var running: LuaCancellation?
        /// Ctrl-C came when an entry was typed, and did not run yet.
        var isEarly = false
        var last: ContinuousClock.Instant?
    }
    private let state = Mutex(State())
    private static let sink = Atomic<Int32>(-1)

    /// The only one: a process has one handler.
    static let shared = Interrupts()

    private init() {
        guard let end = SignalPipe.open({ [self] _ in receive() }) else { return }
        Self.sink.store(end, ordering: .relaxed)
    }

    /// Listens while `body` runs a prompt.
    func listening<R>(_ body: () throws -> R) rethrows -> R {
        var action = sigaction()
        // Without SA_RESTART: a read that waits for a line ends as well.
        action.__sigaction_handler.sa_handler = { signal in
            SignalPipe.pass(signal, to: Interrupts.sink.load(ordering: .relaxed))
        }
        var outer = sigaction()
        sigaction(SIGINT, &action, &outer)
        // A prompt in the middle of an entry of another one: Ctrl-C is for the inner one.
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

    /// Runs an entry; Ctrl-C pulls the cancellation.
    func during<R>(_ cancellation: LuaCancellation, _ body: () throws -> R) rethrows -> R {
        let isEarly = state.withLock { state in
            defer { state.isEarly = false }
            state.running = cancellation
            // Ctrl-C for an earlier entry is no first one for this.
            if !state.isEarly { state.last = nil }
            return state.isEarly
        }
        if isEarly { cancellation.cancel() }
        defer { state.withLock { $0.running = nil } }
        return try body()
    }

    /// Forgets a Ctrl-C that nothing was there for.
    func begin() { state.withLock { $0.isEarly = false } }

    /// Whether Ctrl-C has come while nothing ran.
    var hasCome: Bool { state.withLock { $0.isEarly } }

    /// Ctrl-C came as a key behind an entry.
    func interruptNext() { state.withLock { $0.isEarly = true } }

    private func receive() {
        let now = ContinuousClock.now
        let running: LuaCancellation? = state.withLock { state in
            if let last = state.last, now - last < .seconds(1) {
                Console.restore()
                _exit(130)
            }
            state.last = now
            state.isEarly = state.running == nil
            return state.running
        }
        running?.cancel()
    }
}

extension Interrupts {
    /// Notes a Ctrl-C that came as a key; true if it is the second within a second.
    func isSecond() -> Bool {
        let now = ContinuousClock.now
        return state.withLock { state in
            defer { state.last = now }
            return state.last.map { now - $0 < .seconds(1) } ?? false
        }
    }
}
