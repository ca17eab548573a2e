// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping

/// The reason of a task's failure, as its worker reports it: the part of a ``TaskError`` that does
/// not depend on the caller.
struct TaskFailure: Error, Sendable {
    typealias Cause = TaskError.Cause

    var cause: Cause
    var message: String
    /// The functions that were active on the worker, innermost first.
    var traceback: [LuaFrame] = []
    /// The value that was thrown, where it is not a string, without what cannot be sent.
    var value: Shipment?
    /// The parts of the value that cannot be sent, such as `.retry is a function`; "" if there are none.
    var omitted = ""

    static let cancelled = TaskFailure(cause: .cancelled, message: "cancelled")
    static let terminated = TaskFailure(cause: .cancelled, message: "the pool was terminated")
}

extension TaskFailure {
    /// The reason why a worker does not start.
    init(start error: any Error) {
        if let failure = error as? TaskFailure {
            self = failure
        } else {
            self.init(cause: .closed, message: "the worker does not start: \(error)")
        }
    }
}
