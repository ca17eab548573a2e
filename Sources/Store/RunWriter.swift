// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// The thread that writes the records of short runs while a longer one goes on.
///
/// Unchecked: the functions and the failure are used under the lock only.
final class RunWriter: @unchecked Sendable {
    /// The lock; true when the thread must end, and when it has ended.
    private let state = Monitor((mustEnd: false, hasEnded: false))
    private let time: () -> Int64
    private let write: () throws -> Void
    private let didWrite: @Sendable () -> Void
    private var failure: (any Error)?

    /// - Parameters:
    ///   - time: returns the time when the records must be written; `Clock.never` where there are none.
    ///   - write: writes them.
    ///   - didWrite: called when records that had waited do not wait any more.
    init(
        time: @escaping () -> Int64, write: @escaping () throws -> Void,
        _ didWrite: @escaping @Sendable () -> Void
    ) throws {
        self.time = time
        self.write = write
        self.didWrite = didWrite
        try startThread("vtlua-writer") { self.run() }
    }

    private func run() {
        var next = Clock.never
        while true {
            let mustEnd = state.wait(until: next) { state -> Bool? in
                if state.mustEnd {
                    state.hasEnded = true
                    return true
                }
                if time() <= Clock.now { writeNow() }
                if time() == next { return nil }
                next = time()
                return false
            }
            if mustEnd == true { return state.notifyAll() }
        }
    }

    private func writeNow() {
        do {
            try write()
        } catch {
            failure = error
        }
        // Also after a failure: these runs are not written later, and the caller must not wait for them.
        didWrite()
    }

    /// Runs `body` while the thread does not write.
    func exclusively<R>(_ body: () throws -> R) rethrows -> R {
        try state.withLock { _ in
            let before = time()
            defer {
                let after = time()
                if after < before {
                    state.notifyAll()
                } else if before < Clock.never, after == Clock.never {
                    didWrite()
                }
            }
            return try body()
        }
    }

    /// The failure of the last write, once.
    func takeFailure() -> (any Error)? {
        defer { failure = nil }
        return failure
    }

    /// Waits until the thread has ended.
    func end() {
        state.withLock { $0.mustEnd = true }
        state.notifyAll()
        _ = state.wait(until: Clock.never) { $0.hasEnded ? true : nil }
    }
}
