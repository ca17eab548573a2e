// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc

/// A value behind a pthread mutex.
///
/// `Synchronization.Mutex` would do, but the ThreadSanitizer does not see its locking and
/// reports what it guards; and what is guarded here is what that sanitizer is run for.
///
/// Unchecked: the value is reached under the lock only.
package final class Locked<Value>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    package init(_ value: sending Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    package func withLock<R>(_ body: (inout Value) -> R) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}
