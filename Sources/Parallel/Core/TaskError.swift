// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTShipping

/// A task that failed, as the caller sees it. In Lua it is an object with these fields, which
/// prints as the message, the worker's traceback, the task and the line of the call.
public struct TaskError: Error, LuaObject, Sendable {
    /// The reason of a failure. The raw value is what Lua code sees.
    public enum Cause: String, Sendable {
        /// An error of the task's own code, or of its argument or result.
        case error
        /// It took longer than its `timeout`.
        case timeout
        /// The call was stopped, or the pool terminated.
        case cancelled
        /// The worker ended while it ran the task.
        case died
        /// The pool can run nothing: its workers do not start, or it was closed.
        case closed
    }

    /// The message, with the position that Lua put in front.
    public var message: String
    /// The functions that were active on the worker, innermost first.
    public var traceback: [LuaFrame]
    /// The number of the task, from 1; nil for an error that is about no single task.
    public var index: Int?
    /// The number of tasks, where it is known.
    public var total: Int?
    /// The number of the worker; nil if none had started the task.
    public var worker: Int?
    /// The kind of workers that ran it.
    public var kind: BackendKind
    /// The name of the call, from its options.
    public var label: String?
    /// The line of the call, as a frame below those of ``traceback``.
    public var sender: LuaFrame?
    /// The reason of the failure.
    public var cause: Cause
    /// The value that was thrown, where it is not a string.
    let value: Shipment?

    /// The line of the call: `flow.lua:31`.
    public var place: String? { sender.map { "\($0.shortSource):\($0.line ?? 0)" } }

    /// The task and its worker: `task 17 of 48, threads worker 2`.
    public var origin: String {
        var text = ""
        if let label { text += "\(label), " }
        if let index {
            text += "task \(index)" + (total.map { " of \($0)" } ?? "") + ", "
        }
        return text + kind.rawValue + (worker.map { " worker \($0)" } ?? "")
    }

    /// The class of the object in Lua.
    public static let luaClass = LuaClass<TaskError>("parallel.error") { type in
        type.property("message") { $0.message }
        type.property("traceback") { $0.tracebackLines.joined(separator: "\n") }
        type.property("index") { $0.index }
        type.property("total") { $0.total }
        type.property("worker") { $0.worker }
        type.property("kind") { $0.kind.rawValue }
        type.property("label") { $0.label }
        type.property("place") { $0.place }
        type.property("cause") { $0.cause.rawValue }
        type.rawProperty("value") { lua, error in
            guard let value = error.value else {
                try lua.push(error.message)
                return 1
            }
            var position = 0
            let decoder = ShippingDecoder(
                trustsCode: false, requiresModules: error.kind != .cluster)
            try decoder.decode(value, at: &position, lua)
            return 1
        }
        type.operator(.string) { (error: TaskError) in error.description }
    }
}

extension TaskError: CustomStringConvertible {
    /// The message, the worker's traceback, the task and the line of the call.
    public var description: String {
        var lines = [message]
        let traceback = tracebackLines
        if !traceback.isEmpty {
            lines.append("worker's traceback:")
            lines += traceback.map { "\t\($0)" }
        }
        lines.append(origin)
        if let place { lines.append("sent from \(place)") }
        return lines.joined(separator: "\n")
    }

    /// One line for each frame, except those of C.
    private var tracebackLines: [String] {
        traceback.filter { $0.line != nil }.map(\.description)
    }
}
