// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc
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
            switch format {
            case .dot: try results.write(GraphText.dot(graph))
            case .mermaid: try results.write(GraphText.mermaid(graph))
            case .json: try results.write(GraphText.json(graph).text + "\n")
            case .svg: return try draw(GraphText.dot(graph), on: results)
            }
            return 0
        }
        throw ExitCode(code)
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
