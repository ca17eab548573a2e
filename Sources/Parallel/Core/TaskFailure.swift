// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping

/// Why a task failed, as its worker tells: the part of a ``TaskError`` that does not depend on
/// who asks.
struct TaskFailure: Error, Sendable {
    enum Cause: UInt8, Sendable {
        /// An error of the task's own, or of what it was given or gave.
        case error
        case timeout
        case cancelled
        /// The worker ended while it ran the task.
        case died
        /// The pool can run nothing: its workers do not start, or it was closed.
        case closed
    }

    var cause: Cause
    var message: String
    /// The functions that were active on the worker, innermost first.
    var traceback: [LuaFrame] = []
    /// The value that was thrown, where it is no string and can travel.
    var value: Shipment?

    static let cancelled = TaskFailure(cause: .cancelled, message: "cancelled")
}

extension TaskFailure {
    /// Why a worker does not start.
    init(start error: any Error) {
        if let failure = error as? TaskFailure {
            self = failure
        } else {
            self.init(cause: .closed, message: "the worker does not start: \(error)")
        }
    }
}
