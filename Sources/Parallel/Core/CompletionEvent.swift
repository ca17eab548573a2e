// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
package import VTLuaBridge
internal import VTSystem

/// The event that a Lua state's thread waits on until tasks end, or a channel has a value.
public final class CompletionEvent: Sendable {
    private let monitor = Monitor(0)
    /// The calls that were begun and not waited for, inside of ``cancellingBegun(_:)``; nil
    /// outside.
    private let begun = Monitor<[WeakCall]?>(nil)

    private struct WeakCall: Sendable {
        weak let call: Call?
    }

    /// An event that nothing has signalled yet.
    public init() {}

    /// Wakes the waiting thread, which checks its condition again.
    func signal() {
        monitor.withLock { _ in monitor.notifyAll() }
    }

    /// Runs `body`. If that is cancelled, the calls that it has begun and not waited for are, too.
    package func cancellingBegun<R>(_ body: () throws -> R) rethrows -> R {
        let outer = begun.withLock { begun in
            defer { begun = [] }
            return begun
        }
        defer { begun.withLock { $0 = outer } }
        do {
            return try body()
        } catch let error as LuaError where error.code == .cancelled {
            for weak in begun.withLock({ $0 ?? [] }) { weak.call?.stop(from: 0) }
            throw error
        }
    }

    /// Notes a call whose results are needed later.
    func note(_ call: Call) {
        begun.withLock { begun in
            guard begun != nil else { return }
            begun?.append(WeakCall(call: call))
            // Many short calls: those that have ended are forgotten.
            if let count = begun?.count, count >= 1024, count.nonzeroBitCount == 1 {
                begun?.removeAll { $0.call == nil }
            }
        }
    }

    /// The longest wait without a check for cancellation, in nanoseconds.
    private static let slice: Int64 = 20_000_000
    /// The time that a wait spins before it sleeps, in nanoseconds.
    private static let spin: Int64 = 60_000

    /// Waits for a time.
    ///
    /// - Throws: ``LuaError`` when the evaluation that waits must stop.
    package func wait(seconds: Double, _ lua: borrowing Lua) throws {
        _ = try wait(
            until: Clock.deadline(in: seconds), lua, isReady: { false }, prepare: {},
            meanwhile: {})
    }

    /// Waits until `isReady` returns true.
    ///
    /// - Parameters:
    ///   - prepare: called before the thread sleeps, to request the signal.
    ///   - meanwhile: called periodically, every 20 ms.
    /// - Returns: false when the deadline came first.
    /// - Throws: ``LuaError`` when the evaluation that waits must stop.
    func wait(
        until deadline: Int64, _ lua: borrowing Lua, isReady: () -> Bool, prepare: () -> Void,
        meanwhile: () throws -> Void
    ) throws -> Bool {
        if isReady() { return true }
        let began = Clock.now
        while Clock.now - began < Self.spin {
            Processors.relax()
            if isReady() { return true }
        }
        // A thread that waits computes nothing.
        let slots = Slots.leave()
        defer { if slots > 0 { _ = Slots.enter(slots, isWanted: { lua.isRunning }) } }
        while true {
            try lua.checkCancellation()
            try meanwhile()
            prepare()
            let now = Clock.now
            let limit = min(deadline, now + Self.slice)
            if monitor.wait(until: limit, { _ in isReady() ? true : nil }) == true { return true }
            if Clock.now >= deadline { return isReady() }
        }
    }
}
