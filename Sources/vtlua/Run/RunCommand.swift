// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc
import VTWorkflow

/// `vtlua run`
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a workflow.",
        discussion: """
            Results go to standard output, everything else to standard error. Exit codes: 0 done, \
            1 a module failed, 2 usage, 3 the workflow is invalid and nothing ran, 5 the workers of \
            a pool failed, 6 a time limit, 130 and 143 signals.
            """)

    @OptionGroup var input: FlowInput

    @Option(
        name: [.customShort("t"), .customLong("target")],
        help: ArgumentHelp("Run only this node and what it depends on.", valueName: "node"))
    var targets: [String] = []

    @Option(
        name: .customShort("j", allowingJoined: true),
        help: ArgumentHelp("At most so many workers in a pool.", valueName: "n"))
    var mostWorkers: Int?

    @Flag(name: .shortAndLong, help: "Go on with what does not depend on a failed module.")
    var keepGoing = false

    @Flag(
        name: [.customShort("n"), .long], help: "Show what would run, in order, and run nothing.")
    var dryRun = false

    @Option(
        help: ArgumentHelp("Seconds for modules that set no limit of their own.", valueName: "s"))
    var timeout: Double?

    @Option(help: ArgumentHelp("More attempts for modules that set none.", valueName: "n"))
    var retries = 0

    @Option(help: "How to show progress on standard error.")
    var progress = ProgressStyle.auto

    @Option(
        help: ArgumentHelp(
            "Write every event, and every parallel task, as a line of JSON.",
            valueName: "file.jsonl"),
        completion: .file())
    var trace: String?

    @Option(
        help: ArgumentHelp(
            "What to answer when a module asks for a cluster and there is none.",
            valueName: "yes|no"))
    var ask: ClusterAnswers.Policy?

    @OptionGroup var store: StoreOption

    @Flag(help: "Compute everything, and keep no result. The run is on record all the same.")
    var noCache = false

    @Option(
        help: ArgumentHelp(
            "Compute this node again, or `all` of them, and keep the new results.",
            valueName: "node"))
    var force: [String] = []

    @Option(
        name: .customLong("report"),
        help: ArgumentHelp(
            "Write the run as one HTML file when it is over, however it ended.", valueName: "file"))
    var page: String?

    @Flag(help: "When a module fails, open a prompt with its variables.")
    var replOnError = false

    @Flag(help: "Print one JSON object: outputs and nodes.")
    var json = false

    func validate() throws {
        if let timeout, !(timeout > 0) {
            throw ValidationError("--timeout takes a positive number")
        }
        if let mostWorkers, mostWorkers < 1 { throw ValidationError("-j takes 1 or more") }
        if retries < 0 { throw ValidationError("--retries takes 0 or more") }
    }

    func run() throws {
        var request = RunRequest(flow: input.flow)
        request.parameters = input.parameters
        request.targets = targets
        request.mostWorkers = mostWorkers
        request.options.keepGoing = keepGoing
        request.options.timeout = timeout
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
        Glibc.exit(try request.run())
    }
}
