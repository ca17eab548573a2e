// SPDX-License-Identifier: BSD-3-Clause

import VTParallel
import VTReport
import VTStore
import VTRuntime
import VTSystem
import VTWorkflow

// The object of `report --json`: the data of the page. Runs, nodes and calls have the form of
// `show --json`, except for the outputs.

extension Report {
    var json: JSON {
        let connections = run.connections.map { connection in
            JSON.object([
                ("from", .string(connection.source)), ("port", .string(connection.output)),
                ("to", .string(connection.node)), ("input", .string(connection.input)),
            ])
        }
        return .document(
            run.fields + [
                ("modules", .integer(run.modules)), ("connections", .array(connections)),
                ("nodes", .array(nodes.map(\.json))),
            ])
    }
}

extension Report.Node {
    fileprivate var json: JSON {
        let outputs = JSON.object(outputs.map { ($0.name, $0.json) })
        let fields = record.fields.map { $0.key == "outputs" ? ($0.key, outputs) : $0 }
        return .object(
            fields + [
                ("calls", .array(calls.map { JSON.object($0.fields(each: true)) })),
                (
                    "elements",
                    elements.isEmpty ? .null : .array(elements.map { .object($0.fields) })
                ),
            ])
    }
}

extension Report.Output {
    fileprivate var json: JSON {
        var fields: [(key: String, value: JSON)] = [("brief", .string(brief))]
        switch value {
        case nil: break
        case .text(let text, let count):
            fields += [("text", .string(text)), ("characters", .integer(count))]
        case .list(let values, let count):
            fields += [
                ("values", .array(values.map(JSON.string))), ("count", .integer(count)),
            ]
        case .svg(let text): fields.append(("svg", .string(text)))
        case .file(let file):
            fields += [
                ("path", .string(file.path)), ("size", file.size.map(JSON.integer) ?? .null),
                ("newer", .boolean(file.isNewer)),
                ("media_type", file.picture.map { .string($0.mediaType) } ?? .null),
            ]
        case .table(let table):
            fields += [
                ("columns", .array(table.columns.map(JSON.string))),
                ("rows", .array(table.rows.map { .array($0.map(JSON.string)) })),
                ("count", .integer(table.count)),
            ]
        }
        return .object(fields)
    }
}
