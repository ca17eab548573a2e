// SPDX-License-Identifier: BSD-3-Clause

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

    private let encoder: ShippingEncoder

    /// - Parameter view: whose encoder serves lists. An iterator may itself call the view, in the
    ///   middle of a lot: its items have an encoder of their own.
    init(_ source: Source, _ view: View) {
        self.source = source
        encoder =
            switch source {
            case .list: view.encoder
            case .iterator: ShippingEncoder(view.backend.rules)
            }
        if case .list(0) = source { isOver = true }
    }

    /// A lot holds no more than so many items and, but for the last item, bytes.
    static let mostItems = 1024
    private static let mostBytes = 256 << 10

    /// The next lot, of up to `most` items; nil when there are none.
    ///
    /// - Parameter list: where the table is, if items come from one.
    mutating func next(
        _ most: Int, list: Int, for job: Job, _ lua: borrowing Lua
    ) throws -> Lot? {
        var offsets: [UInt32] = []
        let most = min(most, Self.mostItems)
        offsets.reserveCapacity(most)
        do {
            while offsets.count < most, encoder.count < Self.mostBytes {
                guard try pushItem(list, lua) else { break }
                offsets.append(UInt32(encoder.count))
                try encodeItem(job.call, lua)
                lua.pop()
                sent += 1
                if case .list(let count) = source, sent == count {
                    isOver = true
                    break
                }
            }
        } catch {
            // What comes next begins with an empty buffer.
            encoder.truncate(to: 0)
            throw error
        }
        guard !offsets.isEmpty else { return nil }
        return Lot(
            job: job, first: sent - offsets.count, offsets: offsets, payload: encoder.ship())
    }

    private func encodeItem(_ call: Job.Call, _ lua: borrowing Lua) throws {
        do {
            if call == .spread {
                try encodeElements(lua)
            } else {
                try encoder.encode(lua, at: -1)
            }
        } catch let refusal as ShippingRefusal {
            throw lua.error(
                refusal.message(sending: "item \(sent + 1)") { $0 > 0 ? "[\($0)]" : "" })
        }
    }

    /// The elements of the item on top, as `table.unpack` would give them.
    private func encodeElements(_ lua: borrowing Lua) throws {
        guard lua.type(at: -1) == .table else {
            throw lua.error(
                "item \(sent + 1) is no list of arguments, but a \(lua.typeName(at: -1))")
        }
        let item = lua.top
        let count = lua.rawLength(at: item)
        for position in 0..<count { try lua.pushRawElement(position + 1, of: item) }
        defer { lua.pop(count) }
        try encoder.encode(lua, elementsFrom: item + 1, count: count)
    }

    private mutating func pushItem(_ list: Int, _ lua: borrowing Lua) throws -> Bool {
        if isOver { return false }
        switch source {
        case .list(let count):
            if sent == count { return false }
            try lua.pushRawElement(sent + 1, of: list)
            return true
        case .iterator(let function, let state):
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
}
