// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
package import LuaBridge

/// Where a Lua state's thread waits for what others do: tasks, channels.
public final class Bell: Sendable {
    private let monitor = Monitor(0)

    public init() {}

    /// Wakes whoever waits, to look again.
    func ring() {
        monitor.withLock { _ in monitor.notifyAll() }
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
    ///   - prepare: is called before the thread goes to sleep: asks for the bell to be rung.
    ///   - meanwhile: is called every now and then.
    /// - Throws: ``LuaError`` when the evaluation that waits has to stop.
    func wait(
        until deadline: Int64, _ lua: borrowing Lua, isReady: () -> Bool, prepare: () -> Void,
        meanwhile: () throws -> Void
    ) throws -> Bool {
        if isReady() { return true }
        let began = vtp_now()
        while vtp_now() - began < Self.spin {
            vtp_relax()
            if isReady() { return true }
        }
        while true {
            try lua.checkCancellation()
            try meanwhile()
            prepare()
            let now = vtp_now()
            let limit = min(deadline, now + Self.slice)
            if monitor.wait(until: limit, { _ in isReady() ? true : nil }) == true { return true }
            if vtp_now() >= deadline { return isReady() }
        }
    }
}
