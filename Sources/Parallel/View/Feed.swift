// SPDX-License-Identifier: BSD-3-Clause

internal import CLua
internal import CParallel
internal import LuaBridge
internal import Shipping

/// Turns items into lots, as many at a time as the workers can use.
struct Feed {
    /// Where items come from. Lists and functions stay where they are on the stack.
    enum Source {
        /// Elements 1 to `count` of a table, which is on the stack.
        case list(count: Int)
        /// What a function gives until nil, called as `for` calls an iterator.
        case iterator(function: LuaReference, state: LuaReference)
    }

    let source: Source
    /// How many items were sent.
    private(set) var sent = 0
    private(set) var isOver = false
    /// The last value that an iterator gave first, for its next call.
    private var control: LuaReference?

    init(_ source: Source) {
        self.source = source
        if case .list(0) = source { isOver = true }
    }

    /// A lot holds no more than so many items and, but for the last item, bytes.
    static let mostItems = 1024
    private static let mostBytes = 256 << 10

    /// The next lot, of up to `most` items; nil when there are none.
    ///
    /// - Parameter list: where the table is, if items come from one.
    mutating func next(
        _ most: Int, list: Int, for job: Job, _ view: View, _ lua: borrowing Lua
    ) throws -> Lot? {
        let most = min(most, Self.mostItems)
        switch source {
        case .list(let count):
            return try nextOfList(min(most, count - sent), list, job, view, lua)
        case .iterator: return try nextOfIterator(most, job, view, lua)
        }
    }

    private mutating func nextOfList(
        _ most: Int, _ list: Int, _ job: Job, _ view: View, _ lua: borrowing Lua
    ) throws -> Lot? {
        guard most > 0, case .list(let count) = source else { return nil }
        let tasks = UnsafeMutablePointer<vtp_task>.allocate(capacity: most)
        view.encoder.beginRun()
        var status: Int32 = 0
        let made = Int(
            vtp_send_list(
                lua.L, Int32(list), lua_Integer(sent + 1), UInt32(most), Self.mostBytes,
                view.encoder.encoder, tasks, &status))
        if status != 0 {
            tasks.deallocate()
            sent += made
            throw refused(view.encoder.failure(status, lua), view, lua)
        }
        sent += made
        isOver = sent == count
        return Lot(
            job: job, first: sent - made, tasks: tasks, count: made, payload: view.encoder.ship())
    }

    private mutating func nextOfIterator(
        _ most: Int, _ job: Job, _ view: View, _ lua: borrowing Lua
    ) throws -> Lot? {
        var offsets: [UInt32] = []
        offsets.reserveCapacity(most)
        while offsets.count < most, view.encoder.count < Self.mostBytes {
            guard try pushItem(lua) else { break }
            offsets.append(UInt32(view.encoder.count))
            do {
                try view.encoder.encode(lua, at: -1)
            } catch {
                throw refused(error, view, lua)
            }
            lua.pop()
            sent += 1
        }
        guard !offsets.isEmpty else { return nil }
        return Lot(
            job: job, first: sent - offsets.count, offsets: offsets, payload: view.encoder.ship())
    }

    /// Why the next item cannot be sent, with the caller's line.
    private func refused(_ error: any Error, _ view: View, _ lua: borrowing Lua) -> any Error {
        view.encoder.truncate(to: 0)
        guard let refusal = error as? ShippingRefusal else { return error }
        return lua.error(refusal.message(sending: "item \(sent + 1)"))
    }

    private mutating func pushItem(_ lua: borrowing Lua) throws -> Bool {
        guard !isOver, case .iterator(let function, let state) = source else { return false }
        try lua.push(function)
        try lua.push(state)
        if let control { try lua.push(control) } else { try lua.pushNil() }
        try lua.call(arguments: 2, results: 2)
        if lua.isNil(at: -2) {
            lua.pop(2)
            isOver = true
            return false
        }
        control = try lua.reference(at: -2)
        // `ipairs` and the like give the item second.
        if lua.isNil(at: -1) { lua.pop() } else { lua.remove(at: -2) }
        return true
    }
}
