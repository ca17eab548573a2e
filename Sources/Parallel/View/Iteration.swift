// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
package import VTLuaBridge

/// The iterator of `v:imap`: it returns results one at a time, and reads items only as far ahead as
/// keeps the workers busy.
package final class Iteration {
    private let call: Call
    private let view: View
    private let isOrdered: Bool
    private let list: LuaReference?
    private var batcher: TaskBatcher
    private var collector: Collector
    /// The tasks whose results were not returned yet, in order.
    private var outstanding: [(batch: TaskBatch, index: Int)] = []
    private var given = 0
    private var isOver = false

    init(
        _ call: Call, _ view: View, isOrdered: Bool, batcher: TaskBatcher, list: LuaReference?,
        listener: Listener
    ) {
        self.call = call
        self.view = view
        self.isOrdered = isOrdered
        self.batcher = batcher
        self.list = list
        collector = Collector(call, view, listener)
    }

    deinit {
        if !call.isFinished { call.stop(from: 0) }
        call.release()
    }

    /// Pushes the next task's number and value; false at the end.
    package func next(_ lua: borrowing Lua) throws -> Bool {
        if isOver { return false }
        do {
            while true {
                try fill(lua)
                if outstanding.isEmpty { break }
                // Read before the check, so that a task that ends after it wakes the thread.
                let finished = call.finished
                if let position = try readyPosition() {
                    return try give(position, lua)
                }
                _ = try collector.wait(finished: finished + 1, lua)
            }
        } catch {
            try end(lua)
            throw error
        }
        isOver = true
        return false
    }

    /// Ends the iteration early: stops the running tasks.
    package func end(_ lua: borrowing Lua) throws {
        isOver = true
        outstanding = []
        if !call.isFinished { try view.abandon(call, lua) }
    }

    /// Sends items until the window is full.
    private func fill(_ lua: borrowing Lua) throws {
        let window = self.window
        // Each batch is a message: the window is refilled in quarters.
        let quarter = max(1, window / 4)
        while !batcher.isOver, !call.isStopped, window - outstanding.count >= quarter {
            // The list is pushed again: the stack differs at each call.
            let base = lua.top
            defer { lua.pop(lua.top - base) }
            if let list { try lua.push(list) }
            guard let batch = try batcher.next(quarter, list: base + 1, for: call, lua) else {
                break
            }
            view.submit(batch)
            for index in 0..<batch.count { outstanding.append((batch, index)) }
        }
        call.forgetBatches(before: outstanding.first.map { $0.batch.first } ?? call.published)
    }

    /// The number of tasks under way: enough for some milliseconds of work, and at least two for
    /// each worker.
    private var window: Int {
        let workers = view.backend.count
        if let size = call.options.chunkSize { return max(2 * workers * size, 1) }
        guard let mean = call.meanTime else { return 2 * workers }
        return max(2 * workers, min(4096, Int(4_000_000 / max(1, mean)) * workers))
    }

    private func readyPosition() throws -> Int? {
        if isOrdered {
            return outstanding.first.flatMap { collector.isSettled($0.batch, $0.index) ? 0 : nil }
        }
        return outstanding.firstIndex { collector.isSettled($0.batch, $0.index) }
    }

    private func give(_ position: Int, _ lua: borrowing Lua) throws -> Bool {
        let (batch, index) = outstanding.remove(at: position)
        try lua.push(batch.first + index + 1)
        var count = 0
        if let error = try collector.push(batch, index, count: &count, lua),
            call.options.onError == .stop
        {
            lua.pop(2)
            throw error
        }
        given += 1
        try collector.reportProgress(lua)
        return true
    }
}

extension View {
    /// `v:imap(f, list_or_iterator)`: the items are a list, or the results of an iterator.
    package func iterate(
        function: Int, items: Int, state: Int?, extras: Range<Int>, isOrdered: Bool,
        options: CallOptions, listener: Listener, _ lua: borrowing Lua
    ) throws -> Iteration {
        let source: TaskBatcher.Source
        var list: LuaReference?
        if lua.type(at: items) == .table {
            list = try lua.reference(at: items)
            source = .list(count: lua.rawLength(at: items))
        } else {
            if let state { try lua.pushValue(at: state) } else { try lua.pushNil() }
            source = .iterator(
                function: try lua.reference(at: items), state: try lua.takeReference())
        }
        var total: Int?
        if case .list(let count) = source { total = count }
        let call = try begin(
            .item, function: function, extras: extras, options, total: total, lua)
        return Iteration(
            call, self, isOrdered: isOrdered, batcher: TaskBatcher(source, self), list: list,
            listener: listener)
    }
}
