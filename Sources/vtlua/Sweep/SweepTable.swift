// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem

/// The table of a sweep: parameters and outputs of each combination.
struct SweepTable {
    var id: String?
    var workflow: String
    var parameters: [String]
    var combinations: [SweepCombination]
    var rows: [SweepRow]

    /// The widest column in the text.
    private static let widest = 40

    private var outputs: [String] {
        var names: [String] = []
        for row in rows {
            for (name, _) in row.outputs where !names.contains(name) { names.append(name) }
        }
        return names
    }

    private var isComplete: Bool { rows.allSatisfy { $0.status == .done } }

    /// The status of the sweep, as JSON has it.
    private var status: String {
        if isComplete { return "done" }
        let isWaiting = rows.allSatisfy { $0.status == .done || $0.status == .suspended }
        return isWaiting ? "suspended" : "failed"
    }

    /// The table as aligned text, with a line of titles.
    var text: String {
        let outputs = outputs
        var lines = [parameters + outputs + ["run"] + (isComplete ? [] : ["status"])]
        for (row, combination) in zip(rows, combinations) {
            var cells = combination.values.map { Self.short($0.text) }
            cells += outputs.map { Self.short(row.texts[$0] ?? "-") }
            cells.append(row.run ?? "-")
            if !isComplete {
                cells.append(row.status.rawValue + (row.error.map { ": \($0)" } ?? ""))
            }
            lines.append(cells)
        }
        let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { cells in
            var line = ""
            for (cell, width) in zip(cells, widths) {
                line += line.isEmpty ? cell.padded(to: width) : "  " + cell.padded(to: width)
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    private static func short(_ text: String) -> String {
        let line = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).first
        let whole = String(line ?? "").escapedForTerminal
        let isWhole = line?.count == text.count
        return whole.count <= widest && isWhole ? whole : whole.prefix(widest - 1) + "…"
    }

    /// The table as comma-separated values (RFC 4180). Tables among outputs are JSON.
    var csv: String {
        let outputs = outputs
        var lines = [parameters + outputs + ["run", "status", "error"]]
        for (row, combination) in zip(rows, combinations) {
            var cells = combination.values.map(\.text)
            for name in outputs {
                let value = row.outputs.first { $0.key == name }?.value
                cells.append(value.map { $0.string ?? $0.text } ?? "")
            }
            lines.append(cells + [row.run ?? "", row.status.rawValue, row.error ?? ""])
        }
        return lines.map { cells in
            cells.map { cell in
                let mustQuote = cell.unicodeScalars.contains {
                    ",\"\r\n".unicodeScalars.contains($0)
                }
                return mustQuote
                    ? "\""
                        + cell.split(separator: "\"", omittingEmptySubsequences: false)
                        .joined(separator: "\"\"") + "\"" : cell
            }.joined(separator: ",") + "\n"
        }.joined()
    }

    var json: JSON {
        .document([
            ("sweep", id.map(JSON.string) ?? .null), ("workflow", .string(workflow)),
            ("status", .string(status)),
            ("runs", .array(rows.map(\.json))),
        ])
    }
}
