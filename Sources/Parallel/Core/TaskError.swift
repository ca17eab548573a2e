// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTShipping

/// A task that failed, as the caller sees it. In Lua it is an object with these fields, and
/// prints as the message, the worker's traceback, which task it was, and who sent it.
public struct TaskError: Error, LuaObject, Sendable {
    /// What happened, with the position that Lua put in front.
    public var message: String
    /// The functions that were active on the worker, innermost first.
    public var traceback: [LuaFrame]
    /// The number of the task, from 1; nil for what is about no single one.
    public var index: Int?
    /// How many tasks there were, where that is known.
    public var total: Int?
    /// The number of the worker; nil if none had begun.
    public var worker: Int?
    /// Where it ran: "threads", "processes", ...
    public var kind: String
    /// What the call was named.
    public var label: String?
    /// The line that called, as a frame below those of ``traceback``.
    public var sender: LuaFrame?
    /// "error", "timeout", "cancelled", "died" or "closed".
    public var cause: String
    /// The value that was thrown, where it is no string.
    let value: Shipment?

    /// The line that called: `flow.lua:31`
    public var place: String? { sender.map { "\($0.shortSource):\($0.line ?? 0)" } }

    /// `task 17 of 48, threads worker 2`
    public var origin: String {
        var text = ""
        if let label { text += "\(label), " }
        if let index {
            text += "task \(index)" + (total.map { " of \($0)" } ?? "") + ", "
        }
        return text + kind + (worker.map { " worker \($0)" } ?? "")
    }

    public static let luaClass = LuaClass<TaskError>("parallel.error") { type in
        type.property("message") { $0.message }
        type.property("traceback") { $0.tracebackLines.joined(separator: "\n") }
        type.property("index") { $0.index }
        type.property("total") { $0.total }
        type.property("worker") { $0.worker }
        type.property("kind") { $0.kind }
        type.property("label") { $0.label }
        type.property("place") { $0.place }
        type.property("cause") { $0.cause }
        type.rawProperty("value") { lua, error in
            guard let value = error.value else {
                try lua.push(error.message)
                return 1
            }
            var position = 0
            try ShippingDecoder(trustsCode: false).decode(value, at: &position, lua)
            return 1
        }
        type.operator(.string) { (error: TaskError) in error.description }
    }
}

extension TaskError: CustomStringConvertible {
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

    /// A line a frame, without those of C.
    private var tracebackLines: [String] {
        traceback.filter { $0.line != nil }.map(\.description)
    }
}

extension TaskError {
    init(_ failure: TaskFailure, of call: Call, number: Int?, worker: Int?, kind: String) {
        message = failure.message
        traceback = failure.traceback
        index = number.map { $0 + 1 }
        total = call.total
        self.worker = worker.flatMap { $0 > 0 ? $0 : nil }
        self.kind = kind
        label = call.options.label
        sender = call.sender
        cause = "\(failure.cause)"
        value = failure.value
    }
}
