// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem

/// A run in progress.
final class Run {
    /// The steps. Those with branches lose the branches that they have not chosen.
    private(set) var plan: Plan
    /// The steps that are needed; nil if all are.
    var demand: Demand?
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
    /// The elements that are needed; nil if all are.
    let elementDemand: ElementDemand?
    /// The failed elements of steps that leave gaps.
    var gaps: [Int: Gaps] = [:]
    /// The elements of steps whose stored results nothing has read yet.
    var unreadElements: [Int: any UnreadOutputs] = [:]
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
    /// False for a run that a module has started in `compute`: it is part of the outer run.
    let isOutermost: Bool
    /// The changes of scripts and modules to the environment.
    var environmentState = EnvironmentState()
    /// The time that was spent to check whether modules change their inputs, in nanoseconds.
    var checkingTime: Int64 = 0
    /// The steps with tables among their outputs that were too large to copy, by address.
    var largeOutputs: [UnsafeRawPointer: String] = [:]
    let began = Clock.now
    /// The time of day at which the run began, in seconds since 1970.
    let beganAt = Clock.wall
    /// The files that modules of this run have made, each with the node, and with the key of the result or,
    /// if that is not kept, the identifier of the run.
    var made: [[UInt8]: (node: String, result: [UInt8])] = [:]
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
    /// The keys of the steps that compute on workers.
    var underWay: [Int: StepKey] = [:]

    enum StepKey: Equatable {
        case digest(Digest)
        case number(Int)
    }
    /// Takes results of steps that compute on workers, and starts others, while a step uses the interpreter.
    /// Returns the calls of the modules on workers.
    var continueOthers: ((borrowing Lua) throws -> [ModuleCall])?
    private var lastContinued: Int64 = 0
    /// The digests of outputs that are true and false.
    var booleanDigests: (true: Digest, false: Digest)?
    /// The steps that are suspended, or skipped because of one that is.
    var waiting: Set<Int> = []
    /// The keys of nodes that were suspended in this run.
    var suspended: Set<Digest> = []
    /// The steps that give and read streams; nil if there are none.
    let streams: Plan.Streams?
    /// The streams that a step reads, directly or through other steps, while it computes.
    var streamGroups: [Int: any OpenStreams] = [:]
    /// The files that the inputs of the steps name that give these streams.
    var streamFiles: [Int: [InputFile]] = [:]
    /// The names under which suspended nodes are kept.
    let scope: SuspensionScope
    /// The times since when steps wait for other runs, in seconds since 1970.
    var waitingSince: [Int: Double] = [:]
    /// The steps whose wait for another run was reported.
    var reportedWaits: Set<Int> = []

    init(
        plan: Plan, id: String, workflow: String, options: Interpreter.Options,
        environment: RunEnvironment, interpreter: Interpreter, _ lua: borrowing Lua
    ) throws {
        self.plan = plan
        self.id = id
        self.workflow = workflow
        isOutermost = interpreter.current == nil
        scope =
            if let module = interpreter.current, let outer = interpreter.scope {
                SuspensionScope(inside: module.node, of: outer)
            } else {
                SuspensionScope(of: workflow, run: id)
            }
        self.options = options
        self.environment = environment
        self.interpreter = interpreter
        demand = plan.hasBranches ? Demand(plan) : nil
        streams = Plan.Streams(plan)
        elementDemand = plan.hasElementBranches ? ElementDemand(plan) : nil
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
        if options.watches { names.watched = [] }
        let observer = try Observer(
            names, interpreter.cache.identities, find: interpreter.findModule, lua)
        keys = try StepKeys(
            of: plan, cache: interpreter.cache, version: store?.version ?? "", observer: observer,
            usesStore: store?.isUsable ?? false, lua)
    }

