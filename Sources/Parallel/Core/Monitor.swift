// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel

/// A value that threads share, and wait on.
///
/// Unchecked: the value is reached under the lock only.
final class Monitor<Value>: @unchecked Sendable {
    private let monitor = vtp_monitor_make()
    private var value: Value

    init(_ value: sending Value) { self.value = value }

    deinit { vtp_monitor_free(monitor) }

    func withLock<R>(_ body: (inout Value) throws -> R) rethrows -> R {
        vtp_monitor_lock(monitor)
        defer { vtp_monitor_unlock(monitor) }
        return try body(&value)
    }

    /// Waits until `body` gives something; nil when the deadline comes first.
    ///
    /// - Parameter deadline: nanoseconds of `vtp_now`.
    func wait<R>(until deadline: Int64, _ body: (inout Value) throws -> R?) rethrows -> R? {
        vtp_monitor_lock(monitor)
        defer { vtp_monitor_unlock(monitor) }
        while true {
            if let result = try body(&value) { return result }
            if vtp_now() >= deadline { return nil }
            vtp_monitor_wait(monitor, deadline)
        }
    }

    func notifyOne() { vtp_monitor_notify_one(monitor) }
    func notifyAll() { vtp_monitor_notify_all(monitor) }
}

/// Time as this floor counts it: nanoseconds of CLOCK_MONOTONIC.
enum Clock {
    static var now: Int64 { vtp_now() }
    static let second: Int64 = 1_000_000_000
    static let never = Int64.max / 2

    static func deadline(in seconds: Double?) -> Int64 {
        guard let seconds, seconds < 1e9 else { return never }
        return now + Int64(max(0, seconds) * 1e9)
    }

    /// Seconds since 1970 of a moment.
    static func date(_ moment: Int64) -> Double { Double(moment + epoch) * 1e-9 }
    private static let epoch = vtp_epoch()
}

package enum Processors {
    /// How many this program may use.
    package static var count: Int { Int(vtp_processors()) }
}
