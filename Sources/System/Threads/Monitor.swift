// SPDX-License-Identifier: BSD-3-Clause

package import CVTSystem

/// A value that threads share under a lock, and whose changes they wait for (C. A. R. Hoare,
/// "Monitors", 1974).
///
/// `Synchronization.Mutex` would do for the lock, but the ThreadSanitizer does not see its locking
/// and reports what it guards.
///
/// Unchecked: the value is reached under the lock only.
package final class Monitor<Value>: @unchecked Sendable {
    @usableFromInline let monitor: UnsafeMutablePointer<vty_monitor>
    @usableFromInline var value: Value

    /// Makes a monitor of a value.
    @inlinable package init(_ value: sending Value) {
        // It aborts where there is no memory.
        monitor = vty_monitor_make()!
        self.value = value
    }

    deinit { vty_monitor_free(monitor) }

    /// Runs `body` with the lock held.
    ///
    /// - Throws: any error of `body`.
    @inlinable package func withLock<R>(_ body: (inout Value) throws -> R) rethrows -> R {
        vty_monitor_lock(monitor)
        defer { vty_monitor_unlock(monitor) }
        return try body(&value)
    }

    /// Waits until `body`, called with the lock held, returns something; nil when the deadline
    /// comes first.
    ///
    /// - Parameter deadline: nanoseconds of ``Clock``.
    /// - Throws: any error of `body`.
    @inlinable package func wait<R>(
        until deadline: Int64, _ body: (inout Value) throws -> R?
    ) rethrows -> R? {
        vty_monitor_lock(monitor)
        defer { vty_monitor_unlock(monitor) }
        while true {
            if let result = try body(&value) { return result }
            if vty_now() >= deadline { return nil }
            vty_monitor_wait(monitor, deadline)
        }
    }

    /// Wakes one thread that waits.
    @inlinable package func notifyOne() { vty_monitor_notify_one(monitor) }

    /// Wakes all threads that wait.
    @inlinable package func notifyAll() { vty_monitor_notify_all(monitor) }
}
