// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import VTLuaBridge
internal import VTParallel
internal import VTSystem

/// A run in progress.
final class Run {
    let plan: Plan
    let id: String
    let workflow: String
    let options: Interpreter.Options
    let environment: RunEnvironment
    unowned let interpreter: Interpreter

    private(set) var records: [ModuleRecord] = []
    /// The table of outputs of each step; nil before the step has a result, and for a stored result
    /// that nothing has read yet.
    var outputs: [LuaReference?]
    /// Stored results that nothing has read yet.
    var unread: [Int: StoredResult]
    /// The elements of steps whose stored results nothing has read yet.
    var unreadElements: [Int: ElementComputation] = [:]
    /// The keys of the steps; nil if results are neither used nor kept.
    let keys: StepKeys?
    private(set) var done = 0
    /// The usage of the process when the current step started to compute; nil before that.
    var usage: ProcessUsage?
    /// The peak memory of the process, in bytes.
    var peak = 0
    /// The lengths and digests of the current step's outputs as CBOR, by the names of the ports, as
    /// far as they are known before the step is recorded.
    var outputDigests: [String: (size: Int, digest: Digest)] = [:]
    lazy var recorder = ValueRecorder { [keys] bytes in
        keys?.names.digest(bytes) ?? Digest(bytes: [])
    }
    private(set) lazy var libraries = LoadedLibraries(environment.store)
    /// False for a run that a module has started in `compute`: it is part of the outer run.
    let isOutermost: Bool
    /// The changes of scripts and modules to the environment.
    var environmentState = EnvironmentState()
    /// The time that was spent to check whether modules change their inputs, in nanoseconds.
    var checkingTime: Int64 = 0
    let began = Clock.now
    /// The files that modules of this run have made, each with the node.
    var makers: [[UInt8]: String] = [:]
    /// Sets of observations that were read from the store.
    var observationSets: [[UInt8]: [Observation]] = [:]
    /// The views whose workers compute modules, by their places.
    var views: [Place: View] = [:]
    /// The events of a step that is not the next on record; nil: they are reported at once.
    private var buffer: [RunEvent]?
    var travelCheck: TravelCheck?
    /// The reasons why stored results were not used, for the plan.
    var missReasons: [Int: String] = [:]
    /// The keys of the steps that this run computes and other runs wait for.
    var leases: [Int: Digest] = [:]
    /// The times since when steps wait for other runs, in seconds since 1970.
    var waitingSince: [Int: Double] = [:]

    init(
        plan: Plan, id: String, workflow: String, options: Interpreter.Options,
        environment: RunEnvironment, interpreter: Interpreter, _ lua: borrowing Lua
    ) throws {
        self.plan = plan
        self.id = id
        self.workflow = workflow
        isOutermost = interpreter.current == nil
        self.options = options
        self.environment = environment
        self.interpreter = interpreter
        outputs = Array(repeating: nil, count: plan.steps.count)
        unread = [:]
        records.reserveCapacity(plan.steps.count)
        guard options.usesCache else {
            keys = nil
            return
        }
        let store = environment.store
        let names = PersistentNames(
            hasher: store?.store ?? PlainHasher(), directory: store?.directory ?? "",
            log: interpreter.accessLog)
        let observer = try Observer(
            names, interpreter.cache.identities, find: interpreter.findModule, lua)
        keys = try StepKeys(
            of: plan, cache: interpreter.cache, version: store?.version ?? "", observer: observer,
            usesStore: store?.isUsable ?? false, lua)
    }

    func computeAll(_ lua: borrowing Lua) throws {
        defer { releaseLeases() }
        if Schedule.isNeeded(for: self) { return try Schedule(self).computeAll(lua) }
        var stopped: String?
        for index in plan.steps.indices {
            try lua.checkCancellation()
            let step = plan.steps[index]
            let started = beginStep()
            var record: ModuleRecord
            if let cause = stopped ?? failedDependency(of: step) {
                record = self.record(step, .skipped, because: cause)
            } else {
                reportStart(of: index)
                record = try computeAlone(index, since: started, lua)
                if record.status == .failed, !options.keepGoing { stopped = step.name }
            }
            try write(record, at: index, since: started, lua)
        }
    }

