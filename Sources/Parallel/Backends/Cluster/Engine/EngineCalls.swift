// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTShipping
internal import VTSystem

/// The calls whose function an engine has, by client and number.
struct EngineCalls {
    private var calls: [Key: Entry] = [:]
    private var order: [Key] = []
    /// The bytes of the functions and extra arguments of all calls.
    private var bytes = 0
    /// The first task of each call that is not wanted, for tasks that have not arrived yet.
    private var unwanted: [Key: Int] = [:]

    private struct Key: Hashable {
        var client: String
        var number: Int
    }

    private struct Entry {
        var call: Call
        var size: Int
        var usedAt: Int64
    }

    /// The number of calls that are kept. A client sends the function again when it was dropped.
    private static let most = 64
    /// The bytes beyond which calls are dropped that have had no tasks for a while.
    private static let mostBytes = 64 << 20
    private static let patience = 2 * Clock.second

    /// The call of a heading. It is created when the heading has a head.
    mutating func call(
        _ heading: TaskHeading, client: String, head: Shipment?, interrupter: any TaskInterrupter
    ) throws(Refusal) -> Call {
        let key = Key(client: client, number: heading.call)
        if let known = calls[key]?.call {
            calls[key]?.usedAt = Clock.now
            return known
        }
        guard let head else { throw Refusal(.unknownCall) }
        var options = heading.options
        // The client has chosen the size: tasks that arrive together run together.
        options.chunkSize = 1 << 24
        let call = Call(
            head: head, form: heading.form, options: options, interrupter: interrupter)
        call.receiveAccesses(AccessBuffer())
        if let first = unwanted[key] { call.stop(from: first) }
        let size = head.weight
        calls[key] = Entry(call: call, size: size, usedAt: Clock.now)
        order.append(key)
        bytes += size
        if order.count > Self.most { remove(order.removeFirst()) }
        return call
    }

    private mutating func remove(_ key: Key) {
        if let entry = calls.removeValue(forKey: key) { bytes -= entry.size }
    }

    /// Drops the oldest calls that have no tasks, when all of them together are too long: extra
    /// arguments are kept in memory, even when their client is gone.
    mutating func trim(isRunning: (Call) -> Bool) {
        guard bytes > Self.mostBytes else { return }
        let now = Clock.now
        for key in order {
            guard let entry = calls[key] else { continue }
            if isRunning(entry.call) {
                calls[key]?.usedAt = now
            } else if bytes > Self.mostBytes, now - entry.usedAt > Self.patience {
                remove(key)
            }
        }
        order.removeAll { calls[$0] == nil }
    }

    /// Notes that tasks are not wanted, which may still wait in the controller's scheduler.
    mutating func note(client: String, number: Int, unwantedFrom first: Int) {
        if unwanted.count > 1000 { unwanted = [:] }
        let key = Key(client: client, number: number)
        unwanted[key] = min(first, unwanted[key] ?? first)
    }

    mutating func forget(_ call: Call) {
        guard let key = calls.first(where: { $0.value.call === call })?.key else { return }
        remove(key)
        order.removeAll { $0 == key }
    }

    func find(client: String, number: Int) -> Call? {
        calls[Key(client: client, number: number)]?.call
    }
}
