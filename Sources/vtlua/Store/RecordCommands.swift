// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Parallel
import Store
import VTRuntime

/// `vtlua log`
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "List the runs on record, the newest first.")

    @OptionGroup var store: StoreOption

    @Option(name: .customShort("n"), help: ArgumentHelp("At most so many.", valueName: "n"))
    var most = 20

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let results = ResultStream.standardOutput
        try store.existing { store in
            let runs = try store.runs(most: most)
            if json {
                let list = runs.map { JSON.object($0.fields) }
                try results.write(
                    JSON.document([("runs", .array(list))]))
                return 0
            }
            for run in runs {
                let parameters = run.parameters.map { "\($0.name)=\($0.value)" }
                try results.write(
                    "\(run.run)  \(localTime(run.started))  \(run.status.padded(to: 9))  "
                        + "\(run.seconds.map(duration) ?? "-")  \(run.workflow)  "
                        + parameters.joined(separator: " ") + "\n")
            }
            return 0
        }
    }
}

/// `vtlua show`
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a run, a node of it, or the value of a node's output, as it is on record.")

    @Argument(
        help: ArgumentHelp(
            "A run, a run's node, or its output; `last` is the newest run.",
            valueName: "run[/node[/port]]"))
    var what = StoreOption.newest

    @OptionGroup var store: StoreOption

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let results = ResultStream.standardOutput
        let (run, node) = what.runAndNode
        try store.existing { opened in
            let run = try store.run(run, in: opened)
            guard let node else {
                let nodes = try opened.nodes(of: run.run)
                if json {
                    let list = nodes.map { JSON.object($0.fields) }
                    try results.write(JSON.document(run.fields + [("nodes", .array(list))]))
                } else {
                    try results.write(text(run, nodes))
                }
                return 0
            }
            let (found, port) = try store.nodeAndPort(node, of: run, in: opened)
            if let port { return try show(port, of: found, run, opened, on: results) }
            let calls = try opened.calls(of: run.run)[found.position] ?? []
            if json {
                let list = calls.map { JSON.object($0.fields(each: true)) }
                try results.write(
                    JSON.document(
                        [("run", .string(run.run))] + found.fields + [("calls", .array(list))]))
            } else {
                try results.write(text(found, calls))
            }
            return 0
        }
    }

    private func show(
        _ port: String, of node: StoredNode, _ run: StoredRun, _ store: Store,
        on results: ResultStream
    ) throws -> Int32 {
        let isShown = try StoredOutputs(store).with(port, of: node) { lua in
            if json {
                try results.write(
                    JSON.document([
                        ("run", .string(run.run)), ("node", .string(node.node)),
                        ("port", .string(port)), ("value", JSON(lua, at: -1)),
                    ]))
            } else {
                try results.write(lua.outputText(at: -1) + "\n")
            }
            return true
        }
        if isShown != nil { return 0 }
        report(
            "error: the outputs of `\(node.node)` are not kept; run the workflow again, and see: "
                + "vtlua show \(run.run)/\(node.node)\n")
        return 4
    }

    private func text(_ run: StoredRun, _ nodes: [StoredNode]) -> String {
        var text = "\(run.run)  \(run.workflow)  \(run.status)\n"
        text += "  flow     \(run.flow)\n"
        text += "  started  \(localTime(run.started))"
        text += run.seconds.map { ", took \(duration($0))" } ?? ""
        text += "\n  on       \(run.host), \(run.system), vtlua \(run.version)\n"
        if !run.machine.isEmpty {
            let machine = run.machine.map { "\($0.name) \($0.value)" }
            text += "  with     \(machine.joined(separator: ", "))\n"
        }
        for (name, value) in run.parameters { text += "  -p \(name)=\(value)\n" }
        let width = nodes.map(\.node.count).max() ?? 0
        for node in nodes {
            text += "\(node.status.padded(to: 8))  \(node.node.padded(to: width))  "
            text += "\(duration(node.seconds))  \(node.module) \(node.version)"
            if let because = node.because { text += "  (\(because))" }
            text += "\n"
            if let error = node.error, let line = error.split(separator: "\n").first {
                text += "          \(line)\n"
            }
        }
        return text
    }

    private func text(_ node: StoredNode, _ calls: [CallRecord]) -> String {
        var text = "\(node.node)  \(node.module) \(node.version)  \(node.status)\n"
        text += "  started  \(localTime(node.started)), took \(duration(node.seconds)), "
        text += "\(duration(node.processor)) of processor, peak \(node.peak >> 20) MiB\n"
        if node.attempts > 1 { text += "  attempts \(node.attempts)\n" }
        if let key = node.key.key { text += "  key      \(key.hexadecimal)\n" }
        if let obstacle = node.key.obstacle { text += "  not kept: \(obstacle)\n" }
        for (name, value) in node.inputs { text += "  input    \(name) = \(value)\n" }
        for (name, value) in node.outputs { text += "  output   \(name) = \(value)\n" }
        for (name, value) in node.annotations { text += "  note     \(name) = \(value)\n" }
        for call in calls { text += "  call     \(call.line)\n" }
        if let because = node.because { text += "  because of \(because)\n" }
        if let error = node.error { text += error + "\n" }
        if !node.printed.isEmpty {
            text += node.printed.hasSuffix("\n") ? node.printed : node.printed + "\n"
        }
        return text
    }
}

