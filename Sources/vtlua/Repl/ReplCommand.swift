// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc
import VTLuaBridge
import VTRuntime
import VTWorkflow

/// `vtlua repl`
struct ReplSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repl", abstract: "Talk to Lua: type code, see what it gives.",
        discussion: """
            Local variables live on, tables are printed, Tab completes. `:help` at the prompt says \
            more. Without a terminal it runs what it reads, and exits with 1 when some of it failed.
            """)

    @Argument(
        help: ArgumentHelp("Scripts to run first, as :load does.", valueName: "file"))
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "What to answer when a cluster is asked for and there is none.",
            valueName: "yes|no"))
    var ask: ClusterAnswers.Policy?

    func run() throws {
        var settings = Runtime.Options()
        settings.answer = ClusterAnswers.answering(ask)
        let runtime = try Runtime(settings)
        let code = try runtime.run { lua in
            runtime.workspace.enter(directory: ".")
            return try Repl.start(in: runtime, files: files, greets: true, lua)
        }
        throw ExitCode(code)
    }
}

extension Repl {
    /// A prompt on the program's own streams; gives the exit code.
    static func start(
        in runtime: Runtime, files: [String] = [], greets: Bool, _ lua: borrowing Lua
    ) throws -> Int32 {
        let session = Session(workspace: runtime.workspace)
        let console = Console.ofStandardStreams()
        let repl = Repl(session: session, workspace: runtime.workspace, console: console)
        try Breakpoint.offer(in: runtime.workspace, lua)
        if greets, console != nil {
            repl.show(Version.line + "\n:help says what can be typed here")
        }
        for file in files { _ = try repl.perform(":load \(file)", lua) }
        let end = try repl.run(lua)
        for error in session.end(lua) { repl.tell(error) }
        if case .exit(let code) = end { return code }
        return 0
    }
}
