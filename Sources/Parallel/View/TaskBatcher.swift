// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTParallel
internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

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
    /// The error that ended the source, or of an item that cannot be sent, after the items before
    /// it were sent.
    private(set) var failure: (any Error)?
    /// The call of the iterator that waits for a channel.
    private(set) var pending: SourceCall?
    /// True if the items before a failure are sent.
    private let keepsItems: Bool
    /// The nanoseconds that the last call of an iterator took.
    private(set) var readTime: Int64 = 0

    private let encoder: ShippingEncoder
    /// The values that arguments of `starmap` share with the function.
    private let roots: CallRoots?

    /// - Parameters:
    ///   - view: the view; its encoder encodes lists. An iterator may itself call the view in the
    ///     middle of a batch, so that its items have an encoder of their own.
    ///   - roots: the values that arguments of `starmap` share with the function.
    ///   - keepsItems: true to send the items before a failure; false to throw it at once.
    init(
        _ source: Source, _ view: View, roots: CallRoots? = nil, keepsItems: Bool = false
    ) {
        self.source = source
        self.roots = roots
        self.keepsItems = keepsItems
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
    /// The nanoseconds that an iterator is read for one batch, except for its last item: the items
    /// of a slow source are sent one by one.
    private static let longest: Int64 = 100_000

    /// The next batch, of at most `most` items; nil when there are no more.
    ///
    /// - Parameter list: the stack index of the list, if the source is one.
    mutating func next(
        _ most: Int, list: Int, for call: Call, _ lua: borrowing Lua
    ) throws -> TaskBatch? {
        let most = min(most, mostItems)
        if case .list(let count) = source, call.form != .spread {
            return try nextOfList(min(most, count - sent), list, call, lua)
        }
        return try nextOneByOne(most, list, call, lua)
    }

    /// Ends the source with an error.
    ///
    /// - Throws: The error, unless the items before it are sent.
    private mutating func fail(_ error: any Error, _ lua: borrowing Lua) throws {
        var error = error
        if let refusal = error as? ShippingRefusal {
            error = lua.refused(refusal, sending: "item \(sent + 1)") { $0 > 0 ? "[\($0)]" : "" }
        }
        guard keepsItems, !lua.isStop(error) else {
            // The next batch begins with an empty buffer.
            encoder.truncate(to: 0)
            throw error
        }
        end(with: error)
    }

    /// Ends the source with an error, which the caller reports after the results.
    mutating func end(with error: any Error) {
        failure = error
        isOver = true
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
            var isKept = false
            defer { if !isKept { tasks.deallocate() } }
            try fail(encoder.failure(status, lua), lua)
            guard made > 0 else { return nil }
            isKept = true
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
        let base = lua.top
        let began = Clock.now
        var now = began
        while offsets.count < most, encoder.count < Self.mostBytes, now - began < Self.longest {
            let offset = encoder.count
            do {
                guard try pushItem(list, lua) else { break }
                if call.form == .spread {
                    try encodeElements(lua)
                } else {
                    try encoder.encode(lua, at: -1)
                }
                lua.pop()
            } catch {
                lua.pop(lua.top - base)
                try fail(error, lua)
                encoder.truncate(to: offset)
                break
            }
            offsets.append(UInt32(offset))
            sent += 1
            // A shipment with references holds one item only.
            if encoder.refers { break }
            guard case .iterator = source else { continue }
            let before = now
            now = Clock.now
            readTime = now - before
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
        let count = try lua.packedCount(at: item)
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

    /// Calls an iterator, and leaves its first two results; false if it waits for a channel.
    private mutating func call(
        _ function: LuaReference, _ state: LuaReference, _ lua: borrowing Lua
    ) throws -> Bool {
        let base = lua.top
        var results: Int?
        if var call = pending {
            pending = nil
            results = try call.resume(lua)
            if results == nil { pending = call }
        } else {
            let isNeeded = SourceCall.isNeeded
            try lua.push(function)
            try lua.push(state)
            if let control { try lua.push(control) } else { try lua.pushNil() }
            guard isNeeded else {
                try lua.call(arguments: 2, results: 2)
                return true
            }
            var call = try SourceCall(lua)
            results = try call.start(lua)
            if results == nil { pending = call }
        }
        guard results != nil else { return false }
        try lua.setTop(base + 2)
        return true
    }

    /// Calls an iterator for its next item.
    private mutating func pushNext(
        _ function: LuaReference, _ state: LuaReference, _ lua: borrowing Lua
    ) throws -> Bool {
        guard try call(function, state, lua) else { return false }
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

extension Lua {
    /// True if an error ends the evaluation, and is not one of the code itself.
    fileprivate func isStop(_ error: any Error) -> Bool {
        if (try? checkCancellation()) == nil { return true }
        switch (error as? LuaError)?.code {
        case .cancelled, .timedOut, .closed: return true
        default: return (error as? LuaError)?.message.hasSuffix("interrupted!") ?? false
        }
    }
}

extension TaskBatcher {
    /// The size of the first batch: small, so that all workers start at once.
    static func firstSize(for backend: any Backend) -> Int {
        max(backend.largestBatch / 256, 2 * backend.count)
    }
}
