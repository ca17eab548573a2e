// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTStore
import VTRuntime
import VTSystem
import VTWorkflow

/// `vtlua diff`
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show the parameters, code and outputs that differ between two runs.")

    @Argument(help: "The earlier run.")
    var first: String

    @Argument(help: "The later run; `last` is the newest.")
    var second = StoreOption.newest

    @OptionGroup var store: StoreOption

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let results = ResultStream.standardOutput
        try store.existing { opened in
            let (a, b) = (try store.run(first, in: opened), try store.run(second, in: opened))
            let rows = try differences(a, b, opened)
            if json {
                let list = rows.map { row in
                    JSON.object([
                        ("what", .string(row.what.rawValue)), ("name", .string(row.name)),
                        ("first", row.first.map(JSON.string) ?? .null),
                        ("second", row.second.map(JSON.string) ?? .null),
                    ])
                }
                try results.write(
                    JSON.document([
                        ("first", .string(a.run)),
                        ("second", .string(b.run)), ("differences", .array(list)),
                    ]))
                return 0
            }
            for row in rows {
                // The sentence about a key describes both runs.
                let before = row.what == .key ? "" : "\(row.first ?? "-") -> "
                try results.write(
                    "\(row.what.rawValue.padded(to: 9))  \(row.name.escapedForTerminal): "
                        + "\(before)\(row.second ?? "-")\n")
            }
            if rows.isEmpty { try results.write("no difference\n") }
            return 0
        }
    }

    /// The part of a run that differs.
    private enum Subject: String {
        case parameter, flow, version, node, key, output, elements, status
    }

    private typealias Row = (what: Subject, name: String, first: String?, second: String?)

    private func differences(_ a: StoredRun, _ b: StoredRun, _ store: Store) throws -> [Row] {
        var rows: [Row] = []
        func compare(_ what: Subject, _ name: String, _ first: String?, _ second: String?) {
            if first != second { rows.append((what, name, first, second)) }
        }
        func compare(
            _ what: Subject, _ prefix: String, _ first: [ValueRecord], _ second: [ValueRecord]
        ) {
            let before = Dictionary(first.map { ($0.name, $0) }) { $1 }
            let after = Dictionary(second.map { ($0.name, $0) }) { $1 }
            for name in Set(before.keys).union(after.keys).sorted() {
                let (old, new) = (before[name], after[name])
                if let old, let new, old.hasSameValue(as: new) { continue }
                rows.append((what, prefix + name, old?.differenceText, new?.differenceText))
            }
        }
        compare(.parameter, "", a.parameters, b.parameters)
        let flow = a.flow == b.flow ? a.flow : "\(a.flow) -> \(b.flow)"
        compare(.flow, flow, String(a.digest.prefix(12)), String(b.digest.prefix(12)))
        if a.digest == b.digest { compare(.flow, "path", a.flow, b.flow) }
        compare(.version, "vtlua", a.version, b.version)
        let nodes = try store.nodes(of: a.run)
        let counts = (try store.allElementCounts(of: a.run), try store.allElementCounts(of: b.run))
        var earlier = Dictionary(nodes.map { ($0.node, $0) }) { $1 }
        for node in try store.nodes(of: b.run) {
            guard let before = earlier.removeValue(forKey: node.node) else {
                rows.append((.node, node.node, nil, node.module))
                continue
            }
            if !before.key.parts.isEmpty, !node.key.parts.isEmpty,
                let change = node.key.difference(from: before.key)
            {
                rows.append((.key, node.node, "", change.sentence))
            }
            compare(.output, node.node + ".", before.outputs, node.outputs)
            compare(
                .elements, node.node, counts.0[before.position]?.summary,
                counts.1[node.position]?.summary)
            compare(.status, node.node, before.status.rawValue, node.status.rawValue)
        }
        for node in nodes where earlier[node.node] != nil {
            rows.append((.node, node.node, node.module, nil))
        }
        return rows
    }
}

extension ValueRecord {
    /// The text of a value that differs: of a long value also the start of its digest.
    fileprivate var differenceText: String {
        let text = text()
        guard let digest, text == brief else { return text }
        return "\(text) (\(digest.hexadecimal.prefix(12)))"
    }
}
