// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
package import LuaBridge

/// `v:imap`: results one at a time, while items are read only as far ahead as keeps the workers
/// busy.
package final class Iteration {
    private let job: Job
    private let view: View
    private let isOrdered: Bool
    private let list: LuaReference?
    private var feed: Feed
    private var collector: Collector
    /// Tasks whose results were not given yet, in order.
    private var outstanding: [(lot: Lot, index: Int)] = []
    private var given = 0
    private var isOver = false

    init(
        _ job: Job, _ view: View, isOrdered: Bool, feed: Feed, list: LuaReference?,
        listener: Listener
    ) {
        self.job = job
        self.view = view
        self.isOrdered = isOrdered
        self.feed = feed
        self.list = list
        collector = Collector(job, view, listener)
    }

    deinit {
        if !job.isFinished { job.stop(from: 0) }
        job.release()
    }

    /// Pushes the next task's number and value; false at the end.
    package func next(_ lua: borrowing Lua) throws -> Bool {
        if isOver { return false }
        do {
            while true {
                try fill(lua)
                if outstanding.isEmpty { break }
                // Before the look: what ends after it is waited for.
                let finished = job.finished
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

    /// Ends it early: what runs is stopped.
    package func end(_ lua: borrowing Lua) throws {
        isOver = true
        outstanding = []
        if !job.isFinished { try view.abandon(job, lua) }
    }

    /// Sends items until as many are under way as is good.
    private func fill(_ lua: borrowing Lua) throws {
        let window = self.window
        // Each lot is a message to somewhere: an item that was taken is not made up for at once.
        let quarter = max(1, window / 4)
        while !feed.isOver, !job.isStopped, window - outstanding.count >= quarter {
            // A list is found anew: the stack is another one at each call.
            let base = lua.top
            defer { lua.pop(lua.top - base) }
            if let list { try lua.push(list) }
            guard let lot = try feed.next(quarter, list: base + 1, for: job, lua) else { break }
            view.submit(lot)
            for index in 0..<lot.count { outstanding.append((lot, index)) }
        }
        job.forgetLots(before: outstanding.first.map { $0.lot.first } ?? job.published)
    }

    /// Tasks under way: enough for some milliseconds of work, two for each worker at least.
    private var window: Int {
        let workers = view.backend.count
        if let size = job.options.chunkSize { return max(2 * workers * size, 1) }
        guard let mean = job.meanTime else { return 2 * workers }
        return max(2 * workers, min(4096, Int(4_000_000 / max(1, mean)) * workers))
    }

    private func readyPosition() throws -> Int? {
        if isOrdered {
            return outstanding.first.flatMap { collector.isSettled($0.lot, $0.index) ? 0 : nil }
        }
        return outstanding.firstIndex { collector.isSettled($0.lot, $0.index) }
    }

    private func give(_ position: Int, _ lua: borrowing Lua) throws -> Bool {
        let (lot, index) = outstanding.remove(at: position)
        try lua.push(lot.first + index + 1)
        var count = 0
        if let error = try collector.push(lot, index, count: &count, lua),
            job.options.onError == .stop
        {
            lua.pop(2)
            throw error
        }
        given += 1
        try collector.tell(lua)
        return true
    }
}

extension View {
    /// `v:imap(f, list_or_iterator)`: the items are a table, or what an iterator gives.
    package func iterate(
        function: Int, items: Int, state: Int?, extras: Range<Int>, isOrdered: Bool,
        options: JobOptions, listener: Listener, _ lua: borrowing Lua
    ) throws -> Iteration {
        let source: Feed.Source
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
        let job = try begin(
            .item, function: function, extras: extras, options, total: total, lua)
        return Iteration(
            job, self, isOrdered: isOrdered, feed: Feed(source, self), list: list,
            listener: listener)
    }
}