    func reportStart(of index: Int) {
        let step = plan.steps[index]
        environment.report(
            .moduleStarted(node: step.name, module: step.definition.title, position: index))
    }

    /// Computes a step on the interpreter while no other does.
    ///
    /// - Parameter waits: false to throw ``HeldElsewhere`` while another run computes the step.
    func computeAlone(
        _ index: Int, since started: Double?, waits: Bool = true, _ lua: borrowing Lua
    ) throws -> ModuleRecord {
        let step = plan.steps[index]
        openLog(of: step)
        var calls: [CallRecord] = []
        do {
            var record = try compute(index, waits: waits, lua)
            calls = closeLog()
            record.calls = calls
            try complete(&record, at: index)
            try meetCancellation(lua)
            return record
        } catch let held as HeldElsewhere {
            _ = closeLog()
            throw held
        } catch {
            try noteInterrupted(step, at: index, since: started, calls + closeLog(), lua)
            throw error
        }
    }

    /// Adds to a record what is known when the step has ended, and lets other runs use its result.
    func complete(_ record: inout ModuleRecord, at index: Int) throws {
        record.isKept = record.status != .failed && isKept(index)
        if record.status != .failed { record.obstacle = keys?.record(of: index)?.obstacle }
        if !leases.isEmpty { try releaseLease(of: index, record) }
    }

    /// Adds the record of a step that has ended.
    func write(
        _ record: ModuleRecord, at index: Int, since started: Double?, _ lua: borrowing Lua
    ) throws {
        if record.status != .failed, record.status != .skipped { done += 1 }
        records.append(record)
        try addRecord(record, at: index, since: started, lua)
        environment.report(.moduleFinished(record))
    }

    /// Replaces the record of a step that was computed after all.
    func replaceRecord(_ record: ModuleRecord, at index: Int) {
        if records.indices.contains(index) { records[index] = record }
    }

    /// Starts the log of a step's parallel calls. Calls in an inner run belong to the outer module.
    private func openLog(of step: Plan.Step) {
        guard isOutermost else { return }
        interpreter.calls.open { [environment] progress in
            environment.report(.tasks(node: step.name, progress))
        }
    }

    private func closeLog() -> [CallRecord] { isOutermost ? interpreter.calls.close() : [] }

    /// Reports what a module has printed or logged, or its progress.
    func report(_ event: RunEvent) {
        switch event {
        case .printed, .logged:
            guard buffer == nil else {
                buffer?.append(event)
                return
            }
        default: break
        }
        environment.report(event)
    }

    /// Keeps what modules print and log from now on.
    func beginBuffering() { buffer = [] }

    /// Returns what was kept, and reports further events at once.
    func takeBuffer() -> [RunEvent] {
        defer { buffer = nil }
        return buffer ?? []
    }

    /// Calls `body` with the store; returns nil if there is none, or it has failed.
    func withStore<R>(_ body: (any ResultStore) throws -> R?) rethrows -> R? {
        try environment.store?.use(body)
    }

    /// Waits for a requested cancellation, at most one second.
    func meetCancellation(_ lua: borrowing Lua) throws {
        guard environment.isBeingStopped() else { return }
        for _ in 0..<1000 {
            try lua.checkCancellation()
            usleep(1000)
        }
    }

    private func failedDependency(of step: Plan.Step) -> String? {
        var missing: Int?
        step.forEachSource { source in
            if missing == nil, !hasResult(source.step) { missing = source.step }
        }
        return missing.map { records[$0].skippedBecauseOf ?? plan.steps[$0].name }
    }

    func isForced(_ step: Plan.Step) -> Bool { options.forced.contains(step.name) }

