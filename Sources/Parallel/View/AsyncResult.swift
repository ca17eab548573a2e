// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
package import VTLuaBridge
internal import VTSystem

/// The results of a call that does not wait for them.
package final class AsyncResult {
    let call: Call
    let view: View
    /// True for the results of one function call; false for a list with one result for each task.
    let isSingle: Bool
    /// The results, after they were taken.
    private var values: [LuaReference]?
    /// Receives the progress of the call, whenever the caller looks at it.
    let listener: Listener
    private var hasReportedEnd = false

    init(_ call: Call, _ view: View, isSingle: Bool, _ listener: Listener = Listener()) {
        self.call = call
        self.view = view
        self.isSingle = isSingle
        // The output is kept for `stdout`.
        var listener = listener
        listener.printed = nil
        self.listener = listener
        view.completion.note(call)
    }

    deinit { call.release() }

    /// `r:wait(timeout)`: waits until all tasks have ended; false when the timeout comes first.
    package func wait(_ timeout: Double?, _ lua: borrowing Lua) throws -> Bool {
        try wait(until: Clock.deadline(in: timeout), lua)
    }

    func wait(until deadline: Int64, _ lua: borrowing Lua) throws -> Bool {
        var collector = Collector(call, view, listener)
        guard try collector.wait(finished: call.published, until: deadline, lua) else {
            return false
        }
        return try checkReady(lua)
    }

    /// True if all tasks have ended.
    var isReady: Bool { call.isFinished }

    /// Returns true if all tasks have ended. The first time that they have, it reports the progress.
    package func checkReady(_ lua: borrowing Lua) throws -> Bool {
        guard isReady else { return false }
        guard !hasReportedEnd else { return true }
        hasReportedEnd = true
        try listener.progress?(lua, call.finished, call.published)
        return true
    }

    /// True if all tasks are done; nil until all have ended.
    package func isSuccessful(_ lua: borrowing Lua) throws -> Bool? {
        guard try checkReady(lua) else { return nil }
        let collector = Collector(call, view)
        return call.batches.allSatisfy { batch in
            (0..<batch.count).allSatisfy {
                batch.state($0) == VTP_DONE && collector.isSettled(batch, $0)
            }
        }
    }

    /// `r:get(timeout)`: waits, and pushes the results of the function call, or the list.
    package func get(_ timeout: Double?, _ lua: borrowing Lua) throws -> LuaReturn {
        guard try wait(timeout, lua) else {
            throw lua.error(
                "not ready after \(Format.plainSeconds(timeout ?? 0)) s: \(call.finished) of \(call.published) "
                    + "tasks are done")
        }
        if values == nil { values = try take(lua) }
        guard let values else { return 0 }
        for value in values { try lua.push(value) }
        return .values(values.count)
    }

    private func take(_ lua: borrowing Lua) throws -> [LuaReference] {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let collector = Collector(call, view)
        if isSingle {
            var count = 0
            if let error = try collector.push(call.batches[0], 0, all: true, count: &count, lua) {
                throw error
            }
            let first = lua.top - count + 1
            return try (first..<(first + count)).map { try lua.reference(at: $0) }
        }
        try lua.pushTable(elements: call.published)
        var results = ResultList(collector, table: base + 1)
        try results.takeReady(lua)
        if let failure = results.failure { throw failure }
        let list = try lua.reference(at: base + 1)
        guard call.options.onError == .collect else { return [list] }
        try results.pushErrors(lua)
        return [list, try lua.reference(at: -1)]
    }

    /// `r:cancel()`: stops the running tasks; the others never start.
    package func cancel() { call.stop(from: 0) }

    /// The number of tasks that have ended, and of all.
    package var progress: (done: Int, total: Int) { (call.finished, call.published) }

    /// The seconds from the call to its end, or until now.
    package var elapsed: Double {
        Double((call.isFinished ? call.ended : Clock.now) - call.began) * 1e-9
    }

    /// The sum of the seconds that the tasks took.
    package var serialTime: Double {
        rows.reduce(0) { sum, row in
            guard let started = row.started, let ended = row.ended else { return sum }
            return sum + max(0, ended - started)
        }
    }

    /// A task in the list of `r:metadata()`.
    package struct Row {
        /// The state of the task. The raw value is what Lua code sees.
        package enum Status: String { case waiting, done, failed, cancelled }

        package var index: Int
        package var status: Status
        package var worker: Int?
        package var host: String?
        package var pid: Int?
        /// Seconds since 1970.
        package var queued: Double
        package var started: Double?
        package var ended: Double?
        package var attempts: Int
        /// On a cluster: the id of the engine, and of the message in which the task was sent.
        package var engine: Int?
        package var message: String?
    }

    /// All tasks, in their order.
    package var rows: [Row] {
        let workers = view.backend.status()
        return call.batches.flatMap { batch in
            (0..<batch.count).map { index in row(of: batch, index, workers) }
        }
    }

    private func row(of batch: TaskBatch, _ index: Int, _ workers: [WorkerStatus]) -> Row {
        var row = Row(
            index: batch.first + index + 1, status: .waiting, queued: Clock.date(batch.queued),
            attempts: 0, message: batch.message(of: index))
        if let failure = call.settlement(of: batch.first + index) {
            row.status = failure.cause == .cancelled ? .cancelled : .failed
            return row
        }
        switch batch.state(index) {
        case VTP_DONE: row.status = .done
        case VTP_FAILED: row.status = .failed
        case VTP_CANCELLED: row.status = .cancelled
        default: return row
        }
        let task = batch[index].pointee
        row.attempts = Int(task.attempts)
        guard task.worker > 0, task.started > 0 else { return row }
        row.worker = Int(task.worker)
        if let status = workers.first(where: { $0.number == row.worker }) {
            row.host = status.host
            row.pid = status.pid
            row.engine = status.engine
        }
        row.started = Clock.date(task.started)
        row.ended = Clock.date(task.ended)
        return row
    }

    /// The output of the tasks, in their order.
    package var printed: [UInt8] {
        call.batches.flatMap { batch in
            (0..<batch.count).flatMap { index in
                batch.state(index) == VTP_WAITING ? [] : batch.result(index)?.printed ?? []
            }
        }
    }
}
