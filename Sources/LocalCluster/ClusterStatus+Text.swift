// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTRuntime
package import VTSystem

// MARK: - As text

extension ClusterStatus {
    /// The status as a table, ordered by machine.
    package var text: String {
        var lines = [
            "profile     \(profile.name)"
                + (profile.clusterID.isEmpty ? "" : ", cluster \(profile.clusterID)"),
            "controller  \(address)" + (isEncrypted ? ", encrypted" : "")
                + (controller.map { ", pid \($0.pid), alive" } ?? ", started elsewhere"),
        ]
        if engines.isEmpty {
            lines.append("engines     none; start some with: \(profile.command("scale")) N")
        }
        if unassigned > 0 { lines.append("waiting     \(unassigned) tasks for an engine") }
        for host in hosts {
            let rows = engines.filter { ($0.host ?? "") == host }
            lines.append("")
            lines.append(
                "\(host.isEmpty ? "elsewhere" : host): \(rows.count) engine\(rows.count == 1 ? "" : "s")"
            )
            lines += Self.table(rows)
        }
        if !missing.isEmpty { lines.append("") }
        for process in missing {
            lines.append(
                "engine process \(process.pid) "
                    + (process.isAlive ? "has not joined" : "has ended") + ": \(process.log)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var hosts: [String] {
        Set(engines.map { $0.host ?? "" }).sorted { a, b in
            // Engines whose machine is unknown come last.
            a.isEmpty != b.isEmpty ? b.isEmpty : a < b
        }
    }

    private static func table(_ engines: [Engine]) -> [String] {
        let header = ["id", "kind", "pid", "state", "tasks", "memory", "version"]
        let rows = engines.map { engine in
            [
                "\(engine.id)", engine.isLua ? "lua" : "python",
                engine.pid.map { "\($0)" } ?? "-", engine.state,
                "\(engine.report?.tasks ?? engine.queue?.completed ?? 0)",
                engine.report.map { size($0.memory) } ?? "-",
                engine.report.map { "\($0.version), \($0.lua)" } ?? "-",
            ]
        }
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].count }.max() ?? 0
        }
        // Numbers are aligned to the right, text to the left.
        let isNumber = [true, false, true, false, true, true, false]
        return ([header] + rows).map { row in
            var line = " "
            for (column, cell) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - cell.count)
                line += " " + (isNumber[column] ? space + cell : cell + space) + " "
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }

    private static func size(_ bytes: Int) -> String {
        bytes < 10 << 30 ? "\(bytes >> 20) MB" : "\(bytes >> 30) GB"
    }
}

// MARK: - As JSON

extension ClusterStatus {
    /// The status in the form of `--json`.
    package var json: JSON {
        let controller = JSON.object([
            ("address", .string(address)), ("host", .string(location)),
            ("encrypted", .boolean(isEncrypted)),
            ("pid", self.controller.map { .integer(Int($0.pid)) } ?? .null),
            ("memory", self.controller.map { .integer($0.memory) } ?? .null),
            ("log", self.controller.map { .string($0.log) } ?? .null),
        ])
        let missing = self.missing.map { process in
            JSON.object([
                ("pid", .integer(Int(process.pid))), ("alive", .boolean(process.isAlive)),
                ("log", .string(process.log)),
            ])
        }
        return .document([
            ("status", .string("running")),
            ("profile", .string(profile.name)), ("directory", .string(profile.directory)),
            ("cluster_id", .string(profile.clusterID)), ("controller", controller),
            ("engines", .array(engines.map(\.json))), ("missing", .array(missing)),
            ("unassigned", .integer(unassigned)),
        ])
    }
}

extension ClusterStatus.Engine {
    fileprivate var json: JSON {
        var fields: [(key: String, value: JSON)] = [
            ("id", .integer(id)), ("uuid", .string(uuid)),
            ("kind", .string(isLua ? "lua" : "python")), ("state", .string(state)),
            ("queue", queue.map { .integer($0.waiting + $0.tasks) } ?? .null),
            ("tasks", (report?.tasks ?? queue?.completed).map { .integer($0) } ?? .null),
            ("host", host.map { .string($0) } ?? .null),
            ("pid", pid.map { .integer($0) } ?? .null),
            ("worker", report?.worker.map { .integer($0) } ?? .null),
            ("memory", report.map { .integer($0.memory) } ?? .null),
        ]
        if let report {
            fields += [
                ("restarts", .integer(report.restarts)), ("version", .string(report.version)),
                ("lua", .string(report.lua)),
                ("dropped", .object(report.dropped.map { ($0.reason, .integer($0.count)) })),
            ]
        }
        return .object(fields)
    }
}