    func record(
        _ step: Plan.Step, _ status: ModuleRecord.Status, seconds: Double = 0, attempts: Int = 0,
        printed: String = "", annotations: [(key: String, value: LuaValue)] = [],
        failure: ModuleFailure? = nil, because cause: String? = nil
    ) -> ModuleRecord {
        ModuleRecord(
            node: step.name, module: step.definition.name, version: step.definition.version,
            status: status, seconds: seconds, attempts: attempts, printed: printed,
            annotations: annotations, failure: failure, skippedBecauseOf: cause)
    }

    /// Reads stored results that are outputs of the workflow. A damaged one is computed again.
    func readOutputs(_ lua: borrowing Lua) throws {
        for (_, source) in plan.outputs { _ = try table(of: source.step, lua) }
    }

    func takeOutputs(_ lua: borrowing Lua) throws -> [(name: String, value: LuaReference?)] {
        var values: [(name: String, value: LuaReference?)] = []
        for (name, source) in plan.outputs {
            guard hasResult(source.step) else {
                values.append((name, nil))
                continue
            }
            try pushOutput(source, lua)
            values.append((name, try lua.takeReference()))
        }
        return values
    }

    func pushOutput(_ source: Plan.StepOutput, _ lua: borrowing Lua) throws {
        guard let table = try table(of: source.step, lua) else { return try lua.pushNil() }
        let port = plan.steps[source.step].definition.outputs[source.output]
        try lua.push(table)
        try lua.pushRawField(port.name, of: -1)
        lua.remove(at: -2)
    }
}

// MARK: - One module

extension Run {
    /// True if a step has outputs.
    func hasResult(_ index: Int) -> Bool {
        outputs[index] != nil || unread[index] != nil || unreadElements[index] != nil
    }

    private func compute(
        _ index: Int, waits: Bool, _ lua: borrowing Lua
    ) throws -> ModuleRecord {
        let step = plan.steps[index]
        var began = Clock.now
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        var attempt = StepAttempt(run: self, step: step)
        do {
            if let each = step.each { return try computeElements(of: index, each, lua) }
            if let found = try known(index, lua)
                ?? (waits ? awaitLease(of: index, &began, lua) : computedElsewhere(index, lua))
            {
                return record(
                    step, .cached, seconds: Clock.seconds(since: began), printed: found.printed,
                    annotations: found.annotations)
            }
            return try computeFresh(index, &attempt, since: began, lua)
        } catch let failure as ModuleFailure {
            return try recordFailure(failure, of: index, attempt, since: began, lua)
        }
    }

    /// Computes a step that has no result that could be used again.
    func computeFresh(
        _ index: Int, _ attempt: inout StepAttempt, since began: Int64, _ lua: borrowing Lua
    ) throws -> ModuleRecord {
        var fresh = try prepare(index, attempt, since: began, lua)
        let result = try attempt.computeWithRetries(lua)
        fresh.attempt = attempt
        return try finish(fresh, result, lua)
    }

    /// A step whose inputs are known and that computes.
    struct FreshStep {
        var index: Int
        var attempt: StepAttempt
        var files: [InputFile]
        var began: Int64
    }

    /// Pushes the inputs of a step that is going to compute.
    func prepare(
        _ index: Int, _ attempt: StepAttempt, since began: Int64, _ lua: borrowing Lua
    ) throws -> FreshStep {
        let step = plan.steps[index]
        try attempt.pushInputs(lua)
        let inputs = lua.top
        try beginComputing()
        keys?.observer.beginComputing()
        if keys != nil { try beginWatchingEnvironment(lua) }
        let files = try keys.map { _ in try inputFiles(of: step, inputs, lua) } ?? []
        return FreshStep(index: index, attempt: attempt, files: files, began: began)
    }

