// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
package import VTLuaBridge
internal import VTSystem

/// Where a Lua state's thread waits for what others do: tasks, channels.
public final class CompletionEvent: Sendable {
    private let monitor = Monitor(0)
    /// The calls that were begun and not waited for, while somebody wants to know.
    private let begun = Monitor<[WeakCall]?>(nil)

    private struct WeakCall: Sendable {
        weak let call: Call?
    }

    public init() {}

    /// Wakes whoever waits, to look again.
    func signal() {
        monitor.withLock { _ in monitor.notifyAll() }
    }

    /// Runs `body`; if that is cancelled, so are the calls that it has begun and not waited for.
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

    /// A call has begun whose results are asked for later.
    func note(_ call: Call) {
        begun.withLock { begun in
            guard begun != nil else { return }
            begun?.append(WeakCall(call: call))
            // Of many short ones, those that are gone are forgotten.
            if let count = begun?.count, count >= 1024, count.nonzeroBitCount == 1 {
                begun?.removeAll { $0.call == nil }
            }
        }
    }

    /// Nothing waits longer without a look at whether it should stop.
    private static let slice: Int64 = 20_000_000
    /// How long it stays awake first.
    private static let spin: Int64 = 60_000

    /// Waits so long.
    package func wait(seconds: Double, _ lua: borrowing Lua) throws {
        _ = try wait(
            until: Clock.deadline(in: seconds), lua, isReady: { false }, prepare: {},
            meanwhile: {})
    }

    /// Waits until `isReady`, and tells whether it is, or the deadline came.
    ///
    /// - Parameters:
    ///   - prepare: is called before the thread goes to sleep: asks for the completion to be rung.
    ///   - meanwhile: is called every now and then.
    /// - Throws: ``LuaError`` when the evaluation that waits has to stop.
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
