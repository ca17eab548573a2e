// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTRuntime
import VTStore
import VTSystem
import VTWorkflow

/// `vtlua cancel`
struct CancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel work that goes on after its run.",
        discussion: """
            The handles of suspended nodes are given to the method `cancel` of their modules, and \
            forgotten. Without nodes, all of the workflow are cancelled, also those of its sweeps. \
            To list them: vtlua log --suspended. Exits with 1 when one is not cancelled.
            """)

    @Argument(
        help: ArgumentHelp("The workflow's script.", valueName: "flow.lua"),
        completion: .file(extensions: ["lua"]))
    var flow: String

    @Argument(help: ArgumentHelp("Suspended nodes, elements or turns.", valueName: "node"))
    var nodes: [String] = []

    @Option(
        name: [.customShort("p"), .customLong("param")],
        help: ArgumentHelp("Set a parameter.", valueName: "name=value"))
    var assignments: [String] = []

    @Flag(help: "Forget the handles without calling `cancel`.")
    var forget = false

    @OptionGroup var store: StoreOption

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Outcome {
        var node: SuspendedNode
        var status: String
        var error: String?
    }

    func run() throws {
        guard try hasStore() else { throw ExitCode(4) }
        let results = ResultStream.takingStandardOutput()
        let session = FlowSession(
            path: flow, results: results, store: store.place, json: json,
            signals: Signals.cancelling())
        let code = session.run { runner, lua in
            guard let store = runner.store else { return 4 }
            let suspended = try store.suspendedNodes().filter {
                $0.workflow == runner.graph.name
            }
            let chosen = try chosen(of: suspended)
            runner.environment.observers.append { event in
                if let text = event.outputBytes { report(bytes: text) }
            }
            let plan =
                forget || chosen.isEmpty
                ? nil
                : try runner.plan(Parameters(assignments: assignments), isComplete: false, lua)
            var outcomes: [Outcome] = []
            for node in chosen {
                try lua.checkCancellation()
                guard let plan else {
                    try store.removeSuspended(node.key)
                    outcomes.append(Outcome(node: node, status: "forgotten"))
                    continue
                }
                let error = try runner.cancel(node, in: plan, lua)
                outcomes.append(
                    Outcome(node: node, status: error == nil ? "cancelled" : "kept", error: error))
            }
            try write(outcomes, of: runner.graph.name, on: results)
            return outcomes.contains { $0.status == "kept" } ? 1 : 0
        }
        throw ExitCode(code)
    }

    /// Returns false, after a message, if there is no store that could have suspended nodes.
    private func hasStore() throws -> Bool {
        guard let directory = store.place.directory(beside: flow) else {
            report("error: this command needs a store, got --store off\n")
            return false
        }
        if File.exists(directory + "/store.sqlite") { return true }
        report(
            "error: there is no store in '\(directory)'; run the workflow, or give the store's "
                + "directory with --store\n")
        return false
    }

    private func chosen(of suspended: [SuspendedNode]) throws -> [SuspendedNode] {
        let whole = Set(suspended.compactMap { ElementName($0.node)?.node }).sorted()
        for name in nodes where !suspended.contains(where: { $0.belongs(to: name) }) {
            throw Parameters.Mistake(
                message: suspended.isEmpty
                    ? "`\(name)` is not suspended; no node of this workflow is"
                    : "`\(name)` is not suspended"
                        + hint(for: name, among: whole + suspended.map(\.node)))
        }
        return nodes.isEmpty
            ? suspended : suspended.filter { node in nodes.contains { node.belongs(to: $0) } }
    }

    private func write(
        _ outcomes: [Outcome], of workflow: String, on results: ResultStream
    ) throws {
        if json {
            let list = outcomes.map { outcome in
                JSON.object([
                    ("node", .string(outcome.node.node)),
                    ("run", .string(outcome.node.run)),
                    ("handle", .string(outcome.node.shown)),
                    ("status", .string(outcome.status)),
                    ("error", outcome.error.map(JSON.string) ?? .null),
                ])
            }
            try results.write(
                JSON.document([("workflow", .string(workflow)), ("suspended", .array(list))]))
            return
        }
        if outcomes.isEmpty { report("no node of `\(workflow)` is suspended\n") }
        for outcome in outcomes {
            let name = outcome.node.node.escapedForTerminal
            let shown = outcome.node.shown.escapedForTerminal
            if let error = outcome.error {
                report(
                    "error: `\(name)` (\(shown)) stays suspended: \(error); to remove it from the "
                        + "list: vtlua cancel --forget \(flow) '\(name)'\n")
            } else {
                try results.write("\(outcome.status)  \(name)  \(shown)\n")
            }
        }
    }
}

extension SuspendedNode {
    /// True if the node has a name, or is an element, a turn or an inner node of one.
    fileprivate func belongs(to name: String) -> Bool {
        node == name || node.hasPrefix(name + "[") || node.hasPrefix(name + "/")
    }
}
