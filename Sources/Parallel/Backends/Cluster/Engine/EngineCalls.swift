// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTShipping

/// The calls whose function an engine has, by client and number.
struct EngineCalls {
    private var calls: [Key: Call] = [:]
    private var order: [Key] = []
    /// The first task of each call that is not wanted, for tasks that have not arrived yet.
    private var unwanted: [Key: Int] = [:]

    private struct Key: Hashable {
        var client: String
        var number: Int
    }

    /// The number of calls that are kept. A client sends the function again when it was dropped.
    private static let most = 64

    /// The call of a heading. It is created when the heading has a head.
    mutating func call(
        _ heading: TaskHeading, client: String, head: Shipment?, interrupter: any TaskInterrupter
    ) throws(Refusal) -> Call {
        let key = Key(client: client, number: heading.call)
        if let known = calls[key] { return known }
        guard let head else { throw Refusal(.unknownCall) }
        var options = heading.options
        // The client has chosen the size: tasks that arrive together run together.
        options.chunkSize = 1 << 24
        let call = Call(
            head: head, form: heading.form, options: options, interrupter: interrupter)
        call.receiveAccesses(AccessBuffer())
        if let first = unwanted[key] { call.stop(from: first) }
        calls[key] = call
        order.append(key)
        if order.count > Self.most { calls[order.removeFirst()] = nil }
        return call
    }

    /// Notes that tasks are not wanted, which may still wait in the controller's scheduler.
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
