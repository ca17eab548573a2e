// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc

/// A value that is protected by a pthread mutex.
///
/// `Synchronization.Mutex` is not used because the ThreadSanitizer does not know its operations,
/// and would report accesses to the value as races.
///
/// Unchecked: the value is accessed under the lock only.
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