    func computeAll(_ lua: borrowing Lua) throws {
        defer {
            releaseLeases()
            streamGroups = [:]
        }
        var stopped: String?
        for index in plan.steps.indices where !isPart(index) {
            try lua.checkCancellation()
            let step = plan.steps[index]
            let started = beginStep()
            let record: ModuleRecord
            if let cause = stopped {
                record = self.record(step, .skipped, because: cause)
            } else if let missing = missingSource(of: step) {
                record = skip(step, because: records[missing])
            } else {
                reportStart(of: index)
                record = try computeAlone(index, since: started, lua)
                if endsRun(record, at: index) { stopped = step.name }
            }
            for (part, record) in partRecords(of: index, record) {
                if stopped == nil, endsRun(record, at: part) { stopped = record.node }
                try writePart(record, at: part, since: started, lua)
            }
            try write(record, at: index, since: started, lua)
            endStreams(of: index)
        }
    }

    /// True if no other step starts after this one, which has ended.
    func endsRun(_ record: ModuleRecord, at index: Int) -> Bool {
        record.status == .failed && !options.keepGoing && !(demand?.isReplaced(index) ?? false)
    }

    /// Replaces a step.
    func setStep(_ step: Plan.Step, at index: Int) {
        plan.steps[index] = step
        keys?.plan.steps[index] = step
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
            try noteInterruptedParts(of: index, since: started, lua)
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
        let record = record.masked
        if record.status != .failed, record.status != .skipped { done += 1 }
        records.append(record)
        try addRecord(record, at: index, since: started, lua)
        environment.report(.moduleFinished(record))
    }

    /// Another run computes the step.
    struct HeldElsewhere: Error {}

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

    /// Lets steps on workers end and start between parts of a step that computes here; rarely enough to
    /// cost nothing.
    func letOthersContinue(_ lua: borrowing Lua) throws {
        guard continueOthers != nil, Clock.now - lastContinued > 5_000_000 else { return }
        _ = try othersContinued(lua)
    }

    /// Lets steps on workers end and start. Returns the calls of the modules on workers.
    func othersContinued(_ lua: borrowing Lua) throws -> [ModuleCall] {
        guard let continueOthers else { return [] }
        // The state of the step that computes here is put back afterwards.
        let step = (usage: usage, digests: outputDigests, buffer: buffer)
        self.continueOthers = nil
        defer {
            (usage, outputDigests, buffer) = step
            self.continueOthers = continueOthers
            lastContinued = Clock.now
        }
        return try continueOthers(lua)
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

    /// Returns the record of a step that is skipped because another one has no result.
    func skip(_ step: Plan.Step, because cause: ModuleRecord) -> ModuleRecord {
        let isWaiting = cause.status == .suspended || cause.isWaiting
        let name = cause.status == .suspended ? cause.node : cause.skippedBecauseOf ?? cause.node
        var record = record(step, .skipped, because: name)
        record.isWaiting = isWaiting
        return record
    }

    /// The first step before this one that has no result although it was needed; nil if there is none.
    func missingSource(of step: Plan.Step) -> Int? {
        var missing: Int?
        func look(at source: Int) {
            if isPart(source) {
                missing = missing ?? missingSource(of: plan.steps[source])
                return
            }
            if missing == nil, !hasResult(source), !(demand?.isNotNeeded(source) ?? false) {
                missing = source
            }
        }
        step.forEachSource { look(at: $0.step) }
        for companion in step.companions { look(at: companion.step) }
        for earlier in step.after where demand?.isNeeded(earlier) ?? true { look(at: earlier) }
        return missing
    }

    func isForced(_ step: Plan.Step) -> Bool {
        if options.forced.isEmpty { return false }
        return options.forced.contains(step.name)
            || parts(of: step).contains { options.forced.contains(plan.steps[$0].name) }
    }

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
        if streams != nil, plan.isStream(source), !plan.isCall {
            return try pushStream(source, lua)
        }
        guard let table = try table(of: source.step, lua) else { return try lua.pushNil() }
        let port = plan.steps[source.step].definition.outputs[source.output]
        try lua.push(table)
        try lua.pushRawField(port.name, of: -1)
        lua.remove(at: -2)
    }
}
