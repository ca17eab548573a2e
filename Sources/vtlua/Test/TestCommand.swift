// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaTooling
import VTParallel
import VTRuntime
import VTSystem

/// `vtlua test`
struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run specs: *_spec.lua files that use describe, it and expect.",
        discussion: """
            Each file runs in its own process. Exits with 0 when all tests passed, with 1 when a \
            test failed, and with 2 when there was nothing to run.
            """)

    @Argument(
        help: "The files or directories to test. Default: the current directory.",
        completion: .file(extensions: ["lua"]))
    var paths: [String] = []

    @Option(
        name: [.short, .customLong("jobs")],
        help: ArgumentHelp(
            "Run up to N files at once. Default: one for each core.", valueName: "n"))
    var jobs: Int?

    @Option(help: ArgumentHelp("Run only tests whose name matches.", valueName: "pattern"))
    var filter: String?

    @Flag(help: "Stop after the first failure.")
    var failFast = false

    @Option(help: ArgumentHelp("Stop a file after S seconds.", valueName: "s"))
    var timeout = 300.0

    @Flag(help: "Print the results as TAP.")
    var tap = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(
        help: ArgumentHelp("Also write the results to this file as JUnit XML.", valueName: "file"),
        completion: .file())
    var junit: String?

    /// In a spec's process: the process id of the parent.
    @Option(help: .hidden)
    var parent: Int32?

    func validate() throws {
        if tap, json { throw ValidationError("--tap and --json cannot be combined") }
        if let jobs, jobs < 1 { throw ValidationError("-j must be at least 1, got \(jobs)") }
        guard timeout > 0 else {
            throw ValidationError("--timeout must be positive, got \(timeout)")
        }
    }

    func run() throws {
        if let parent, let path = paths.first {
            throw ExitCode(
                SpecRun.run(
                    path, filter: filter, failFast: failFast, parent: parent, options: .ofProgram()
                ) { report("\($0)\n") })
        }
        throw ExitCode(try runAll())
    }

    private func runAll() throws -> Int32 {
        let files: [String]
        do {
            if let filter, let mistake = LuaPattern.mistake(in: filter) {
                report(
                    "error: --filter '\(filter)': \(mistake); it is a pattern of Lua, in which % "
                        + "before a sign makes it stand for itself\n")
                return 2
            }
            files = try SpecFiles.find(paths)
        } catch {
            report("error: \(error)\n")
            return 2
        }
        let signals = Signals.cancelling()
        let began = Clock.now
        let queue = SpecQueue(
            files: files, width: jobs ?? Processors.count, timeout: timeout, failFast: failFast,
            arguments: arguments(for:))
        let out: any TestReport
        if tap {
            out = TAPReport()
        } else if json {
            out = JSONTestReport()
        } else {
            out = TextReport(ofMany: files.count > 1)
        }
        var tests = 0
        let results = try queue.run { result in
            tests += result.tests.count
            try out.add(result)
        }
        if Signals.hasArrived {
            // The thread that receives signals stores it a moment later.
            for _ in 0..<1000 where signals.exitCode == nil { usleep(1000) }
            report(
                "\(signals.name ?? "interrupted"): \(results.count) of \(files.count) files were "
                    + "tested\n")
            return signals.exitCode ?? 130
        }
        if tests == 0 {
            report("error: \(nothing)\n")
            return 2
        }
        try out.finish(results, after: Clock.seconds(since: began))
        if let junit { try write(JUnit.text(of: results), to: junit) }
        return results.contains(where: \.hasFailed) ? 1 : 0
    }

    private var nothing: String {
        filter.map { "no test matches '\($0)'; to list the names, run: vtlua test --json" }
            ?? "these files contain no tests; write it(\"adds\", function() ... end)"
    }

    private func arguments(for file: String) -> [String] {
        ["test", "--parent", "\(getpid())"] + (failFast ? ["--fail-fast"] : [])
            + (filter.map { $0.isEmpty ? [] : ["--filter=\($0)"] } ?? []) + ["--", file]
    }

    private func write(_ text: String, to path: String) throws {
        guard let reason = writeFile(text, to: path) else { return }
        report("error: cannot write '\(path)': \(reason)\n")
        throw ExitCode(2)
    }
}
