// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc
import VTParallel
import VTStore
import VTRuntime
import VTSystem
import VTWorkflow

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

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write the value of an output to this file: a string as its bytes, a file as its "
                + "content, any other value as JSON.", valueName: "file"))
    var output: String?

    @OptionGroup var store: StoreOption

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        let isOfPort = what.runAndNode.node?.contains("/") ?? false
        if output != nil, !isOfPort {
            throw ValidationError("-o needs an output to write: RUN/NODE/PORT, got '\(what)'")
        }
    }

    func run() throws {
        let results = ResultStream.standardOutput
        let (run, node) = what.runAndNode
        try store.existing { opened in
            let run = try store.run(run, in: opened)
            guard let node else {
                let nodes = try opened.nodes(of: run.run)
                if json {
                    let list = nodes.map { JSON.object($0.fields) }
                    try results.write(
                        JSON.document(
                            run.fields + [
                                ("outputs", run.outputFields(nodes)), ("nodes", .array(list)),
                            ]))
                } else {
                    try results.write(text(run, nodes))
                }
                return 0
            }
            let (found, port) = try store.nodeAndPort(node, of: run, in: opened)
            if let port {
                return try show(
                    ShownValue(run: run, node: found, port: port, store: opened), on: results)
            }
            if output != nil {
                throw ValidationError("-o needs an output to write: \(what)/PORT")
            }
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

    private func show(_ value: ShownValue, on results: ResultStream) throws -> Int32 {
        let (run, node) = (value.run, value.node)
        if let output {
            do {
                if let bytes = try value.content() { return write(bytes, to: output) }
            } catch let error as ShownValue.Unavailable {
                report("error: \(error)\n")
                return 4
            }
        } else if json {
            if let found = try value.json() {
                try results.write(
                    JSON.document([
                        ("run", .string(run.run)), ("node", .string(node.node)),
                        ("port", .string(value.port)), ("value", found),
                    ]))
                return 0
            }
        } else if let text = try value.text() {
            if results.isTerminal {
                let shown = String(decoding: text, as: UTF8.self).lines(for: STDOUT_FILENO)
                try results.write(shown + "\n")
            } else {
                try results.write(bytes: text + [UInt8(ascii: "\n")])
            }
            return 0
        }
        report(
            "error: the outputs of `\(node.node)` are not stored; run the workflow again. For a "
                + "summary, run: vtlua show \(run.run)/\(node.node)\n")
        return 4
    }

    private func write(_ bytes: [UInt8], to path: String) -> Int32 {
        do throws(SystemError) {
            try File.replace(path) { file throws(SystemError) in try File.write(bytes, to: file) }
            return 0
        } catch {
            report("error: cannot write '\(path)': \(error.reason)\n")
            return 1
        }
    }

    private func text(_ run: StoredRun, _ nodes: [StoredNode]) -> String {
        var text = "\(run.run)  \(run.workflow.escapedForTerminal)  \(run.status.rawValue)\n"
        text += "  flow     \(run.flow.escapedForTerminal)\n"
        text += "  started  \(Timestamp.local(run.started))"
        text += run.seconds.map { ", took \(Format.duration($0))" } ?? ""
        text += "\n  on       \(run.host), \(run.system), vtlua \(run.version)\n"
        if !run.machine.isEmpty {
            let machine = run.machine.map { "\($0.name) \($0.value)" }
            text += "  with     \(machine.joined(separator: ", "))\n"
        }
        for parameter in run.parameters {
            text += "  -p \(parameter.name.escapedForTerminal)=\(parameter.text)\n"
        }
        let byName = Dictionary(nodes.map { ($0.node, $0) }) { first, _ in first }
        for output in run.outputs {
            let value = byName[output.node]?.outputs.first { $0.name == output.port }
            text += "  output   \(output.name.escapedForTerminal) = \(value?.text() ?? "-")"
            text += "  (\("\(output.node).\(output.port)".escapedForTerminal))\n"
        }
        let width = nodes.map(\.node.count).max() ?? 0
        for node in nodes {
            text += "\(node.status.rawValue.padded(to: 8))  "
            text += "\(node.node.escapedForTerminal.padded(to: width))  "
            text += "\(Format.duration(node.seconds))  "
            text += "\(node.module) \(node.version)".escapedForTerminal
            if let because = node.because { text += "  (\(because.escapedForTerminal))" }
            text += "\n"
            if let error = node.error, let line = error.sourceLines.first {
                text += "          \(line.escapedForTerminal)\n"
            }
        }
        return text
    }

    private func text(_ node: StoredNode, _ calls: [CallRecord]) -> String {
        var text = "\(node.node)  \(node.module) \(node.version)".escapedForTerminal
        text += "  \(node.status.rawValue)\n"
        text +=
            "  started  \(Timestamp.local(node.started)), took \(Format.duration(node.seconds)), "
        text += "CPU time \(Format.duration(node.processor)), peak memory \(node.peak >> 20) MiB\n"
        if node.attempts > 1 { text += "  attempts \(node.attempts)\n" }
        if let key = node.key.key { text += "  key      \(key.hexadecimal)\n" }
        if let obstacle = node.key.obstacle { text += "  not cached: \(obstacle)\n" }
        if let origin = node.origin { text += "  computed in run \(origin)\n" }
        for (what, values) in [
            ("input", node.inputs), ("output", node.outputs), ("note", node.annotations),
        ] {
            for value in values {
                text += "  \(what.padded(to: 7))  \(value.name.escapedForTerminal) = "
                text += "\(value.text())\n"
            }
        }
        for library in node.libraries {
            text += "  library  \(library.line)\n"
        }
        for call in calls { text += "  call     \(call.line)\n" }
        if let because = node.because { text += "  because of \(because.escapedForTerminal)\n" }
        if let error = node.error { text += error.lines(for: STDOUT_FILENO) + "\n" }
        if !node.printed.isEmpty {
            let printed = node.printed.lines(for: STDOUT_FILENO)
            text += printed.hasSuffix("\n") ? printed : printed + "\n"
        }
        return text
    }
}

extension LibraryRecord {
    /// The name, the version and the file.
    fileprivate var line: String {
        let parts = [name, version, "(\(file))"].compactMap { $0 }
        return parts.joined(separator: " ").escapedForTerminal
    }
}
