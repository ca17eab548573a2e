// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTParallel
import VTStore
import VTRuntime
import VTSystem

/// `vtlua show`
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a recorded run, a node of it, or the value of a node's output.")

    @Argument(
        help: ArgumentHelp(
            "The run, node or output to show; `last` is the newest run.",
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
                        ("port", .string(port)), ("value", try JSON(lua, at: -1, place: port)),
                    ]))
            } else {
                try results.write(bytes: lua.outputText(at: -1) + [UInt8(ascii: "\n")])
            }
            return true
        }
        if isShown != nil { return 0 }
        report(
            "error: the outputs of `\(node.node)` are not stored; run the workflow again. For a "
                + "summary, run: vtlua show \(run.run)/\(node.node)\n")
        return 4
    }

    private func text(_ run: StoredRun, _ nodes: [StoredNode]) -> String {
        var text = "\(run.run)  \(run.workflow)  \(run.status.rawValue)\n"
        text += "  flow     \(run.flow)\n"
        text += "  started  \(Timestamp.local(run.started))"
        text += run.seconds.map { ", took \(Format.duration($0))" } ?? ""
        text += "\n  on       \(run.host), \(run.system), vtlua \(run.version)\n"
        if !run.machine.isEmpty {
            let machine = run.machine.map { "\($0.name) \($0.value)" }
            text += "  with     \(machine.joined(separator: ", "))\n"
        }
        for (name, value) in run.parameters { text += "  -p \(name)=\(value)\n" }
        let width = nodes.map(\.node.count).max() ?? 0
        for node in nodes {
            text += "\(node.status.rawValue.padded(to: 8))  \(node.node.padded(to: width))  "
            text += "\(Format.duration(node.seconds))  \(node.module) \(node.version)"
            if let because = node.because { text += "  (\(because))" }
            text += "\n"
            if let error = node.error, let line = error.sourceLines.first {
                text += "          \(line)\n"
            }
        }
        return text
    }

    private func text(_ node: StoredNode, _ calls: [CallRecord]) -> String {
        var text = "\(node.node)  \(node.module) \(node.version)  \(node.status.rawValue)\n"
        text +=
            "  started  \(Timestamp.local(node.started)), took \(Format.duration(node.seconds)), "
        text += "CPU time \(Format.duration(node.processor)), peak memory \(node.peak >> 20) MiB\n"
        if node.attempts > 1 { text += "  attempts \(node.attempts)\n" }
        if let key = node.key.key { text += "  key      \(key.hexadecimal)\n" }
        if let obstacle = node.key.obstacle { text += "  not cached: \(obstacle)\n" }
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
