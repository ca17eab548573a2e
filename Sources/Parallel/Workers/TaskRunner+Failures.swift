// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

// The failures of tasks.

extension TaskRunner {
    /// The failure for the error that ended a run, which is on top of the stack.
    func takeFailure(_ run: vtp_run, _ call: Call, _ lua: borrowing Lua) -> TaskFailure {
        let value = thrownValue(lua, isThere: run.status > 0)
        var failure = failure(of: lua.takeAnyError(run.status), lua)
        switch failure.cause {
        case .timeout where !runningTask.isSpent:
            failure.message = "timed out after \(Format.plainSeconds(call.options.timeout ?? 0)) s"
        case .timeout, .cancelled:
            failure = .cancelled
        default:
            failure.value = value
            if run.phase == VTP_DECODING {
                failure.message = "cannot receive the argument: " + failure.message
            }
        }
        return failure
    }

    /// The error value on top, where it is more than its message and can be sent.
    private func thrownValue(_ lua: borrowing Lua, isThere: Bool) -> Shipment? {
        guard isThere, encoder.count == 0 else { return nil }
        if lua.type(at: -1) == .string,
            lua.withBytes(at: -1, { String(validating: $0, as: UTF8.self) != nil }) == true
        {
            return nil
        }
        guard (try? encoder.encode(lua, at: -1)) != nil else { return nil }
        return encoder.ship()
    }

    func refusedResult(_ status: Int32, _ lua: borrowing Lua) -> TaskFailure {
        let error = encoder.failure(status, lua)
        if let refusal = error as? ShippingRefusal {
            return TaskFailure(
                cause: .error, message: refusal.advised.message(sending: "the result"))
        }
        return failure(of: error, lua)
    }

    func failure(of error: any Error, _ lua: borrowing Lua) -> TaskFailure {
        switch error {
        case let error as LuaError:
            let cause: TaskFailure.Cause =
                switch error.code {
                case .cancelled: .cancelled
                case .timedOut: .timeout
                default: .error
                }
            return TaskFailure(
                cause: cause, message: error.message, traceback: error.traceback)
        case let error as TaskError:
            return TaskFailure(
                cause: .error, message: error.message, traceback: error.traceback)
        default: return TaskFailure(cause: .error, message: "\(error)")
        }
    }
}
