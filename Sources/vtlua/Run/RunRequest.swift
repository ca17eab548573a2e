// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaBridge
import VTLuaTooling
import VTRuntime
import VTSystem
import VTWorkflow

/// The parsed arguments of `vtlua run`.
struct RunRequest {
    /// The workflow's script.
    var flow: String
    var parameters = Parameters()
    /// The nodes to run with their dependencies; empty for all nodes.
    var targets: [String] = []
    /// The maximum number of workers in a pool.
    var maxWorkers: Int?
    /// The run's options without the forced nodes, whose names are known only from the plan.
    var options = Interpreter.Options()
    var forced: [String] = []
    var isDryRun = false
    var progress = ProgressStyle.auto
    /// The path of the trace.
    var trace: String?
    var ask: ClusterAnswers.Policy?
    var store = StorePlace()
    /// The path of the report.
    var page: String?
    var replOnError = false
    var json = false
    /// True to run again whenever something changes that the run depends on.
    var watches = false
    /// The number of seconds after which a run with suspended modules starts again; nil: it does not.
    var wait: Double?

    /// The rights of a run that is not trusted; nil: it is not restricted.
    var sandbox: SandboxOptions?
    /// The scratch directory of such a run.
    var scratch = ""

    init(flow: String) { self.flow = flow }

    /// Runs the workflow and reports its progress and results.
    ///
    /// - Returns: the exit code.
    /// - Throws: `ValidationError` or `ExitCode` when the run cannot start.
    func run() throws -> Int32 {
        let results = ResultStream.takingStandardOutput()
        let signals = Signals.cancelling()
        if watches { return try watch(results, signals) }
        var child: SandboxChild?
        while true {
            let code = try run(results, signals, in: &child) { _ in }
            guard let wait, code == 8 else { return code }
            let end = Clock.now + Int64(wait * 1e9)
            report("waiting \(Format.duration(wait)); to stop, press Ctrl-C\n")
            while Clock.now < end {
                if let code = signals.exitCode { return code }
                usleep(20_000)
            }
        }
    }

    /// Runs the workflow once.
    ///
    /// - Parameters:
    ///   - child: the sandbox of this process, which is made before the first run.
    ///   - watch: receives the files that the run depends on, if ``watches`` is set.
    func run(
        _ results: ResultStream, _ signals: Signals, in child: inout SandboxChild?,
        watch: (WatchedFiles) -> Void
    ) throws -> Int32 {
        let trace = try openTrace()
        defer { trace?.finish() }
        let postMortem = replOnError ? try PostMortem() : nil
        var session = FlowSession(
            path: self.flow, results: results, store: isDryRun ? nil : store, json: json,
            signals: signals, maxWorkers: maxWorkers, ask: ask)
        // The report of a sandboxed run is written by its parent.
        let reporting = isDryRun || sandbox != nil ? nil : try page.map(RunReport.init)
        if let sandbox, child == nil { child = try restrict(to: sandbox) }
        session.sandbox = child
        let sandboxed = child
        let code = session.run { runner, lua in
            let plan = try runner.plan(parameters, targets: targets, lua)
            if isDryRun { return try show(plan, of: runner.graph, on: results) }
            if let trace { runner.environment.observers.append { trace.write($0) } }
            reporting?.observe(&runner)
            if page != nil { sandboxed?.record(&runner) }
            return try run(plan, by: &runner, results, postMortem, watch, sandboxed, lua)
        }
        let isWritten = reporting?.write() ?? true
        return code == 0 && !isWritten ? 1 : code
    }

    private func restrict(to sandbox: SandboxOptions) throws -> SandboxChild {
        do {
            return try SandboxChild(
                sandbox, flow: flow, files: parameters.files,
                scratch: scratch, store: isDryRun ? nil : store.directory(beside: flow),
                records: page != nil && !isDryRun)
        } catch let error as WorkflowError {
            report("error: \(error.message)\n")
            throw ExitCode(2)
        }
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
        _ plan: Plan, by runner: inout FlowRunner, _ results: ResultStream,
        _ postMortem: PostMortem?, _ watch: (WatchedFiles) -> Void, _ sandboxed: SandboxChild?,
        _ lua: borrowing Lua
    ) throws -> Int32 {
        var options = options
        options.watches = watches
        let nodes = plan.steps.map(\.name)
        for name in forced
        where name != "all" && !nodes.contains(name)
            && ElementName(name).map(plan.hasElements) != true
        {
            throw UnknownNode(name: name, known: nodes)
        }
        options.forced = Set(forced.contains("all") ? nodes : forced)
        let display = progress.display(total: plan.steps.count)
        options.estimates = trace != nil || display.estimates
        runner.environment.observers.append { display.show($0) }
        defer { display.finish() }
        runner.workspace.beforePrompt = { display.finish() }
        runner.workspace.warn = { display.write("warning: \($0)\n") }
        postMortem?.watch(&runner, lua)
        let result = try runner.run(plan, options: options, lua)
        display.finish()
        if watches { watch(WatchedFiles(result, runner)) }
        let isWritten = try write(result, of: plan, on: results, lua)
        if !json, runner.environment.store?.isUsable ?? false { report(result.cachingNotes) }
        let failures = result.modules.filter { !$0.isReplaced }.compactMap(\.failure)
        let isOnRecord = runner.environment.store?.isUsable ?? false
        for failure in failures {
            report(
                ErrorLayout.text(failure, next: isOnRecord ? result.next(after: failure) : nil))
        }
        sandboxed?.explain(failures)
        if let postMortem, let failure = failures.first {
            try postMortem.open(failure, in: runner.workspace, lua)
        }
        for record in result.modules where record.status == .suspended {
            let handle = record.skippedBecauseOf.map { " (\($0.escapedForTerminal))" } ?? ""
            report("suspended: `\(record.node)`\(handle)\n")
        }
        if failures.isEmpty, result.status == .suspended { return isWritten ? 8 : 1 }
        let codes = Set(failures.map(\.exitCode))
        return codes.count > 1 ? 1 : codes.first ?? (isWritten ? 0 : 1)
    }

    /// Returns false, after a message, if an output cannot be written as JSON.
    private func write(
        _ result: RunResult, of plan: Plan, on results: ResultStream, _ lua: borrowing Lua
    ) throws -> Bool {
        guard json else {
            try results.write(bytes: result.outputLines(of: plan, lua))
            return true
        }
        do {
            try results.write(result.json(of: plan, lua))
            return true
        } catch let refusal as JSON.Refusal {
            report("error: --json: output \(refusal)\n")
            return false
        }
    }

    private func show(_ plan: Plan, of graph: Graph, on results: ResultStream) throws -> Int32 {
        if json {
            let steps = plan.steps.map { step in
                JSON.object([
                    ("name", .string(step.name)), ("module", .string(step.definition.title)),
                ])
            }
            let object = JSON.document([
                ("workflow", .string(graph.name)),
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

extension Parameters {
    /// The files that the command line names: of all parameters, and of single ones (`name=@FILE`).
    var files: [String] {
        let named = assignments.compactMap { assignment -> String? in
            guard let start = assignment.firstRange(of: "=@") else { return nil }
            return String(assignment[start.upperBound...])
        }
        return [file].compactMap { $0 } + named
    }
}
