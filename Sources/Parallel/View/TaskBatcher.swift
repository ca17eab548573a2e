// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTParallel
internal import VTLuaBridge
internal import VTShipping

/// Turns items into batches of tasks.
struct TaskBatcher {
    /// The source of the items. A list stays where it is on the stack.
    enum Source {
        /// Elements 1 to `count` of a table, which is on the stack.
        case list(count: Int)
        /// The results of a function until nil, called as `for` calls an iterator.
        case iterator(function: LuaReference, state: LuaReference)
    }

    let source: Source
    /// The number of items that were sent.
    private(set) var sent = 0
    private(set) var isOver = false
    /// The control variable of an iterator: the first result of its last call.
    private var control: LuaReference?

    private let encoder: ShippingEncoder
    /// The values that arguments of `starmap` share with the function.
    private let roots: CallRoots?

    /// - Parameter view: the view; its encoder encodes lists. An iterator may itself call the view
    ///   in the middle of a batch, so that its items have an encoder of their own.
    init(_ source: Source, _ view: View, roots: CallRoots? = nil) {
        self.source = source
        self.roots = roots
        mostItems = view.backend.largestBatch
        encoder =
            switch source {
            case .list: view.encoder
            case .iterator: ShippingEncoder(view.backend.rules)
            }
        if case .list(0) = source { isOver = true }
    }

    /// The largest numbers of items and, except for the last item, of bytes in a batch.
    private let mostItems: Int
    private static let mostBytes = 256 << 10

    /// The next batch, of at most `most` items; nil when there are no more.
    ///
    /// - Parameter list: the stack index of the list, if the source is one.
    mutating func next(
        _ most: Int, list: Int, for call: Call, _ lua: borrowing Lua
    ) throws -> TaskBatch? {
        let most = min(most, mostItems)
        do {
            if case .list(let count) = source, call.form != .spread {
                return try nextOfList(min(most, count - sent), list, call, lua)
            }
            return try nextOneByOne(most, list, call, lua)
        } catch {
            // The next batch begins with an empty buffer.
            encoder.truncate(to: 0)
            guard let refusal = error as? ShippingRefusal else { throw error }
            throw lua.refused(refusal, sending: "item \(sent + 1)") { $0 > 0 ? "[\($0)]" : "" }
        }
    }

    /// Encodes elements of a list, in C.
    private mutating func nextOfList(
        _ most: Int, _ list: Int, _ call: Call, _ lua: borrowing Lua
    ) throws -> TaskBatch? {
        guard most > 0 else { return nil }
        let tasks = UnsafeMutablePointer<vtp_task>.allocate(capacity: most)
        encoder.beginRun()
        var status: Int32 = 0
        let made = Int(
            vtp_send_list(
                lua.L, Int32(list), lua_Integer(sent + 1), UInt32(most), Self.mostBytes,
                encoder.encoder, tasks, &status))
        sent += made
        if status != 0 {
            tasks.deallocate()
            throw encoder.failure(status, lua)
        }
        if case .list(sent) = source { isOver = true }
        return TaskBatch(
            call: call, first: sent - made, tasks: tasks, count: made, payload: encoder.ship())
    }

    private mutating func nextOneByOne(
        _ most: Int, _ list: Int, _ call: Call, _ lua: borrowing Lua
    ) throws -> TaskBatch? {
        if let roots { encoder.setRoots(roots.roots) }
        defer { if roots != nil { encoder.setRoots([]) } }
        var offsets: [UInt32] = []
        offsets.reserveCapacity(most)
        while offsets.count < most, encoder.count < Self.mostBytes, try pushItem(list, lua) {
            offsets.append(UInt32(encoder.count))
            if call.form == .spread {
                try encodeElements(lua)
            } else {
                try encoder.encode(lua, at: -1)
            }
            lua.pop()
            sent += 1
            // A shipment with references holds one item only.
            if encoder.refers { break }
        }
        guard !offsets.isEmpty else { return nil }
        return TaskBatch(
            call: call, first: sent - offsets.count, offsets: offsets, payload: encoder.ship())
    }

    /// Encodes the elements of the item on top, as `table.unpack` returns them.
    private func encodeElements(_ lua: borrowing Lua) throws {
        guard lua.type(at: -1) == .table else {
            throw lua.error(
                "item \(sent + 1) must be a list of arguments, got a \(lua.typeName(at: -1))")
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
            isOver = sent == count
            if isOver { return false }
            try lua.pushRawElement(sent + 1, of: list)
            return true
        case .iterator(let function, let state): return try pushNext(function, state, lua)
        }
    }

    /// Calls an iterator for its next item.
    private mutating func pushNext(
        _ function: LuaReference, _ state: LuaReference, _ lua: borrowing Lua
    ) throws -> Bool {
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
        // `ipairs` and similar iterators return the item second.
        if lua.isNil(at: -1) { lua.pop() } else { lua.remove(at: -2) }
        return true
    }
}

extension TaskBatcher {
    /// The size of the first batch: small, so that all workers start at once.
    static func firstSize(for backend: any Backend) -> Int {
        max(backend.largestBatch / 256, 2 * backend.count)
    }
}
