// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTSystem
import VTWorkflow

/// `vtlua run`
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a workflow.",
        discussion: """
            Results go to standard output, everything else to standard error. Exit codes: 0 \
            success, 1 a module failed, 2 wrong usage, 3 the workflow is invalid and nothing ran, \
            5 the workers of a pool failed, 6 a module exceeded its time limit, 8 the work of a \
            module goes on after the run, 130 and 143 signals.
            """)

    @OptionGroup var input: FlowInput

    @Option(
        name: [.customShort("t"), .customLong("target")],
        help: ArgumentHelp(
            "Run only this node and its dependencies. Can be repeated.", valueName: "node"))
    var targets: [String] = []

    @Option(
        name: .customShort("j", allowingJoined: true),
        help: ArgumentHelp("Run up to N modules and tasks at once.", valueName: "n"))
    var maxWorkers: Int?

    @Flag(name: .shortAndLong, help: "Keep running nodes that do not depend on a failed one.")
    var keepGoing = false

    @Flag(
        name: [.customShort("n"), .long], help: "Show what would run, in order, and run nothing.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "Limit modules that set no timeout to S seconds.", valueName: "s"))
    var timeout: Double?

    @Option(
        help: ArgumentHelp(
            "Retry failed modules that set no retries up to N times.", valueName: "n"))
    var retries = 0

    @Option(help: "Select the form of progress on standard error.")
    var progress = ProgressStyle.auto

    @Option(
        help: ArgumentHelp(
            "Write every event and every parallel task as a line of JSON.",
            valueName: "file.jsonl"),
        completion: .file())
    var trace: String?

    @Option(
        help: ArgumentHelp(
            "Answer yes or no to offers to start a cluster.",
            valueName: "yes|no"))
    var ask: ClusterAnswers.Policy?

    @OptionGroup var store: StoreOption

    @Flag(help: "Compute everything and store no results. The run is still recorded.")
    var noCache = false

    @Option(
        help: ArgumentHelp(
            "Recompute this node, or all nodes with `all`.",
            valueName: "node"))
    var force: [String] = []

    @Option(
        name: .customLong("report"),
        help: ArgumentHelp(
            "Write the run as one HTML file when it has ended, even after an error.",
            valueName: "file"))
    var page: String?

    @Flag(help: "Open a prompt with the variables of a module that fails.")
    var replOnError = false

    @Flag(
        help: ArgumentHelp(
            "Run again when the workflow, its modules, its files or anything else that it depends on changes."
        ))
    var watch = false

    @Option(
        help: ArgumentHelp(
            "Run again every S seconds as long as the work of a module goes on.",
            valueName: "s"))
    var wait: Double?

    @Flag(help: "Print one JSON object: outputs and nodes.")
    var json = false

    @OptionGroup var sandbox: SandboxOptions

    func validate() throws {
        if let timeout, !(timeout > 0) {
            throw ValidationError("--timeout must be positive, got \(timeout)")
        }
        if let maxWorkers, maxWorkers < 1 {
            throw ValidationError("-j must be at least 1, got \(maxWorkers)")
        }
        if let wait, !(wait >= 0) {
            throw ValidationError("--wait must be at least 0, got \(wait)")
        }
        if sandbox.sandbox, watch { throw ValidationError("give either --sandbox or --watch") }
        if sandbox.sandbox, replOnError {
            throw ValidationError(
                "give either --sandbox or --repl-on-error: a sandboxed run has no terminal")
        }
        if watch, dryRun { throw ValidationError("give either --watch or --dry-run") }
        if retries < 0 { throw ValidationError("--retries must be at least 0, got \(retries)") }
    }

    func run() throws {
        var request = RunRequest(flow: input.flow)
        request.parameters = input.parameters
        request.targets = targets
        request.maxWorkers = maxWorkers
        request.options.jobs = maxWorkers ?? 1
        request.options.keepGoing = keepGoing
        request.options.timeout = timeout.map { .seconds(min($0, 1e9)) }
        request.options.retries = retries
        request.options.usesCache = !noCache
        request.isDryRun = dryRun
        request.progress = progress
        request.trace = trace
        request.ask = ask
        request.store = store.place
        request.forced = force
        request.page = page
        request.replOnError = replOnError
        request.json = json
        request.watches = watch
        request.wait = wait
        if sandbox.sandbox {
            guard let scratch = SandboxedRun.scratch else {
                if let page { _ = try RunReport(page) }
                let run = SandboxedRun(
                    options: sandbox, flow: request.flow, files: request.parameters.files,
                    store: dryRun ? nil : store.place, page: page)
                VTSystem.exit(run.run())
            }
            let parent = getenv(SandboxedRun.parent).flatMap { Int32(String(cString: $0)) }
            if let parent, !Sandbox.endWithParent(parent) { VTSystem.exit(1) }
            request.sandbox = sandbox
            request.scratch = scratch
        }
        VTSystem.exit(try request.run())
    }
}
