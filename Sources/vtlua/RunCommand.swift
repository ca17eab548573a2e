// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import LuaBridge
import VTRuntime
import Workflow

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
        let trace = try openTrace()
        defer { trace?.finish() }
        let postMortem = replOnError ? try PostMortem() : nil
        let results = ResultStream.takingStandardOutput()
        let signals = Signals.cancelling()
        let session = FlowSession(
            path: input.flow, results: results, store: dryRun ? nil : store, json: json,
            signals: signals, mostWorkers: mostWorkers, ask: ask)
        let reporting = dryRun ? nil : try page.map(RunReport.init)
        let code = session.run { runtime, flow, lua in
            let plan = try input.plan(flow, targets: targets, lua)
            if dryRun { return try show(plan, of: flow, on: results) }
            if let trace {
                runtime.workspace.interpreter.observers.append { trace.write($0) }
            }
            reporting?.observe(runtime, flow)
            return try run(plan, of: flow, runtime, results, postMortem, lua)
        }
        let isWritten = reporting?.write() ?? true
        throw ExitCode(code == 0 && !isWritten ? 1 : code)
    }

    private func openTrace() throws -> Trace? {
        do {
            return try trace.map { try Trace($0) }
        } catch let error as WorkflowError {
            report("error: \(error.message)\n")
            throw ExitCode(2)
        }
    }

    private func run(
        _ plan: Plan, of flow: FlowFile, _ runtime: Runtime, _ results: ResultStream,
        _ postMortem: PostMortem?, _ lua: borrowing Lua
    ) throws -> Int32 {
        var options = Interpreter.Options()
        options.keepGoing = keepGoing
        options.timeout = timeout
        options.retries = retries
        options.usesCache = !noCache
        let nodes = plan.steps.map(\.name)
        for name in force where name != "all" && !nodes.contains(name) {
            throw UnknownNode(name: name, known: nodes)
        }
        options.forced = Set(force.contains("all") ? nodes : force)
        let display = progress.display(total: plan.steps.count)
        runtime.workspace.interpreter.observers.append { display.show($0) }
        defer { display.finish() }
        runtime.workspace.beforePrompt = { display.finish() }
        runtime.workspace.tell = { display.say($0) }
        postMortem?.watch(runtime.workspace.interpreter, lua)
        let result = try runtime.workspace.interpreter.run(
            plan, of: flow.graph.name, options: options, lua)
        display.finish()
        if json {
            try results.write(result.json(lua))
        } else {
            try results.write(result.outputLines(lua))
        }
        let failures = result.modules.compactMap(\.failure)
        let isOnRecord = runtime.workspace.interpreter.store != nil
        for failure in failures {
            report(
                ErrorLayout.text(failure, next: isOnRecord ? result.next(after: failure) : nil))
        }
        if let postMortem, let failure = failures.first {
            try postMortem.open(failure, in: runtime.workspace, lua)
        }
        let codes = Set(failures.map(\.exitCode))
        return codes.count > 1 ? 1 : codes.first ?? 0
    }

    private func show(_ plan: Plan, of flow: FlowFile, on results: ResultStream) throws -> Int32 {
        if json {
            let steps = plan.steps.map { step in
                JSON.object([
                    ("name", .string(step.name)), ("module", .string(step.definition.title)),
                ])
            }
            let object = JSON.document([
                ("workflow", .string(flow.graph.name)),
                ("status", .string("planned")), ("nodes", .array(steps)),
            ])
            try results.write(object)
            return 0
        }
        let width = plan.steps.map(\.name.count).max() ?? 0
        for (index, step) in plan.steps.enumerated() {
            let name = step.name.padded(to: width)
            try results.write("\(index + 1)  \(name)  \(step.definition.title)\n")
        }
        return 0
    }
}

extension ModuleFailure {
    fileprivate var exitCode: Int32 {
        if timedOut { return 6 }
        return task.map(\.isOfWorkers) ?? false ? 5 : 1
    }
}

extension RunResult {
    /// What is cached, and where all of it is: in a line.
    fileprivate func next(after failure: ModuleFailure) -> String {
        let done = modules.filter { $0.status == .computed || $0.status == .cached }
        let kept = done.filter(\.isKept).map { "`\($0.node)`" }
        var text = ""
        if !kept.isEmpty {
            let names = kept.count > 3 ? "\(kept.count) modules" : kept.joined(separator: ", ")
            text = "\(names) \(kept.count == 1 ? "is" : "are") cached"
            if kept.count == done.count { text += "; a new run starts at `\(failure.node)`" }
            text += ".   "
        }
        return text + "vtlua show \(run)/\(failure.node) for the full traceback"
    }

    /// A line for each output: `name = value`; a short list or table as JSON, a long one in a few
    /// words.
    fileprivate func outputLines(_ lua: borrowing Lua) throws -> String {
        var text = ""
        for (name, value) in outputs {
            guard let value else { continue }
            try lua.push(value)
            defer { lua.pop() }
            text += "\(name) = \(lua.outputText(at: -1))\n"
        }
        return text
    }
}

extension Lua {
    /// The value at `index` as `run` and `show` print it.
    func outputText(at index: Int) -> String {
        switch type(at: index) {
        case .string: return text(at: index) ?? ""
        case .table where rawLength(at: index) <= 20:
            let bounds = LuaValue.Bounds(depth: 3, pairs: 40)
            let json = JSON(LuaValue(lua: self, at: index, bounds: bounds)).text
            return json.count <= 80 && !json.contains("...") ? json : brief(at: index)
        default: return brief(at: index)
        }
    }
}