/// `vtlua why`
struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Tell why a node ran: which part of its key had changed.")

    @Argument(
        help: ArgumentHelp("A run's node, such as last/smooth.", valueName: "run/node"))
    var what: String

    @OptionGroup var store: StoreOption

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let results = ResultStream.standardOutput
        let (name, node) = what.runAndNode
        guard let node else {
            throw ValidationError("why takes RUN/NODE; of the newest run: last/NODE")
        }
        try store.existing { opened in
            let run = try store.run(name, in: opened)
            let found = try store.node(node, of: run, in: opened)
            let reason = try reason(found, run, opened)
            if json {
                let object = JSON.document([
                    ("run", .string(run.run)), ("node", .string(node)),
                    ("status", .string(found.status)), ("reason", .string(reason)),
                ])
                try results.write(object)
            } else {
                try results.write("`\(node)` \(found.status): \(reason)\n")
            }
            return 0
        }
    }

    private func reason(
        _ node: StoredNode, _ run: StoredRun, _ store: Store
    ) throws -> String {
        if node.status == "cached" { return "its key is that of an earlier result" }
        if let because = node.because { return "because of \(because)" }
        if let obstacle = node.key.obstacle { return "cannot be cached: \(obstacle)" }
        if node.key.key == nil { return "it is never cached, or the run was without cache" }
        guard
            let before = try store.lastKey(of: node.node, workflow: run.workflow, before: run.run)
        else { return "it had no result before" }
        guard let difference = node.key.difference(from: before) else {
            return "nothing had changed; its result was not there, its files were changed, or it "
                + "was forced"
        }
        return try origin(of: difference, run, store)
    }

    /// Where only the key of another node differs, goes on to that one.
    private func origin(
        of difference: KeyRecord.Difference, _ run: StoredRun, _ store: Store
    ) throws -> String {
        let part = difference.part
        guard part.kind == .input, difference.sentence.hasSuffix("was changed"),
            part.shown.contains("` of `"),
            let name = part.shown.split(separator: "`").last.map(String.init),
            let upstream = try store.nodes(of: run.run).first(where: { $0.node == name })
        else { return difference.sentence }
        return "its input `\(part.name)` comes from `\(name)`, of which: "
            + (try reason(upstream, run, store))
    }
}