    /// Keeps the result of a step, and returns its record.
    func finish(
        _ fresh: FreshStep, _ result: StepAttempt.Computed, _ lua: borrowing Lua
    ) throws -> ModuleRecord {
        let index = fresh.index
        let step = plan.steps[index]
        var result = result
        let seconds = Clock.seconds(since: fresh.began)
        outputs[index] = result.entry.outputs
        // A stopped run keeps nothing of what it was computing.
        try lua.checkCancellation()
        try meetCancellation(lua)
        if fresh.attempt.wasStopped {
            keys?.setObstacle("it was stopped at a breakpoint", of: index)
        } else if let keys {
            try judge(&result, of: step, at: index, inputFiles: fresh.files, lua)
            if let obstacle = result.obstacle { keys.setObstacle(obstacle, of: index) }
            try keep(result, of: index, seconds: seconds, lua)
            try keys.addParts(of: index, lua) { try pushOutput($0, lua) }
        }
        var record = record(
            step, .computed, seconds: seconds, attempts: fresh.attempt.count,
            printed: result.entry.printed, annotations: result.entry.annotations)
        record.notices = result.notices
        return record
    }

    /// Returns the record of a step that has failed.
    func recordFailure(
        _ failure: ModuleFailure, of index: Int, _ attempt: StepAttempt, since began: Int64,
        _ lua: borrowing Lua
    ) throws -> ModuleRecord {
        outputs[index] = nil
        try keys?.addParts(of: index, lua) { try pushOutput($0, lua) }
        return record(
            plan.steps[index], .failed, seconds: Clock.seconds(since: began),
            attempts: attempt.count, printed: attempt.printed, annotations: attempt.annotations,
            failure: failure)
    }

    /// Returns a result of this process or an earlier one.
    func known(_ index: Int, _ lua: borrowing Lua) throws -> Found? {
        guard let keys else { return nil }
        let step = plan.steps[index]
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        switch step.definition.caching {
        case .always: break
        case .never: return nil
        case .when(let decide):
            let attempt = StepAttempt(run: self, step: step)
            try attempt.pushInputs(lua)
            try lua.push(decide)
            try lua.pushValue(at: base + 1)
            try attempt.calling(.caching, lua) { try lua.call(arguments: 1, results: 1) }
            if !lua.truth(at: -1) { return nil }
            try lua.setTop(base)
        }
        if let key = try keys.make(index, lua, push: { try pushOutput($0, lua) }) {
            return isForced(step) ? nil : try stored(key, index, lua)
        }
        try StepAttempt(run: self, step: step).pushInputs(lua)
        guard let number = try keys.makeNumber(index, inputs: base + 1, lua), !isForced(step),
            let found = try cached(number, index, lua)
        else { return nil }
        outputs[index] = found.outputs
        return Found(printed: found.printed, annotations: found.annotations)
    }

    /// The parts of a cached result that are reported.
    struct Found {
        var printed: String
        var annotations: [(key: String, value: LuaValue)]
    }

    /// Returns a result of this process if what it depends on is unchanged.
    private func cached(
        _ key: Int, _ index: Int, _ lua: borrowing Lua
    ) throws -> ResultCache.Entry? {
        guard let keys, let entry = interpreter.cache.find(key) else { return nil }
        let failed = entry.observations.first { !keys.observer.holds($0, lua) }
        if let failed {
            missReasons[index] = "\(failed.subject) was changed"
        } else if let changed = changedProduct(entry.products) {
            missReasons[index] = changed
        } else {
            interpreter.accessLog.inherit(entry.observations)
            return entry
        }
        interpreter.cache.remove(key)
        return nil
    }

    /// Records a module that was computing when the run was stopped.
    func noteInterrupted(
        _ step: Plan.Step, at index: Int, since started: Double?, _ calls: [CallRecord],
        _ lua: borrowing Lua
    ) throws {
        var record = record(step, .stopped, because: "the run was stopped")
        record.calls = calls
        try addRecord(record, at: index, since: started, lua)
    }
}
