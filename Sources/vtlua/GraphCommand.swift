// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaTooling
import VTRuntime
import VTSystem

/// `vtlua graph`
struct GraphCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Draw a workflow.",
        discussion: "The format svg needs Graphviz: apt-get install graphviz.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case dot, mermaid, svg, json
    }

    @OptionGroup var input: FlowInput

    @Option(name: .shortAndLong, help: "Select the output format.")
    var format = Format.dot

    func run() throws {
        let results = ResultStream.takingStandardOutput()
        let session = FlowSession(path: input.flow, results: results, signals: Signals.cancelling())
        let code = session.run { runner, lua in
            let graph = try runner.shape(input.parameters, lua)
            let idle = idleNodes(of: graph, runner, lua)
            switch format {
            case .dot: try results.write(GraphText.dot(graph, idle: idle))
            case .mermaid: try results.write(GraphText.mermaid(graph, idle: idle))
            case .json: try results.write(GraphText.json(graph, idle: idle).text + "\n")
            case .svg: return try draw(GraphText.dot(graph, idle: idle), on: results)
            }
            return 0
        }
        throw ExitCode(code)
    }

    /// Returns the nodes that are not needed, as far as conditions are constants and parameters.
    private func idleNodes(
        of graph: Graph, _ runner: FlowRunner, _ lua: borrowing Lua
    ) -> Set<String> {
        // A workflow that cannot run yet is drawn without them.
        guard graph.nodes.contains(where: \.hasBranches),
            let plan = try? runner.plan(input.parameters, isComplete: false, lua),
            let forecasts = try? runner.forecast(plan, lua)
        else { return [] }
        let needed = forecasts.filter { $0.state != .notNeeded }.map { $0.node.firstPart }
        return Set(forecasts.map { $0.node.firstPart }).subtracting(needed)
    }

    private func draw(_ dot: String, on results: ResultStream) throws -> Int32 {
        guard let program = Program.find("dot") else {
            report("error: Graphviz's `dot` is not installed; run: apt-get install graphviz\n")
            return 1
        }
        guard let svg = try? Spawn(program, ["-Tsvg"]).output(input: dot) else {
            report("error: `dot -Tsvg` failed; to see its input, run: vtlua graph -f dot\n")
            return 1
        }
        try results.write(svg)
        return 0
    }
}

extension String {
    /// The name of the workflow's own node: that before the first slash.
    fileprivate var firstPart: String { prefix { $0 != "/" }.description }
}

/// Runs other programs.
enum Program {
    /// The path of a program, searched for on the `PATH`; nil if it is not found.
    static func find(_ name: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return path.split(separator: ":").lazy.map { "\($0)/\(name)" }.first {
            access($0, X_OK) == 0
        }
    }
}
