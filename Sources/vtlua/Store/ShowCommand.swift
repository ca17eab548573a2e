// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc
import VTParallel
import VTStore
import VTRunReport
import VTRuntime
import VTSystem
import VTWorkflow

/// `vtlua show`
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a recorded run, a node or an element of it, or the value of an output.")

    @Argument(
        help: ArgumentHelp(
            "The run, node, element or output to show, such as last/blur[17]; `last` is the newest "
                + "run.", valueName: "run[/node[/port]]"))
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
                let elements = try opened.allElementCounts(of: run.run)
                if json {
                    let list = nodes.map { node in
                        JSON.object(
                            node.fields + [("elements", elements[node.position]?.json ?? .null)])
                    }
                    try results.write(
                        JSON.document(
                            run.fields + [
                                ("outputs", run.outputFields(nodes)), ("nodes", .array(list)),
                            ]))
                } else {
                    try results.write(text(run, nodes, elements))
                }
                return 0
            }
            let recorded = try store.find(node, of: run, in: opened)
            var found = recorded.node
            if let element = recorded.element {
                found = try ElementReader(opened).node(of: element, in: found, of: run)
            }
            if let port = recorded.port {
                return try show(
                    ShownValue(
                        run: run, node: found, port: port, isElement: recorded.element != nil,
                        store: opened), on: results)
            }
            if output != nil {
                throw ValidationError("-o needs an output to write: \(what)/PORT")
            }
            if let element = recorded.element {
                try results.write(
                    json
                        ? JSON.document(
                            [("run", .string(run.run))] + found.fields
                                + [("worker", .integer(element.worker))]
                        ).text + "\n"
                        : text(found, [], element))
                return 0
            }
            let calls = try opened.calls(of: run.run)[found.position] ?? []
            let elements = try ElementList(of: found, in: run, opened)
            if json {
                let list = calls.map { JSON.object($0.fields(each: true)) }
                try results.write(
                    JSON.document(
                        [("run", .string(run.run))] + found.fields + [
                            ("calls", .array(list)), ("elements", elements?.counts.json ?? .null),
                            ("element_list", elements?.json ?? .null),
                        ]))
            } else {
                try results.write(text(found, calls, elements: elements))
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
        if node.outputs.first(where: { $0.name == value.port })?.type.hasPrefix("stream") ?? false {
            report(
                "error: the items of the stream `\(value.port)` are not stored; collect them with a node of "
                    + "`stream.to_list`\n")
            return 4
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
}
