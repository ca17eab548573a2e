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
    /// The value that was thrown, where it is not a string, without what could not be sent.
    let value: Shipment?
    /// The parts of the value that could not be sent, such as `.retry is a function`; nil if it is complete.
    public var omitted: String?
    /// True if the value comes from this program's own workers, so that it may contain functions.
    let trustsValue: Bool

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
            try error.pushKeptValue(of: 1, lua)
            return 1
        }
        type.rawProperty("omitted") { lua, error in
            let missing = try error.pushValue(lua)
            lua.pop()
            let omitted = [error.omitted, missing].compactMap(\.self)
            if omitted.isEmpty {
                try lua.pushNil()
            } else {
                try lua.push(omitted.joined(separator: "; "))
            }
            return 1
        }
        type.operator(.string) { (error: TaskError) in error.description }
    }
}

extension TaskError {
    /// Pushes the value that was thrown: for an object in Lua, the same one each time.
    private func pushKeptValue(of object: Int, _ lua: borrowing Lua) throws {
        let base = lua.top
        guard value != nil, try lua.pushMetatable(of: object) else {
            return try lua.push(message)
        }
        try lua.pushRawField("__values", of: base + 1)
        if lua.isNil(at: -1) {
            lua.pop()
            try lua.pushWeakTable()
            try lua.pushValue(at: -1)
            try lua.setRawField("__values", of: base + 1)
        }
        try lua.pushValue(at: object)
        lua.pushRawIndexed(of: base + 2)
        if lua.isNil(at: -1) {
            lua.pop()
            try lua.pushValue(at: object)
            _ = try pushValue(lua)
            try lua.pushValue(at: -1)
            lua.insert(at: base + 3)
            try lua.setRawIndexed(of: base + 2)
        }
    }

    /// Pushes the value that was thrown; the message where that is all that can be sent.
    ///
    /// - Returns: the reason why the value is not complete in this state; nil if it is.
    func pushValue(_ lua: borrowing Lua) throws -> String? {
        guard let value else {
            try lua.push(message)
            return nil
        }
        let decoder = ShippingDecoder.partial(trustsCode: trustsValue)
        var position = 0
        try decoder.decode(value, at: &position, lua)
        return decoder.missing
    }
}

extension TaskError: CustomStringConvertible {
    /// The message, the worker's traceback, the task and the line of the call.
    public var description: String {
        var lines = [message]
        if let omitted { lines.append("left out of the error value: \(omitted)") }
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
