// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTShipping

/// The calls that an engine has the function of, by client and number.
struct EngineCalls {
    private var calls: [Key: Call] = [:]
    private var order: [Key] = []
    /// From which task on a call is not wanted, for what has not come yet.
    private var unwanted: [Key: Int] = [:]

    private struct Key: Hashable {
        var client: String
        var number: Int
    }

    /// A client sends the function again when it was forgotten.
    private static let most = 64

    /// The call of a heading; it is made when the head comes along.
    mutating func call(
        _ heading: TaskHeading, client: String, head: Shipment?, interrupter: any TaskInterrupter
    ) throws(Refusal) -> Call {
        let key = Key(client: client, number: heading.call)
        if let known = calls[key] { return known }
        guard let head else { throw Refusal(.unknownCall) }
        var options = heading.options
        // The client has chosen: what comes together is run together.
        options.chunkSize = 1 << 24
        let call = Call(
            head: head, form: heading.form, options: options, interrupter: interrupter)
        if let first = unwanted[key] { call.stop(from: first) }
        calls[key] = call
        order.append(key)
        if order.count > Self.most { calls[order.removeFirst()] = nil }
        return call
    }

    /// Tasks of a call may still be with the controller's scheduler when nobody wants them.
    mutating func note(client: String, number: Int, unwantedFrom first: Int) {
        if unwanted.count > 1000 { unwanted = [:] }
        let key = Key(client: client, number: number)
        unwanted[key] = min(first, unwanted[key] ?? first)
    }

    mutating func forget(_ call: Call) {
        for (key, known) in calls where known === call { calls[key] = nil }
    }

    func find(client: String, number: Int) -> Call? {
        calls[Key(client: client, number: number)]
    }
}

/// Makes a call's end known to the worker's process.
final class EngineInterrupter: TaskInterrupter {
    private let server: ProcessServer
    init(_ server: ProcessServer) { self.server = server }
    func interrupt(_ call: Call) { server.interrupt(call) }
}
