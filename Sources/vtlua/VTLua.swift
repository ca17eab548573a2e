// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaBridge
import VTSystem
import VTWorkflow

/// `vtlua SUBCOMMAND`: everything except the plain interpreter.
struct VTLua: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vtlua",
        abstract: "Run workflows of Lua modules, and plain Lua scripts.",
        usage: """
            vtlua <subcommand>
            vtlua [-e code] [-l module] [-i] [-v] [-E] [-W] [-] [script [arguments]]
            """,
        discussion: """
            Without a subcommand, vtlua is the Lua interpreter and accepts the options of lua. To \
            run a script whose name is a subcommand, write ./name.
            """,
        version: Version.longLine,
        subcommands: [
            RunCommand.self, SweepCommand.self, CheckCommand.self, TestCommand.self,
            PlanCommand.self, WhyCommand.self,
            GraphCommand.self,
            CancelCommand.self, LogCommand.self, ShowCommand.self, DiffCommand.self,
            ReportCommand.self,
            ExportCommand.self, CacheCommand.self, NewCommand.self, ReplSubcommand.self,
            DocCommand.self, CompletionCommand.self, KernelCommand.self,
            ClusterCommand.self, EngineCommand.self, DoctorCommand.self, VersionCommand.self,
            SweepWorkerCommand.self,
        ])

    /// Runs the subcommand of the command line and ends the process.
    static func start() -> Never {
        var words = "vtlua"
        do {
            let arguments = CommandLine.arguments
            if arguments[1] == "run", let request = RunRequest(plain: arguments.dropFirst(2)) {
                words = "vtlua run"
                VTSystem.exit(try request.run())
            }
            var command = try named() ?? parseAsRoot()
            words = self.words(for: type(of: command)) ?? words
            try command.run()
        } catch {
            end(with: error, in: words)
        }
        VTSystem.exit(0)
    }

    /// The subcommand whose name is closest to a misspelt word; nil if none is close.
    static func subcommand(near word: String) -> String? {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        return closest(to: word, among: names)
    }

    /// The full name of a command, such as `vtlua cache gc`.
    private static func words(
        for command: any ParsableCommand.Type, below above: any ParsableCommand.Type = VTLua.self,
        _ words: String = "vtlua"
    ) -> String? {
        if command == above { return words }
        for next in above.configuration.subcommands {
            let name = next.configuration.commandName ?? ""
            if let found = self.words(for: command, below: next, "\(words) \(name)") {
                return found
            }
        }
        return nil
    }

    /// The command named by the first argument, if its arguments can be parsed without the others:
    /// trying all commands takes a millisecond. Errors are left to the full parser.
    private static func named() -> (any ParsableCommand)? {
        let arguments = CommandLine.arguments.dropFirst()
        // The text of --help contains the names of the parent commands.
        let asksForHelp = arguments.contains { $0.hasPrefix("-h") || $0.hasPrefix("--h") }
        guard !asksForHelp, let name = arguments.first,
            let command = configuration.subcommands.first(where: {
                $0.configuration.commandName == name
            })
        else { return nil }
        return try? command.parseAsRoot(Array(arguments.dropFirst()))
    }

    /// The error and the command that prints help, without the usage text.
    private static func brief(_ text: String, _ words: String) -> String {
        var isUsage = false
        let lines = text.split(separator: "\n").filter { line in
            isUsage = line.hasPrefix("Usage:") || isUsage && line.hasPrefix("       ")
            return !isUsage
        }
        let help = "  See 'vtlua --help'"
        return lines.map { line in
            if line.hasPrefix(help) {
                return "  See '\(words) --help'" + line.dropFirst(help.count)
            }
            return line.hasPrefix("Error: ")
                ? "error: " + line.dropFirst(7) + advice(line)
                : line.hasPrefix("Help:  ") ? "  " + line.dropFirst(7) : String(line)
        }.joined(separator: "\n")
    }

    /// The end of a message about arguments that belong to `-p`.
    private static func advice(_ line: Substring) -> String {
        let takeParameters = ["run", "sweep", "check", "plan", "graph"]
        guard let command = CommandLine.arguments.dropFirst().first,
            takeParameters.contains(command)
        else { return "" }
        let words = line.split(separator: "'", omittingEmptySubsequences: false)
        guard words.count > 1, line.firstRange(of: "nexpected argument") != nil else { return "" }
        if words[1] == "step" { return "; quote a range with a step: -p 'x=0..1 step 0.25'" }
        return words[1].contains("=") ? "; to set a parameter, write -p '\(words[1])'" : ""
    }

    /// Prints the error, or the requested help, and ends the process. Wrong usage exits with 2.
    ///
    /// - Parameter words: the full name of the command, for the hint to its help.
    static func end(with error: any Error, in words: String = "vtlua") -> Never {
        let code = exitCode(for: error)
        let text = fullMessage(for: error)
        if code == .success {
            if !text.isEmpty { StandardStreams.write(text + "\n") }
        } else if !text.isEmpty {
            StandardStreams.report(brief(text, words), as: nil)
        }
        VTSystem.exit(code == .validationFailure ? 2 : code.rawValue)
    }
}
