// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
package import VTLuaBridge
internal import VTSystem

/// The iterator of `v:imap`: it returns results one at a time, and reads items only as far ahead as
/// keeps the workers busy.
package final class Iteration {
    private let call: Call
    private let view: View
    private let list: LuaReference?
    private var batcher: TaskBatcher
    private var collector: Collector
    /// The tasks whose results were not returned yet.
    private var outstanding: OutstandingTasks
    /// True after a wait for results that were about to arrive: the next item is read now.
    private var hasWaited = false
    /// True while the iterator runs, and calls functions of the user.
    private var isRunning = false
    private var isOver = false

    init(
        _ call: Call, _ view: View, isOrdered: Bool, batcher: TaskBatcher, list: LuaReference?,
        listener: Listener
    ) {
        self.call = call
        self.view = view
        self.list = list
        self.batcher = batcher
        outstanding = OutstandingTasks(call, isOrdered: isOrdered)
        collector = Collector(call, view, listener)
    }

    deinit {
        if !call.isFinished { call.stop(from: 0) }
        call.release()
    }

    /// Pushes the next task's number and value; false at the end.
    package func next(_ lua: borrowing Lua) throws -> Bool {
        if isOver { return false }
        guard !isRunning else {
            throw lua.error(
                "imap: the iterator was called while it reads items or reports progress")
        }
        isRunning = true
        defer { isRunning = false }
        do {
            while true {
                // Read before the check, so that a task that ends after it wakes the thread.
                let finished = call.finished
                // Results are returned before more items are read: the source may be slow, or wait
                // for what the caller does with a result.
                if try pushReady(lua) { return true }
                if try waitBriefly(finished, lua) { continue }
                switch try sendMore(lua) {
                case .some: continue
                case .waits(let call): try wait(finished, for: call, lua)
                case .none where outstanding.isEmpty:
                    try finish(lua)
                    return false
                case .none: _ = try collector.wait(finished: finished + 1, lua)
                }
            }
        } catch {
            try end(lua)
            throw error
        }
    }

    /// Ends the iteration after the last result.
    private func finish(_ lua: borrowing Lua) throws {
        if isOver { return }
        if let failure = batcher.failure { throw failure }
        try collector.reportEnd(lua)
        isOver = true
    }

    /// Ends the iteration early: stops the running tasks.
    package func end(_ lua: borrowing Lua) throws {
        isOver = true
        outstanding.removeAll()
        if !call.isFinished { try view.abandon(call, lua) }
    }

    // MARK: Sending

    private enum Sent {
        case some, none
        /// None, because the source waits for a channel.
        case waits(SourceCall)
    }

    /// Sends the next items, unless enough tasks are under way.
    private func sendMore(_ lua: borrowing Lua) throws -> Sent {
        let window = self.window
        // Each batch is a message: the window is refilled in quarters.
        let quarter = max(1, window / 4)
        guard !batcher.isOver, window - outstanding.count >= quarter else { return .none }
        if let end = view.end {
            // All results come first. Then a pool that was closed is an error only if there are more
            // items.
            guard outstanding.isEmpty else { return .none }
            if end == .terminated {
                batcher.end(with: failure(of: end))
                return .none
            }
        } else if call.isStopped {
            return .none
        }
        // The list is pushed again: the stack differs at each call.
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        if let list { try lua.push(list) }
        hasWaited = false
        guard
            let batch = try batcher.next(
                min(quarter, view.backend.largestWindow), list: base + 1, for: call, lua)
        else {
            guard let pending = batcher.pending, !batcher.isOver else { return .none }
            guard view.end == nil else {
                batcher.end(with: failure(of: .closed))
                return .none
            }
            return .waits(pending)
        }
        // The source may have ended the pool, or the iteration.
        if isOver { return .none }
        if let end = view.end {
            batcher.end(with: failure(of: end))
            return .none
        }
        try view.submit(batch)
        outstanding.add(batch)
        return .some
    }

    /// Waits for a result that is about to arrive before a slow source is read again, for at most a
    /// tenth of the time that the source takes.
    ///
    /// - Parameter finished: the number of tasks that had ended before the caller looked.
    /// - Returns: true if a task has ended.
    private func waitBriefly(_ finished: Int, _ lua: borrowing Lua) throws -> Bool {
        let patience = batcher.readTime / 10
        guard patience > Self.shortest, !hasWaited, !outstanding.isEmpty, !batcher.isOver,
            (call.meanTime ?? 0) < patience
        else { return false }
        hasWaited = true
        return try collector.wait(finished: finished + 1, until: Clock.now + patience, lua)
    }

    /// Waits until a task has ended, or the iterator can go on.
    private func wait(
        _ finished: Int, for pending: SourceCall, _ lua: borrowing Lua
    ) throws {
        guard let channel = pending.channel else { return }
        channel.begin(view.completion)
        defer { channel.end(view.completion) }
        let target = outstanding.isEmpty ? Int.max : finished + 1
        _ = try collector.wait(
            finished: target, until: pending.deadline, lua,
            orUntil: { channel.length > 0 || channel.isClosed })
    }

    /// The shortest time for which it is worth to wait, in nanoseconds.
    private static let shortest: Int64 = 100_000

    /// The number of tasks under way: enough for some milliseconds of work, and at least two for
    /// each worker.
    private var window: Int {
        let workers = view.backend.count
        if let size = call.options.chunkSize { return max(2 * workers * size, 1) }
        guard let mean = call.meanTime else { return 2 * workers }
        return max(2 * workers, min(4096, Int(4_000_000 / max(1, mean)) * workers))
    }

    private func failure(of end: View.End) -> TaskError {
        TaskError(end.failure, of: call, number: call.published, in: view)
    }

    // MARK: Results

    /// Pushes the next result that is ready; false when there is none.
    ///
    /// - Throws: ``TaskError`` where the task failed and that ends the call.
    private func pushReady(_ lua: borrowing Lua) throws -> Bool {
        let collector = collector
        guard let (batch, index) = outstanding.takeReady(collector.isSettled) else { return false }
        try lua.push(batch.first + index + 1)
        var count = 0
        if let error = try collector.push(batch, index, count: &count, lua),
            call.options.onError == .stop
        {
            lua.pop(2)
            throw error
        }
        try self.collector.reportProgress(lua)
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
        // A message to an engine takes longer than many quick tasks.
        if kind != .cluster { call.largestShare = 32 }
        return Iteration(
            call, self, isOrdered: isOrdered, batcher: TaskBatcher(source, self, keepsItems: true),
            list: list,
            listener: listener)
    }
}
