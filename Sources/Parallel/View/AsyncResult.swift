// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
package import LuaBridge

/// What a call gives that does not wait: the results to come.
package final class AsyncResult {
    let job: Job
    let view: View
    /// Whether it is of one call, whose results it gives as such, or a list.
    let isSingle: Bool
    /// The results, once they were taken.
    private var values: [LuaReference]?

    init(_ job: Job, _ view: View, isSingle: Bool) {
        self.job = job
        self.view = view
        self.isSingle = isSingle
        view.bell.note(job)
    }

    deinit { job.release() }

    /// `r:wait(timeout)`: whether all is finished.
    package func wait(_ timeout: Double?, _ listener: Listener, _ lua: borrowing Lua) throws -> Bool
    {
        var collector = Collector(job, view, listener)
        return try collector.wait(
            finished: job.published, until: Clock.deadline(in: timeout), lua)
    }

    package var isReady: Bool { job.isFinished }

    /// Whether all tasks are done; nil while some are not finished.
    package var isSuccessful: Bool? {
        guard isReady else { return nil }
        let collector = Collector(job, view)
        return job.lots.allSatisfy { lot in
            (0..<lot.count).allSatisfy {
                lot.state($0) == VTP_DONE && collector.isSettled(lot, $0)
            }
        }
    }

    /// `r:get(timeout)`: waits, and pushes the results of the call, or the list.
    package func get(
        _ timeout: Double?, _ listener: Listener, _ lua: borrowing Lua
    ) throws -> LuaReturn {
        guard try wait(timeout, listener, lua) else {
            throw lua.error(
                "not ready after \(brief(timeout ?? 0)) s: \(job.finished) of \(job.published) "
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
        let collector = Collector(job, view)
        if isSingle {
            var count = 0
            if let error = try collector.push(job.lots[0], 0, all: true, count: &count, lua) {
                throw error
            }
            let first = lua.top - count + 1
            return try (first..<(first + count)).map { try lua.reference(at: $0) }
        }
        try lua.pushTable(elements: job.published)
        var results = ResultList(collector, table: base + 1)
        try results.takeReady(lua)
        if let failure = results.failure { throw failure }
        let list = try lua.reference(at: base + 1)
        guard job.options.onError == .collect else { return [list] }
        try results.pushErrors(lua)
        return [list, try lua.reference(at: -1)]
    }

    /// `r:cancel()`: what has not begun never does, what runs is stopped.
    package func cancel() { job.stop(from: 0) }

    /// Done and all tasks.
    package var progress: (done: Int, total: Int) { (job.finished, job.published) }

    /// Seconds from the call to its end, or until now.
    package var elapsed: Double {
        Double((job.isFinished ? job.ended : Clock.now) - job.began) * 1e-9
    }

    /// Seconds that the tasks took, one after another.
    package var serialTime: Double {
        rows.reduce(0) { sum, row in
            guard let started = row.started, let ended = row.ended else { return sum }
            return sum + max(0, ended - started)
        }
    }

    /// What is known of a task.
    package struct Row {
        package var index: Int
        package var status: String
        package var worker: Int?
        package var host: String?
        package var pid: Int?
        /// Seconds since 1970.
        package var queued: Double
        package var started: Double?
        package var ended: Double?
        package var attempts: Int
        /// On a cluster: the number of the engine, and the message in which the task went.
        package var engine: Int?
        package var message: String?
    }

    package var rows: [Row] {
        let workers = view.backend.status()
        return job.lots.flatMap { lot in
            (0..<lot.count).map { index in row(of: lot, index, workers) }
        }
    }

    private func row(of lot: Lot, _ index: Int, _ workers: [WorkerStatus]) -> Row {
        var row = Row(
            index: lot.first + index + 1, status: "waiting", queued: Clock.date(lot.queued),
            attempts: 0, message: lot.message(of: index))
        if let failure = job.settlement(of: lot.first + index) {
            row.status = failure.cause == .cancelled ? "cancelled" : "failed"
            return row
        }
        switch lot.state(index) {
        case VTP_DONE: row.status = "done"
        case VTP_FAILED: row.status = "failed"
        case VTP_CANCELLED: row.status = "cancelled"
        default: return row
        }
        let task = lot[index].pointee
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

    /// What the tasks printed, in their order.
    package var printed: [UInt8] {
        job.lots.flatMap { lot in
            (0..<lot.count).flatMap { index in
                lot.state(index) == VTP_WAITING ? [] : lot.result(index)?.printed ?? []
            }
        }
    }
}
