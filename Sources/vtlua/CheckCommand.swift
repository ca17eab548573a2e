// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaTooling
import VTRuntime
import VTSystem
import VTWorkflow

/// `vtlua check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a workflow's types, connections and modules; compute nothing.")

    @OptionGroup var input: FlowInput

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let results = ResultStream.takingStandardOutput()
        let session = FlowSession(
            path: input.flow, results: results, json: json, signals: Signals.cancelling())
        let code = session.run { runner, lua in
            let plan = try runner.plan(input.parameters, isComplete: false, lua)
            if json {
                try results.write(
                    JSON.document([
                        ("status", .string("valid")),
                        ("workflow", .string(runner.graph.name)),
                        ("modules", .integer(plan.steps.count)),
                    ]))
            } else {
                try results.write(
                    "\(input.flow): `\(runner.graph.name)` is valid, \(plan.steps.count.modules)\n")
            }
            return 0
        }
        throw ExitCode(code)
    }
}
