// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTSystem

extension Interpreter {
    /// Runs a plan.
    ///
    /// A failure of a module is not thrown: the result has it.
    ///
    /// - Throws: an error of the run as a whole: it was cancelled, or the Lua state has failed.
    public func run(
        _ plan: Plan, of workflow: String, options: Options = Options(),
        in environment: RunEnvironment = RunEnvironment(), _ lua: borrowing Lua
    ) throws -> RunResult {
        let outer = runningEnvironment
        runningEnvironment = environment
        defer { runningEnvironment = outer }
        // A run inside a module's compute is part of the run around it.
        if current == nil {
            cache.beginRun()
            Self.removeLeftovers
        }
        let run = try Run(
            plan: plan, id: try newID(environment), workflow: workflow, options: options,
            environment: environment, interpreter: self, lua)
        let outerScope = scope
        scope = run.scope
        defer { scope = outerScope }
        // Without observers, durations are not needed.
        let known =
            environment.observers.isEmpty || !options.estimates
            ? [:] : try environment.store?.use { try $0.durations(ofNodesIn: workflow) } ?? [:]
        let expected: [String: Duration] = Dictionary(
            uniqueKeysWithValues: plan.steps.compactMap { step in
                known[step.name].map { (step.name, .seconds($0)) }
            })
        hasRun = true
        let began = Clock.now
        try run.beginRecord(lua)
        environment.report(
            .runStarted(
                run: run.id, workflow: workflow, modules: plan.steps.count, expected: expected))
        do {
            if Schedule.isNeeded(for: run) {
                try Schedule(run).computeAll(lua)
            } else {
                try run.computeAll(lua)
            }
            try run.readOutputs(lua)
            try run.closeViews(lua)
        } catch {
            run.terminateViews()
            let code = (error as? LuaError)?.code
            let status: RunStatus = code == .cancelled || code == .timedOut ? .cancelled : .failed
            try run.endRecord(status, Clock.seconds(since: began))
            environment.report(
                .runFinished(
                    run: run.id, status: status, duration: .seconds(Clock.seconds(since: began))))
            throw error
        }
        let hasFailed = run.records.contains { $0.status == .failed && !$0.isReplaced }
        let isSuspended = run.records.contains { $0.status == .suspended }
        let status: RunStatus = hasFailed ? .failed : isSuspended ? .suspended : .done
        let seconds = Clock.seconds(since: began)
        try run.endRecord(status, seconds)
        environment.report(.runFinished(run: run.id, status: status, duration: .seconds(seconds)))
        return RunResult(
            run: run.id, workflow: workflow, status: status, seconds: seconds,
            modules: run.records, outputs: try run.takeOutputs(lua),
            files: run.made.mapValues(\.result),
            watched: run.keys?.names.watched ?? [])
    }

    /// Removes, once in a process, the scratch directories of runs that were killed.
    private static let removeLeftovers: Void = Leftovers.removeScratch(
        in: Leftovers.temporaryDirectory)

    /// Makes the identifier of a run: four or more letters and digits that are not mistaken for
    /// each other. No run on record has it.
    package func newID(_ environment: RunEnvironment) throws -> String {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        var length = 4
        while true {
            let id = String((0..<length).map { _ in alphabet[Int.random(in: alphabet.indices)] })
            if try environment.store?.use({ try $0.reserve(run: id) }) ?? true { return id }
            length = min(8, length + 1)
        }
    }

    /// Predicts what a run would do with each node, without running anything.
    public func forecast(
        _ plan: Plan, of workflow: String, options: Options = Options(),
        in environment: RunEnvironment = RunEnvironment(), _ lua: borrowing Lua
    ) throws -> [Forecast] {
        cache.beginRun()
        let run = try Run(
            plan: plan, id: "", workflow: workflow, options: options,
            environment: environment, interpreter: self, lua)
        return try plan.steps.indices.map { index in
            if run.demand != nil { try run.chooseBranches(lua) }
            let forecast = try run.forecast(index, lua)
            if forecast.state == .cached || forecast.state == .notNeeded { run.demand?.end(index) }
            return forecast
        }
    }
}
