// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

// The failures of tasks.

extension TaskRunner {
    /// The failure for the error that ended a run, which is on top of the stack.
    func takeFailure(_ run: vtp_run, _ call: Call, _ lua: borrowing Lua) -> TaskFailure {
        let value = run.status > 0 ? thrownValue(lua) : nil
        let error = lua.takeAnyError(run.status)
        var failure = failure(of: error, lua)
        switch failure.cause {
        case .timeout where !runningTask.isSpent:
            failure.message = "timed out after \(Format.plainSeconds(call.options.seconds ?? 0)) s"
        case .timeout, .cancelled:
            failure = .cancelled
        default:
            if let error = error as? TaskError {
                keepValue(of: error, in: &failure, lua)
            } else if let value {
                failure.keep(value)
            }
            if run.phase == VTP_DECODING {
                failure.message = "cannot receive the argument: " + failure.message
            }
        }
        return failure
    }

    /// The failure of code that has raised the error, with the value that it has raised.
    func failure(raising error: any Error, _ lua: borrowing Lua) -> TaskFailure {
        var failure = failure(of: error, lua)
        if let error = error as? TaskError { keepValue(of: error, in: &failure, lua) }
        guard failure.cause == .error, error is LuaError else { return failure }
        lua.pushError(error)
        defer { lua.pop() }
        if let value = thrownValue(lua) { failure.keep(value) }
        return failure
    }

    /// Keeps the value of the error of a pool of the task's own.
    private func keepValue(
        of error: TaskError, in failure: inout TaskFailure, _ lua: borrowing Lua
    ) {
        guard error.value != nil else { return }
        do { _ = try error.pushValue(lua) } catch { return }
        defer { lua.pop() }
        if let value = thrownValue(lua) { failure.keep(value) }
        if let omitted = error.omitted, failure.omitted.isEmpty { failure.omitted = omitted }
    }

    fileprivate struct ThrownValue {
        var shipment: Shipment?
        var omitted: String
    }

    /// The error value on top, where it is more than its message, without what cannot be sent.
    private func thrownValue(_ lua: borrowing Lua) -> ThrownValue? {
        let type = lua.type(at: -1)
        if type == .string,
            lua.withBytes(at: -1, { String(validating: $0, as: UTF8.self) != nil }) == true
        {
            return nil
        }
        // Long strings go with the value, which does not have the memory that results have.
        let encoder = ShippingEncoder(
            rules.subtracting([.sharedStrings, .sharedMemory]).union(.partial))
        do {
            try encoder.encode(lua, at: -1)
        } catch {
            return ThrownValue(omitted: (error as? ShippingRefusal)?.summary ?? "\(error)")
        }
        let omitted = encoder.omissions?.summary ?? ""
        let isLost = type != .nil && encoder.withBytes { $0.elementsEqual([0xF6]) }
        return ThrownValue(shipment: isLost ? nil : encoder.ship(), omitted: omitted)
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
            // Of a pool of the task's own.
            return TaskFailure(
                cause: .error, message: error.message, traceback: error.traceback)
        default: return TaskFailure(cause: .error, message: "\(error)")
        }
    }
}

extension TaskFailure {
    fileprivate mutating func keep(_ thrown: TaskRunner.ThrownValue) {
        value = thrown.shipment
        omitted = thrown.omitted
    }
}
