// SPDX-License-Identifier: BSD-3-Clause

import VTParallel
import VTRuntime
import VTSystem

// Recorded parallel calls and their tasks as text and JSON.

extension CallRecord {
    /// A summary: `threads  sums  modules/work.lua:6  40 tasks, 1 failed, on 2 workers, 5 ms each`
    var line: String {
        var parts = [backend.rawValue]
        if let label { parts.append(label) }
        if let place { parts.append(place) }
        var text = parts.joined(separator: "  ") + "  \(count) task\(count == 1 ? "" : "s")"
        for (number, what) in [
            (failed, "failed"), (cancelled, "cancelled"), (unfinished, "unfinished"),
        ] where number > 0 {
            text += ", \(number) \(what)"
        }
        let tasks = tasks
        let ran = tasks.compactMap { $0.duration?.inSeconds }
        let numbers = Set(tasks.compactMap(\.worker)).count
        if numbers > 0 { text += ", on \(numbers) worker\(numbers == 1 ? "" : "s")" }
        if !ran.isEmpty {
            text += ", \(Format.duration(ran.reduce(0, +) / Double(ran.count))) each"
        }
        return text
    }

    /// - Parameter each: whether to include each task.
    func fields(each: Bool) -> [(key: String, value: JSON)] {
        var fields: [(key: String, value: JSON)] = [
            ("backend", .string(backend.rawValue)), ("label", label.map(JSON.string) ?? .null),
            ("place", place.map(JSON.string) ?? .null), ("began", .number(began)),
            ("done", .integer(done)), ("failed", .integer(failed)),
            ("cancelled", .integer(cancelled)), ("unfinished", .integer(unfinished)),
        ]
        if each { fields.append(("tasks", .array(tasks.map { .object(self.fields(of: $0)) }))) }
        return fields
    }

    /// The fields of a task. Times are seconds since 1970.
    func fields(of task: Task) -> [(key: String, value: JSON)] {
        let worker = worker(of: task)
        func time(_ time: Duration?) -> JSON {
            time.map { .number(began + $0.inSeconds) } ?? .null
        }
        return [
            ("index", .integer(task.index)), ("outcome", .string(task.outcome.rawValue)),
            ("attempts", .integer(task.attempts)),
            ("worker", task.worker.map(JSON.integer) ?? .null),
            ("host", worker.map { .string($0.host) } ?? .null),
            ("pid", worker.map { .integer($0.pid) } ?? .null),
            ("engine", worker?.engine.map(JSON.integer) ?? .null), ("queued", time(task.queued)),
            ("started", time(task.started)), ("ended", time(task.ended)),
        ]
    }
}
