// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaBridge
import VTRuntime
import VTSystem
import VTWorkflow

/// `vtlua sweep`
struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Run a workflow for many values of its parameters.",
        discussion: """
            Each combination of values is a run on record. Values are separated by commas outside \
            quotes and brackets: -p radius=1,2,5. A range is 1..5 or 0..1 step 0.25; @file has one \
            value a line. What combinations share is computed once, and results of an earlier \
            sweep are used again. A table of parameters and outputs goes to standard output. Exit \
            codes are those of `vtlua run`.
            """)

    @Argument(
        help: ArgumentHelp("The workflow's script.", valueName: "flow.lua"),
        completion: .file(extensions: ["lua"]))
    var flow: String

    @Option(
        name: [.customShort("p"), .customLong("param")],
        help: ArgumentHelp("Set the values of a parameter.", valueName: "name=values"))
    var assignments: [String] = []

    @Option(
        name: .customLong("params"),
        help: ArgumentHelp(
            "Read parameters that all combinations share from a JSON or Lua file.",
            valueName: "file"),
        completion: .file(extensions: ["json", "lua"]))
    var parameterFile: String?

    @Flag(help: "Pair the values of parameters instead of combining them.")
    var zip = false

    @OptionGroup var shared: SweepOptions

    @Option(
        name: .customShort("j", allowingJoined: true),
        help: ArgumentHelp("Run up to N combinations at once, each in a process.", valueName: "n"))
    var maxWorkers: Int?

    @Option(
        help: ArgumentHelp(
            "Run one combination for each processor, or one for each engine of the default profile's "
                + "cluster, whose engines compute the modules.",
            valueName: "processes|cluster"), completion: .list(["processes", "cluster"]))
    var on: String?

    @Flag(name: .shortAndLong, help: "Keep running combinations after one has failed.")
    var keepGoing = false

    @Flag(help: "Print the table as comma-separated values.")
    var csv = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if let maxWorkers, maxWorkers < 1 {
            throw ValidationError("-j must be at least 1, got \(maxWorkers)")
        }
        if assignments.isEmpty {
            throw ValidationError("there is nothing to vary; write -p name=values")
        }
        if csv, json { throw ValidationError("give either --csv or --json") }
        guard let on else { return }
        if on != "processes", on != "cluster" {
            throw ValidationError(
                "--on must be processes or cluster, got \(on)"
                    + suggestion(for: on, among: ["processes", "cluster"]))
        }
    }

    func run() throws {
        let results = ResultStream.takingStandardOutput()
        let signals = Signals.cancelling()
        let session = FlowSession(
            path: flow, results: results, store: shared.store.place, json: json, signals: signals)
        let code = session.run { runner, lua in
            let values = try assignments.map {
                try SweepValues(parsing: $0, for: runner.graph, lua)
            }
            try refuseRepeated(values)
            let combinations = try SweepCombination.all(of: values, zips: zip)
            let fixed = Parameters(file: parameterFile)
            _ = try fixed.values(for: runner.graph, isComplete: false, lua)
            let id = try runner.workspace.interpreter.newID(runner.environment)
            let sweep = Sweep(
                id: id, combinations: combinations, keepsGoing: keepGoing, signals: signals)
            let isOnCluster = on == "cluster"
            let places =
                isOnCluster
                ? try runner.workspace.useCluster(sharesEngines: false, lua) : Processors.count
            let workers = min(maxWorkers ?? (on == nil ? 1 : places), combinations.count)
            if workers > 1 {
                var arguments = try shared.arguments(flow: flow, sweep: id, parameterFile)
                if isOnCluster { arguments.append("--on-cluster") }
                try sweep.run(workers: workers, arguments) { row in
                    try runner.isOnRecord(row)
                }
            } else {
                var interpreter = SweepInterpreter(
                    runner, sweep: id, shared: fixed, targets: shared.targets,
                    options: shared.interpreterOptions)
                if isOnCluster { interpreter.options.place = .cluster }
                try sweep.run(by: interpreter, lua)
                interpreter.end()
            }
            let table = SweepTable(
                id: runner.store == nil ? nil : id, workflow: runner.graph.name,
                parameters: values.map(\.name), combinations: combinations, rows: sweep.rows)
            try results.write(json ? table.json.text + "\n" : csv ? table.csv : table.text)
            sweep.reportEnd(isOnRecord: runner.store != nil)
            return signals.exitCode ?? sweep.exitCode
        }
        throw ExitCode(code)
    }

    private func refuseRepeated(_ values: [SweepValues]) throws {
        var names: Set<String> = []
        for value in values where !names.insert(value.name).inserted {
            throw Parameters.Mistake(
                message: "parameter `\(value.name)` is given twice; separate values by commas")
        }
    }
}

