// SPDX-License-Identifier: BSD-3-Clause

import VTParallel
import VTRuntime
import VTSystem
import VTWorkflow

/// Prints each event as a line of JSON.
final class JSONProgress: ProgressDisplay {
    let estimates = true
    func show(_ event: RunEvent) { report(event.json.text + "\n") }
}

extension RunEvent {
    var json: JSON {
        switch self {
        case .runStarted(let run, let workflow, let modules, let expected):
            .object([
                ("event", .string("run_started")), ("run", .string(run)),
                ("workflow", .string(workflow)), ("modules", .integer(modules)),
                (
                    "expected",
                    .object(
                        expected.sorted { $0.key < $1.key }.map {
                            ($0.key, .seconds($0.value.inSeconds))
                        })
                ),
            ])
        case .moduleStarted(let node, let module, let position):
            .object([
                ("event", .string("module_started")), ("node", .string(node)),
                ("module", .string(module)), ("position", .integer(position + 1)),
            ])
        case .progress(let node, let fraction, let note):
            .object([
                ("event", .string("progress")), ("node", .string(node)),
                ("fraction", .number(fraction)), ("note", note.map(JSON.string) ?? .null),
            ])
        case .tasks(let node, let call):
            .object([
                ("event", .string("tasks")), ("node", .string(node)),
                ("call", .integer(call.call)), ("backend", .string(call.backend.rawValue)),
                ("label", call.label.map(JSON.string) ?? .null), ("done", .integer(call.done)),
                ("total", call.total.map(JSON.integer) ?? .null),
                ("workers", .integer(call.workers)),
            ])
        case .printed(let node, let text):
            .object([
                ("event", .string("printed")), ("node", .string(node)), ("text", .string(text)),
            ])
        case .logged(let node, let level, let message):
            .object([
                ("event", .string("logged")), ("node", .string(node)),
                ("level", .string(level.rawValue)), ("message", .string(message)),
            ])
        case .moduleFinished(let record):
            .object([("event", .string("module_finished")), ("node", record.json)])
        case .runFinished(let run, let status, let duration):
            .object([
                ("event", .string("run_finished")), ("run", .string(run)),
                ("status", .string(status.rawValue)), ("seconds", .seconds(duration.inSeconds)),
            ])
        }
    }
}
