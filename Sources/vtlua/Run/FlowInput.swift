// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaBridge
import VTRuntime
import VTSystem
import VTWorkflow

/// The arguments for a workflow and its parameters, shared by several subcommands.
struct FlowInput: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The workflow's script.", valueName: "flow.lua"),
        completion: .file(extensions: ["lua"]))
    var flow: String

    @Option(
        name: [.customShort("p"), .customLong("param")],
        help: ArgumentHelp("Set a parameter; `vtlua doc FLOW` lists them.", valueName: "name=value")
    )
    var assignments: [String] = []

    @Option(
        name: .customLong("params"),
        help: ArgumentHelp("Read parameters from a JSON or Lua file.", valueName: "file"),
        completion: .file(extensions: ["json", "lua"]))
    var parameterFile: String?

    var parameters: Parameters { Parameters(assignments: assignments, file: parameterFile) }
}

/// Loads a workflow and passes it to a closure. Every error becomes a message and an exit code.
struct FlowSession {
    var path: String
    var results: ResultStream
    /// The location of results and records; nil keeps none.
    var store: StorePlace?
    var json = false
    var signals: Signals?
    /// The maximum number of workers in a pool.
    var maxWorkers: Int?
    /// The answer to offers to start a cluster; nil asks the user.
    var ask: ClusterAnswers.Policy?
    /// The rights of a sandboxed run; nil: it is not restricted.
    var sandbox: SandboxChild?

    func run(_ body: (inout FlowRunner, borrowing Lua) throws -> Int32) -> Int32 {
        do {
            var options = Runtime.Options.ofProgram(ask: ask)
            options.store = store
            options.memoryLimit = sandbox?.memoryOfLua
            let runtime = try Runtime(options)
            return try runtime.run { lua in
                runtime.workspace.script = path
                sandbox?.apply(to: runtime.workspace)
                return try lua.limited(cancellation: signals?.cancellation) { lua in
                    runtime.workspace.environment.isBeingStopped = { Signals.hasArrived }
                    try runtime.workspace.capturePrint(lua)
                    try Breakpoint.offer(in: runtime.workspace, lua)
                    if let maxWorkers {
                        try runtime.workspace.parallel.limit(workers: maxWorkers, lua)
                    }
                    // Standard output is redirected to standard error; line buffering keeps the
                    // order.
                    try lua.execute("io.stdout:setvbuf 'line'", name: "=vtlua")
                    var runner = try FlowRunner(script: path, in: runtime.workspace, lua)
                    if let store { runner.useStore(store) }
                    return try body(&runner, lua)
                }
            }
        } catch {
            do {
                return try explain(error)
            } catch {
                report("error: \(error)\n")
                return 1
            }
        }
    }

    private func explain(_ error: any Error) throws -> Int32 {
        switch error {
        case let invalid as InvalidFlow:
            report(ErrorLayout.text(invalid))
            guard invalid.reason != .unreadable else { return 2 }
            return try invalidResult([WorkflowError(invalid.message, at: invalid.location)])
        case let invalid as InvalidWorkflow:
            report(ErrorLayout.text(invalid))
            return try invalidResult(invalid.problems)
        case let mistake as Parameters.Mistake:
            report("error: \(mistake.message)\n")
            return 2
        case let unknown as UnknownNode:
            report("error: \(unknown)\n")
            return 2
        case let absence as NoCluster:
            report("error: there is no cluster: \(absence)\n")
            return 5
        case let error as LuaError where error.code == .cancelled:
            report("\(signals?.name ?? "cancelled"): the run was stopped\n")
            return signals?.exitCode ?? 130
        default:
            report("error: \(error)\n")
            return 1
        }
    }

    private func invalidResult(_ problems: [WorkflowError]) throws -> Int32 {
        guard json else { return 3 }
        let list = problems.map { problem in
            JSON.object([
                ("message", .string(problem.message)),
                ("file", problem.location.map { .string($0.file) } ?? .null),
                ("line", problem.location.map { .integer($0.line) } ?? .null),
            ])
        }
        let object = JSON.document([
            ("status", .string("invalid")), ("problems", .array(list)),
        ])
        try results.write(object)
        return 3
    }
}