/// The options of a sweep that its workers have, too.
struct SweepOptions: ParsableArguments {
    @Option(
        name: [.customShort("t"), .customLong("target")],
        help: ArgumentHelp(
            "Run only this node and its dependencies. Can be repeated.", valueName: "node"))
    var targets: [String] = []

    @Option(
        help: ArgumentHelp("Limit modules that set no timeout to S seconds.", valueName: "s"))
    var timeout: Double?

    @Option(
        help: ArgumentHelp(
            "Retry failed modules that set no retries up to N times.", valueName: "n"))
    var retries = 0

    @Flag(help: "Compute everything and store no results. The runs are still recorded.")
    var noCache = false

    @OptionGroup var store: StoreOption

    func validate() throws {
        if let timeout, !(timeout > 0) {
            throw ValidationError("--timeout must be positive, got \(timeout)")
        }
        if retries < 0 { throw ValidationError("--retries must be at least 0, got \(retries)") }
    }

    var interpreterOptions: Interpreter.Options {
        var options = Interpreter.Options()
        options.timeout = timeout.map { .seconds(min($0, 1e9)) }
        options.retries = retries
        options.usesCache = !noCache
        return options
    }

    /// The command line of a worker.
    func arguments(flow: String, sweep: String, _ file: String?) throws -> [String] {
        var arguments = ["sweep-worker", flow, "--sweep", sweep]
        for target in targets { arguments += ["-t", target] }
        if let timeout { arguments += ["--timeout", "\(timeout)"] }
        if retries > 0 { arguments += ["--retries", "\(retries)"] }
        if noCache { arguments.append("--no-cache") }
        if let given = store.store { arguments += ["--store", given] }
        if let file { arguments += ["--params", file] }
        return arguments
    }
}

/// `vtlua sweep-worker`: runs combinations that it reads from standard input, one a line.
struct SweepWorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep-worker", abstract: "Run combinations of a sweep.",
        shouldDisplay: false)

    @Argument var flow: String
    @Option var sweep: String
    @Option(name: .customLong("params")) var parameterFile: String?
    @OptionGroup var shared: SweepOptions
    @Flag var onCluster = false

    func run() throws {
        let results = ResultStream.takingStandardOutput()
        let signals = Signals.cancelling()
        let session = FlowSession(
            path: flow, results: results, store: shared.store.place, signals: signals)
        let code = session.run { runner, lua in
            var interpreter = SweepInterpreter(
                runner, sweep: sweep, shared: Parameters(file: parameterFile),
                targets: shared.targets, options: shared.interpreterOptions)
            if onCluster {
                interpreter.options.place = .cluster
                _ = try runner.workspace.useCluster(sharesEngines: true, lua)
            }
            let written = String(decoding: SweepRow.written, as: UTF8.self) + "\n"
            defer {
                interpreter.end()
                try? results.write(written)
            }
            // Where a row cannot be written, the command that reads the rows has ended.
            try interpreter.groupRuns { try? results.write(written) }
            while let line = readLine() {
                guard let message = try? JSON(parsing: Array(line.utf8)),
                    let combination = SweepCombination(message: message)
                else { return 2 }
                let row = try interpreter.run(combination, lua).message.text + "\n"
                try interpreter.exclusively { hasUnwrittenRuns in
                    try results.write(hasUnwrittenRuns ? row : row + written)
                }
            }
            return 0
        }
        throw ExitCode(code)
    }
}

extension SweepCombination {
    /// The combination as it is sent to a worker.
    var message: JSON {
        .object([
            ("number", .integer(number)),
            ("values", .array(values.map { .array([.string($0.name), .string($0.text)]) })),
        ])
    }

    init?(message: JSON) {
        guard let number = message["number"].int, let values = message["values"].array
        else { return nil }
        self.number = number
        self.values = values.compactMap { pair in
            guard let pair = pair.array, pair.count == 2, let name = pair[0].string,
                let text = pair[1].string
            else { return nil }
            return (name, text)
        }
    }
}