/// `vtlua diff`
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two runs: parameters, code and outputs that differ.")

    @Argument(help: "The earlier run.")
    var first: String

    @Argument(help: "The later run.")
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
                        ("what", .string(row.what)), ("name", .string(row.name)),
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
                // Of a key the difference is all there is.
                let before = row.what == "key" ? "" : "\(row.first ?? "-") -> "
                try results.write(
                    "\(row.what.padded(to: 9))  \(row.name): \(before)\(row.second ?? "-")\n")
            }
            if rows.isEmpty { try results.write("no difference\n") }
            return 0
        }
    }

    private typealias Row = (what: String, name: String, first: String?, second: String?)

    private func differences(_ a: StoredRun, _ b: StoredRun, _ store: Store) throws -> [Row] {
        var rows: [Row] = []
        func compare(
            _ what: String, _ prefix: String, _ first: [(name: String, value: String)],
            _ second: [(name: String, value: String)]
        ) {
            let before = Dictionary(first.map { ($0.name, $0.value) }) { $1 }
            let after = Dictionary(second.map { ($0.name, $0.value) }) { $1 }
            for name in Set(before.keys).union(after.keys).sorted()
            where before[name] != after[name] {
                rows.append((what, prefix + name, before[name], after[name]))
            }
        }
        compare("parameter", "", a.parameters, b.parameters)
        compare(
            "flow", "", [(a.flow, String(a.digest.prefix(12)))],
            [(a.flow == b.flow ? a.flow : b.flow, String(b.digest.prefix(12)))])
        compare("version", "", [("vtlua", a.version)], [("vtlua", b.version)])
        let nodes = try store.nodes(of: a.run)
        var earlier = Dictionary(nodes.map { ($0.node, $0) }) { $1 }
        for node in try store.nodes(of: b.run) {
            guard let before = earlier.removeValue(forKey: node.node) else {
                rows.append(("node", node.node, nil, node.module))
                continue
            }
            if !before.key.parts.isEmpty, !node.key.parts.isEmpty,
                let change = node.key.difference(from: before.key)
            {
                rows.append(("key", node.node, "", change.sentence))
            }
            compare("output", node.node + ".", before.outputs, node.outputs)
            compare("status", node.node, [("", before.status)], [("", node.status)])
        }
        for node in nodes where earlier[node.node] != nil {
            rows.append(("node", node.node, node.module, nil))
        }
        return rows
    }
}

// MARK: - In words

extension String {
    /// `RUN/NODE`; a node may have slashes itself.
    fileprivate var runAndNode: (run: String, node: String?) {
        guard let slash = firstIndex(of: "/") else { return (self, nil) }
        return (String(self[..<slash]), String(self[index(after: slash)...]))
    }
}

extension StoredRun {
    var fields: [(key: String, value: JSON)] {
        [
            ("run", .string(run)), ("workflow", .string(workflow)), ("status", .string(status)),
            ("started", .number(started)), ("seconds", seconds.map(JSON.seconds) ?? .null),
            ("flow", .string(flow)), ("flow_digest", .string(digest)), ("host", .string(host)),
            ("pid", .integer(pid)), ("system", .string(system)), ("version", .string(version)),
            ("machine", .object(machine.map { ($0.name, .string($0.value)) })),
            ("parameters", .object(parameters.map { ($0.name, .string($0.value)) })),
        ]
    }
}

extension StoredNode {
    var fields: [(key: String, value: JSON)] {
        func object(_ pairs: [(name: String, value: String)]) -> JSON {
            .object(pairs.map { ($0.name, .string($0.value)) })
        }
        return [
            ("name", .string(node)), ("module", .string("\(module) \(version)")),
            ("status", .string(status)), ("key", key.key.map { .string($0.hexadecimal) } ?? .null),
            ("obstacle", key.obstacle.map(JSON.string) ?? .null), ("started", .number(started)),
            ("seconds", .seconds(seconds)), ("processor", .seconds(processor)),
            ("peak", .integer(peak)), ("attempts", .integer(attempts)),
            ("inputs", object(inputs)), ("outputs", object(outputs)),
            ("annotations", object(annotations)), ("printed", .string(printed)),
            ("error", error.map(JSON.string) ?? .null),
            ("because", because.map(JSON.string) ?? .null),
        ]
    }
}
