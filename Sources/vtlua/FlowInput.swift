// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import LuaBridge
import VTRuntime
import Workflow

/// The workflow and its parameters: what several subcommands begin with.
struct FlowInput: ParsableArguments {
    @Argument(help: ArgumentHelp("The workflow's script.", valueName: "flow.lua"))
    var flow: String

    @Option(
        name: [.customShort("p"), .customLong("param")],
        help: ArgumentHelp("A value for a parameter.", valueName: "name=value"))
    var parameters: [String] = []

    @Option(
        name: .customLong("params"),
        help: ArgumentHelp("A JSON or Lua file with values for parameters.", valueName: "file"))
    var parameterFile: String?

    func plan(_ flow: FlowFile, targets: [String] = [], _ lua: borrowing Lua) throws -> Plan {
        let values = try Parameters(assignments: parameters, file: parameterFile)
            .values(for: flow.graph, lua)
        return try flow.graph.plan(arguments: values, targets: targets, lua)
    }
}

/// Loads a workflow and does something with it; every way this can go wrong becomes a message
/// and an exit code.
struct FlowSession {
    var path: String
    var results: ResultStream
    var json = false
    var signals: Signals?

    func run(_ body: (Runtime, FlowFile, borrowing Lua) throws -> Int32) -> Int32 {
        do {
            let runtime = try Runtime()
            return try runtime.run { lua in
                try lua.limited(cancellation: signals?.cancellation) { lua in
                    try runtime.workspace.capturePrint(lua)
                    let flow = try FlowFile.load(path, in: runtime.workspace, lua)
                    return try body(runtime, flow, lua)
                }
            }
        } catch {
            return explain(error)
        }
    }

    private func explain(_ error: any Error) -> Int32 {
        switch error {
        case let invalid as InvalidFlow:
            report(ErrorLayout.text(invalid))
            guard invalid.reason != .unreadable else { return 2 }
            return invalidResult([WorkflowError(invalid.message, at: invalid.location)])
        case let invalid as InvalidWorkflow:
            report(ErrorLayout.text(invalid))
            return invalidResult(invalid.problems)
        case let mistake as Parameters.Mistake:
            report("error: \(mistake.message)\n")
            return 2
        case let error as LuaError where error.code == .cancelled:
            report("\(signals?.name ?? "cancelled"): the run was stopped\n")
            return signals?.exitCode ?? 130
        default:
            report("error: \(error)\n")
            return 1
        }
    }

    private func invalidResult(_ problems: [WorkflowError]) -> Int32 {
        guard json else { return 3 }
        let list = problems.map { problem in
            JSON.object([
                ("message", .string(problem.message)),
                ("file", problem.location.map { .string($0.file) } ?? .null),
                ("line", problem.location.map { .integer($0.line) } ?? .null),
            ])
        }
        let object = JSON.object([
            ("schema", .integer(1)), ("status", .string("invalid")), ("problems", .array(list)),
        ])
        results.write(object.text + "\n")
        return 3
    }
}
