// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc
import VTLuaBridge
import VTWorkflow

/// `vtlua SUBCOMMAND`: everything but the plain interpreter.
struct VTLua: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vtlua",
        abstract: "Workflows whose modules are Lua scripts, and Lua itself.",
        usage: """
            vtlua <subcommand>
            vtlua [-e code] [-l module] [-i] [-v] [-E] [-W] [-] [script [arguments]]
            """,
        discussion: """
            Without a subcommand it is the Lua interpreter, with lua's own options. A script \
            whose name is a subcommand is run as ./name.
            """,
        version: Version.line,
        subcommands: [
            RunCommand.self, CheckCommand.self, TestCommand.self, PlanCommand.self, WhyCommand.self,
            GraphCommand.self,
            LogCommand.self, ShowCommand.self, DiffCommand.self, ReportCommand.self,
            ExportCommand.self, CacheCommand.self, NewCommand.self, ReplSubcommand.self,
            DocCommand.self, CompletionCommand.self, KernelCommand.self,
            ClusterCommand.self, EngineCommand.self, DoctorCommand.self, VersionCommand.self,
        ])

    /// Runs what the command line asks for, and ends the process.
    static func start() -> Never {
        var words = "vtlua"
        do {
            let arguments = CommandLine.arguments
            if arguments[1] == "run", let request = RunRequest(plain: arguments.dropFirst(2)) {
                words = "vtlua run"
                Glibc.exit(try request.run())
            }
            var command = try named() ?? parseAsRoot()
            words = self.words(for: type(of: command)) ?? words
            try command.run()
        } catch {
            end(with: error, in: words)
        }
        Glibc.exit(0)
    }

    /// The subcommand that a misspelt word may mean.
    static func subcommand(near word: String) -> String? {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        return closest(to: word, among: names)
    }

    /// What calls the command: `vtlua cache gc`.
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

    /// The command of the first argument, if it can be parsed by itself: looking at all of them
    /// takes a millisecond. What is wrong with one is told by the whole.
    private static func named() -> (any ParsableCommand)? {
        let arguments = CommandLine.arguments.dropFirst()
        // The text of --help has the names of those above.
        let asksForHelp = arguments.contains { $0.hasPrefix("-h") || $0.hasPrefix("--h") }
        guard !asksForHelp, let name = arguments.first,
            let command = configuration.subcommands.first(where: {
                $0.configuration.commandName == name
            })
        else { return nil }
        return try? command.parseAsRoot(Array(arguments.dropFirst()))
    }

    /// What is wrong and where help is, without the whole usage.
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
                ? "error: " + line.dropFirst(7)
                : line.hasPrefix("Help:  ") ? "  " + line.dropFirst(7) : String(line)
        }.joined(separator: "\n")
    }

    /// Tells of the error, or gives the help that was asked for: 2 stands for a wrong usage.
    ///
    /// - Parameter words: what called the command that ran, whose help is named.
    static func end(with error: any Error, in words: String = "vtlua") -> Never {
        let code = exitCode(for: error)
        let text = fullMessage(for: error)
        if code == .success {
            if !text.isEmpty { StandardStreams.write(text + "\n") }
        } else if !text.isEmpty {
            StandardStreams.report(brief(text, words), as: nil)
        }
        Glibc.exit(code == .validationFailure ? 2 : code.rawValue)
    }
}
