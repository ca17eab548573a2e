// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTStore
import VTRuntime
import VTSystem
import VTWorkflow

/// `vtlua log`
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "List recorded runs, newest first.",
        discussion: "The runs of a sweep are one line. To list them, give the name of the sweep.")

    @Argument(help: ArgumentHelp("The sweep whose runs to list.", valueName: "sweep"))
    var sweep: String?

    @OptionGroup var store: StoreOption

    @Option(name: .customShort("n"), help: ArgumentHelp("Show at most N runs.", valueName: "n"))
    var most = 20

    @Flag(help: "List the modules whose work goes on after their runs.")
    var suspended = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let results = ResultStream.standardOutput
        try store.existing { store in
            if suspended { return try writeSuspended(of: store, on: results) }
            if let sweep {
                guard let runs = try self.store.sweep(sweep, in: store) else {
                    throw ValidationError(
                        "no sweep `\(sweep)` is recorded; to list runs and sweeps: vtlua log")
                }
                return try write(runs.suffix(most), on: results)
            }
            if json { return try write(store.runs(most: most)[...], on: results) }
            for (run, counts) in try store.groups(most: most) {
                if counts.isEmpty {
                    try results.write(run.line)
                    continue
                }
                let total = counts.reduce(0) { $0 + $1.count }
                let states = counts.map { "\($0.count) \($0.status.rawValue)" }
                try results.write(
                    "\(run.sweep)  \(Timestamp.local(run.started))  sweep      "
                        + "\(Format.count(total, "run")) (\(states.joined(separator: ", ")))  "
                        + "\(run.workflow.escapedForTerminal)\n")
            }
            return 0
        }
    }

    private func writeSuspended(of store: Store, on results: ResultStream) throws -> Int32 {
        let nodes = try store.suspendedNodes()
        if json {
            let list = nodes.map { node in
                JSON.object([
                    ("node", .string(node.node)), ("workflow", .string(node.workflow)),
                    ("run", .string(node.run)), ("since", .number(node.since)),
                    ("handle", .string(node.shown)),
                ])
            }
            try results.write(JSON.document([("suspended", .array(list))]))
            return 0
        }
        for node in nodes {
            try results.write(
                "\(node.run)  \(Timestamp.local(node.since))  "
                    + "\(node.workflow.escapedForTerminal)/\(node.node.escapedForTerminal)  "
                    + "\(node.shown.escapedForTerminal)\n")
        }
        return 0
    }

    private func write(_ runs: ArraySlice<StoredRun>, on results: ResultStream) throws -> Int32 {
        if json {
            let list = runs.map { JSON.object($0.fields) }
            try results.write(JSON.document([("runs", .array(list))]))
            return 0
        }
        for run in runs { try results.write(run.line) }
        return 0
    }
}

extension StoredRun {
    /// The run in one line.
    fileprivate var line: String {
        let parameters = parameters.map { "\($0.name.escapedForTerminal)=\($0.text(limit: 80))" }
        return "\(run)  \(Timestamp.local(started))  \(status.rawValue.padded(to: 9))  "
            + "\(seconds.map(Format.duration) ?? "-")  \(workflow.escapedForTerminal)  "
            + parameters.joined(separator: " ") + "\n"
    }
}
