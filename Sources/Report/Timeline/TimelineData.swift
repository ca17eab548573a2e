// SPDX-License-Identifier: BSD-3-Clause

internal import VTParallel
internal import VTStore
internal import VTSystem
internal import VTWorkflow

/// The modules and tasks of a run, as data for the script that draws the timeline. Times are
/// microseconds since the start of the run.
struct TimelineData {
    /// The largest number of tasks that are drawn. Further tasks are counted only.
    static let mostTasks = 200_000

    private let report: Report
    /// The end of the timeline, in seconds.
    let end: Double

    init(_ report: Report) {
        self.report = report
        let began = report.run.started
        var end = report.run.seconds ?? 0
        for node in report.nodes {
            end = max(end, node.record.started - began + node.record.seconds)
        }
        self.end = max(end, 1e-4)
    }

    /// Returns the duration of a node, in seconds; for a stopped node, the time until the run
    /// ended.
    func seconds(of node: Report.Node) -> Double {
        guard State(node.record) == .stopped, node.record.seconds == 0 else {
            return node.record.seconds
        }
        return max(0, end - (node.record.started - report.run.started))
    }

    /// The number of tasks that are drawn, and of all tasks.
    var taskCounts: (drawn: Int, all: Int) {
        var (drawn, all) = (0, 0)
        for node in report.nodes {
            let count = node.elements.count { $0.attempts > 0 }
            all += count
            drawn += min(count, Self.mostTasks - drawn)
        }
        for call in report.nodes.lazy.flatMap(\.calls) {
            all += call.count
            drawn += min(call.count, CallRecord.mostTasks, Self.mostTasks - drawn)
        }
        return (drawn, all)
    }

    var json: String {
        var data = ScriptData()
        var room = Self.mostTasks
        data.object { data in
            data.key("span")
            data.add(microseconds(end))
            data.key("modules")
            data.array { data in
                for node in report.nodes { add(node, to: &data) }
            }
            data.key("calls")
            data.array { data in
                for (position, node) in report.nodes.enumerated() {
                    for (number, call) in node.calls.enumerated() {
                        add(call, number + 1, of: position, &room, to: &data)
                    }
                    if node.hasTimedElements { add(elementsOf: node, position, &room, to: &data) }
                }
            }
        }
        return data.text
    }

    private func add(_ node: Report.Node, to data: inout ScriptData) {
        data.array { data in
            data.add(microseconds(node.record.started - report.run.started))
            data.add(microseconds(seconds(of: node)))
            data.add(State(node.record).number)
            data.add(node.record.node)
            data.add(node.anchor)
        }
    }

    private func add(
        _ call: CallRecord, _ number: Int, of module: Int, _ room: inout Int,
        to data: inout ScriptData
    ) {
        data.object { data in
            data.key("module")
            data.add(module)
            data.key("number")
            data.add(number)
            data.key("backend")
            data.add(call.backend.rawValue)
            data.key("label")
            data.add(call.label ?? "")
            data.key("place")
            data.add(call.place ?? "")
            data.key("start")
            data.add(microseconds(call.began - report.run.started))
            data.key("workers")
            data.array { data in
                for worker in call.workers { add(worker, to: &data) }
            }
            data.key("tasks")
            data.array { data in
                for task in call.tasks.prefix(room) {
                    add(task, of: call, to: &data)
                    room -= 1
                }
            }
        }
    }

    /// Adds the elements that were computed, in the form that `timeline-elements.js` reads.
    private func add(
        elementsOf node: Report.Node, _ module: Int, _ room: inout Int, to data: inout ScriptData
    ) {
        let elements = ElementSummary(node.elements).timed.prefix(room)
        room -= elements.count
        data.object { data in
            data.key("module")
            data.add(module)
            data.key("backend")
            data.add("worker")
            data.key("label")
            data.add("elements")
            data.key("start")
            data.add(0)
            data.key("levels")
            data.add(elements.first?.place.count ?? 1)
            data.key("elements")
            data.array { data in
                var last = 0
                for element in elements {
                    for position in element.place { data.add(position) }
                    let started = microseconds(element.started - report.run.started)
                    data.add(element.worker)
                    data.add(started - last)
                    data.add(microseconds(element.seconds))
                    last = started
                }
            }
            data.key("faults")
            data.array { data in
                for (number, element) in elements.enumerated() where element.status == .failed {
                    data.add(number)
                }
            }
        }
    }

    private func add(_ worker: CallRecord.Worker, to data: inout ScriptData) {
        data.array { data in
            data.add(worker.number)
            data.add(worker.pid)
            data.add(worker.host)
            worker.engine.map { data.add($0) } ?? data.addNull()
        }
    }

    /// Adds eight numbers: index, outcome, attempts, the number of the worker, its index in the
    /// list of workers, and the times when the task was queued, started and ended; -1 where one is
    /// not known.
    private func add(_ task: CallRecord.Task, of call: CallRecord, to data: inout ScriptData) {
        data.add(task.index)
        data.add(Self.number(of: task.outcome))
        data.add(task.attempts)
        data.add(task.worker ?? -1)
        var place = -1
        if let worker = call.worker(of: task) {
            place = call.workers.lastIndex(of: worker) ?? -1
        }
        data.add(place)
        data.add(microseconds(task.queued.inSeconds))
        data.add(task.started.map { microseconds($0.inSeconds) } ?? -1)
        data.add(task.ended.map { microseconds($0.inSeconds) } ?? -1)
    }

    private static func number(of outcome: CallRecord.Outcome) -> Int {
        switch outcome {
        case .done: 0
        case .failed: 1
        case .cancelled: 2
        case .unfinished: 3
        }
    }

    private func microseconds(_ seconds: Double) -> Int {
        Int((min(max(seconds, -1e9), 1e9) * 1e6).rounded())
    }
}
