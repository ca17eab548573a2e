// SPDX-License-Identifier: BSD-3-Clause

internal import Synchronization

/// Hands a value that is not `Sendable` to another thread, which takes it once.
final class TransferBox<Value>: Sendable {
    private let value: Mutex<Value?>

    init(_ value: sending Value) { self.value = Mutex(value) }

    /// The value; nil when it was taken before.
    func take() -> sending Value? { value.withLock { $0.take() } }
}
