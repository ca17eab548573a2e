// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaBridge
import VTLuaTooling
import VTRuntime
import VTSystem
import VTWorkflow

/// `vtlua repl`
struct ReplSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repl", abstract: "Start an interactive prompt.",
        discussion: """
            Local variables persist, values are printed, Tab completes. At the prompt, `:help` \
            lists the commands. Without a terminal it runs the entries of standard input, and \
            exits with 1 when one of them failed.
            """)

    @Argument(
        help: ArgumentHelp("The scripts to run first, as :load does.", valueName: "file"))
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "Answer yes or no to offers to start a cluster.",
            valueName: "yes|no"))
    var ask: ClusterAnswers.Policy?

    func validate() throws {
        for file in files {
            var about = stat()
            guard stat(file, &about) == 0 else {
                throw ValidationError(
                    "cannot read '\(file)': \(String(cString: strerror(errno)))")
            }
            if about.st_mode & S_IFMT == S_IFDIR {
                throw ValidationError("'\(file)' is a directory; give the files of scripts")
            }
        }
    }

    func run() throws {
        var options = Runtime.Options.ofProgram(ask: ask)
        options.store = StorePlace()
        let runtime = try Runtime(options)
        let code = try runtime.run { lua in
            runtime.workspace.enter(directory: ".")
            return try Repl.start(in: runtime, files: files, showsBanner: true, lua)
        }
        throw ExitCode(code)
    }
}

extension Repl {
    /// Runs a prompt on the standard streams and returns the exit code.
    static func start(
        in runtime: Runtime, files: [String] = [], showsBanner: Bool, _ lua: borrowing Lua
    ) throws -> Int32 {
        let session = Session(workspace: runtime.workspace)
        let console = Console.ofStandardStreams()
        let repl = Repl(session: session, workspace: runtime.workspace, console: console)
        try Breakpoint.offer(in: runtime.workspace, lua)
        if showsBanner, console != nil {
            repl.show(Version.line + "\n:help lists the commands")
        }
        for file in files { _ = try repl.perform(":load \(file)", lua) }
        let end = try repl.run(lua)
        let errors = session.end(lua)
        for error in errors { repl.showError(error) }
        guard case .exit(let code) = end else { return 0 }
        let isSeen = console != nil || isatty(STDIN_FILENO) == 1
        return code == 0 && !errors.isEmpty && !isSeen ? 1 : code
    }
}
