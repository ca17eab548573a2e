// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTStore
import VTRuntime
import VTSystem
import VTWorkflow

/// `vtlua log`
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "List recorded runs, newest first.")

    @OptionGroup var store: StoreOption

    @Option(name: .customShort("n"), help: ArgumentHelp("Show at most N runs.", valueName: "n"))
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
                let parameters = run.parameters.map {
                    "\($0.name.escapedForTerminal)=\($0.text(limit: 80))"
                }
                try results.write(
                    "\(run.run)  \(Timestamp.local(run.started))  \(run.status.rawValue.padded(to: 9))  "
                        + "\(run.seconds.map(Format.duration) ?? "-")  \(run.workflow.escapedForTerminal)  "
                        + parameters.joined(separator: " ") + "\n")
            }
            return 0
        }
    }
}
