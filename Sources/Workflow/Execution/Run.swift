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
    /// The table of outputs of each step; nil before the step has a result.
    var outputs: [LuaReference?]
    let keys: StepKeys
    private(set) var done = 0
    /// The usage of the process when the current step started to compute; nil before that.
    var usage: ProcessUsage?
    /// The peak memory of the process, in bytes.
    var peak = 0
    /// The lengths and digests of the current step's outputs as CBOR, by the names of the ports, as
    /// far as they are known before the step is recorded.
    var outputDigests: [String: (size: Int, digest: Digest)] = [:]
    lazy var recorder = ValueRecorder { [keys] bytes in
        keys.names?.digest(bytes) ?? Digest(bytes: [])
    }
    private(set) lazy var libraries = LoadedLibraries(environment.store)
    /// False for a run that a module has started in `compute`: it is part of the outer run.
    let isOutermost: Bool

    init(
        plan: Plan, id: String, workflow: String, options: Interpreter.Options,
        environment: RunEnvironment, interpreter: Interpreter
    ) {
        self.plan = plan
        self.id = id
        self.workflow = workflow
        isOutermost = interpreter.current == nil
        self.options = options
        self.environment = environment
        self.interpreter = interpreter
        outputs = Array(repeating: nil, count: plan.steps.count)
        records.reserveCapacity(plan.steps.count)
        let names = environment.store.flatMap { store in
            store.store.map {
                PersistentNames(
                    hasher: $0, directory: store.directory, moduleFile: store.moduleFile)
            }
        }
        keys = StepKeys(
            of: plan, cache: interpreter.cache, version: environment.store?.version ?? "",
            names: names)
    }

    func computeAll(_ lua: borrowing Lua) throws {
        var stopped: String?
        for index in plan.steps.indices {
            try lua.checkCancellation()
            let step = plan.steps[index]
            let started = beginStep()
            var record: ModuleRecord
            if let cause = stopped ?? failedDependency(of: step) {
                record = self.record(step, .skipped, because: cause)
            } else {
                environment.report(
                    .moduleStarted(node: step.name, module: step.definition.title, position: index))
                openLog(of: step)
                var calls: [CallRecord] = []
                do {
                    record = try compute(index, lua)
                    calls = closeLog()
                    record.calls = calls
                    record.isKept = record.status != .failed && isKept(index)
                    try meetCancellation(lua)
                } catch {
                    try noteInterrupted(
                        step, at: index, since: started, calls + closeLog(), lua)
                    throw error
                }
                if record.status != .failed { done += 1 }
                if record.status == .failed, !options.keepGoing { stopped = step.name }
            }
            records.append(record)
            try addRecord(record, at: index, since: started, lua)
            environment.report(.moduleFinished(record))
        }
    }

    /// Starts the log of a step's parallel calls. Calls in an inner run belong to the outer module.
    private func openLog(of step: Plan.Step) {
        guard isOutermost else { return }
        interpreter.calls.open { [environment] progress in
            environment.report(.tasks(node: step.name, progress))
        }
    }

    private func closeLog() -> [CallRecord] { isOutermost ? interpreter.calls.close() : [] }

    /// Calls `body` with the store; returns nil if there is none, or it has failed.
    func withStore<R>(_ body: (any ResultStore) throws -> R?) rethrows -> R? {
        try environment.store?.use(body)
    }

    /// Waits for a requested cancellation, at most one second.
    private func meetCancellation(_ lua: borrowing Lua) throws {
        guard environment.isBeingStopped() else { return }
        for _ in 0..<1000 {
            try lua.checkCancellation()
            usleep(1000)
        }
    }

    private func failedDependency(of step: Plan.Step) -> String? {
        for input in step.inputs {
            guard case .output(let source) = input, outputs[source.step] == nil else { continue }
            return records[source.step].skippedBecauseOf ?? plan.steps[source.step].name
        }
        return nil
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

    func takeOutputs(_ lua: borrowing Lua) throws -> [(name: String, value: LuaReference?)] {
        var values: [(name: String, value: LuaReference?)] = []
        for (name, source) in plan.outputs {
            guard outputs[source.step] != nil else {
                values.append((name, nil))
                continue
            }
            try pushOutput(source, lua)
            values.append((name, try lua.takeReference()))
        }
        return values
    }

    func pushOutput(_ source: Plan.StepOutput, _ lua: borrowing Lua) throws {
        guard let table = outputs[source.step] else { return try lua.pushNil() }
        let port = plan.steps[source.step].definition.outputs[source.output]
        try lua.push(table)
        try lua.pushRawField(port.name, of: -1)
        lua.remove(at: -2)
    }
}

// MARK: - One module

extension Run {
    private func compute(_ index: Int, _ lua: borrowing Lua) throws -> ModuleRecord {
        let step = plan.steps[index]
        let began = Clock.now
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        var attempt = StepAttempt(run: self, step: step)
        do {
            try attempt.pushInputs(lua)
            if let found = try known(index, inputs: base + 1, lua) {
                outputs[index] = found.outputs
                return record(
                    step, .cached, seconds: Clock.seconds(since: began), printed: found.printed,
                    annotations: found.annotations)
            }
            try beginComputing()
            let result = try attempt.computeWithRetries(lua)
            outputs[index] = result.outputs
            let seconds = Clock.seconds(since: began)
            if attempt.wasStopped {
                keys.remove(index, because: "it was stopped at a breakpoint")
            } else {
                try keep(result, of: index, seconds: seconds, lua)
            }
            return record(
                step, .computed, seconds: seconds, attempts: attempt.count,
                printed: result.printed, annotations: result.annotations)
        } catch let failure as ModuleFailure {
            keys.removeNumber(of: index)
            return record(
                step, .failed, seconds: Clock.seconds(since: began), attempts: attempt.count,
                printed: attempt.printed, annotations: attempt.annotations, failure: failure)
        }
    }

    /// Makes the keys of a step, and returns a cached result of this process or an earlier one.
    func known(
        _ index: Int, inputs: Int, _ lua: borrowing Lua
    ) throws -> ResultCache.Entry? {
        let step = plan.steps[index]
        guard let key = try makeKeys(index, inputs: inputs, lua) else { return nil }
        if isForced(step) { return nil }
        if let found = try cached(key, step, lua) { return found }
        guard let persistentKey = keys.record(of: index)?.key,
            let found = try stored(persistentKey, step, lua)
        else { return nil }
        try remember(found, under: key, of: step, lua)
        return found
    }

    /// Keeps a result in this process.
    private func remember(
        _ result: ResultCache.Entry, under key: Int, of step: Plan.Step, _ lua: borrowing Lua
    ) throws {
        var result = result
        do {
            result.files = try files(among: result.outputs, of: step, lua)
            interpreter.cache.store(result, under: key)
        } catch is Fingerprint.Impossible {}
    }

    private func keep(
        _ result: ResultCache.Entry, of index: Int, seconds: Double, _ lua: borrowing Lua
    ) throws {
        guard let key = keys.number(of: index) else { return }
        let step = plan.steps[index]
        try remember(result, under: key, of: step, lua)
        guard let persistentKey = keys.record(of: index)?.key else { return }
        if let obstacle = try keep(result, under: persistentKey, of: step, seconds: seconds, lua) {
            keys.setObstacle(obstacle, of: index)
        }
    }

    /// Records a module that was computing when the run was stopped.
    private func noteInterrupted(
        _ step: Plan.Step, at index: Int, since started: Double?, _ calls: [CallRecord],
        _ lua: borrowing Lua
    ) throws {
        var record = record(step, .stopped, because: "the run was stopped")
        record.calls = calls
        try addRecord(record, at: index, since: started, lua)
    }

    /// Returns a result of this process if the files among its outputs are unchanged.
    private func cached(
        _ key: Int, _ step: Plan.Step, _ lua: borrowing Lua
    ) throws -> ResultCache.Entry? {
        guard let entry = interpreter.cache.find(key) else { return nil }
        do {
            if try files(among: entry.outputs, of: step, lua) == entry.files { return entry }
        } catch is Fingerprint.Impossible {}
        interpreter.cache.remove(key)
        return nil
    }

    /// Returns the fingerprint of the files among the outputs; nil if there are none.
    ///
    /// - Throws: ``Fingerprint/Impossible`` if a file is missing.
    func files(
        among outputs: LuaReference, of step: Plan.Step, persistent: PersistentNames? = nil,
        _ lua: borrowing Lua
    ) throws -> [UInt8]? {
        var fingerprint: Fingerprint?
        for port in step.definition.outputs
        where port.type.holdsFiles || port.type.holdsDirectories {
            try lua.push(outputs)
            try lua.pushRawField(port.name, of: -1)
            defer { lua.pop(2) }
            if lua.isNil(at: -1) { continue }
            if port.type.holdsDirectories, try port.type.mismatch(lua, at: -1) != nil {
                throw Fingerprint.Impossible(type: "missing directory")
            }
            var own =
                fingerprint ?? Fingerprint(interpreter.cache.identities, persistent: persistent)
            try own.add(files: port.type, lua, at: -1)
            fingerprint = own
        }
        return fingerprint?.bytes
    }
}

// MARK: - Keys

extension Run {
    /// Makes the keys of a step whose inputs are in the table at `inputs`.
    ///
    /// - Returns: the number of its key; nil when its result must not be used again.
    private func makeKeys(_ index: Int, inputs: Int, _ lua: borrowing Lua) throws -> Int? {
        guard options.usesCache else { return nil }
        let step = plan.steps[index]
        switch step.definition.caching {
        case .always: break
        case .never: return nil
        case .when(let decide):
            try lua.push(decide)
            try lua.pushValue(at: inputs)
            try StepAttempt(run: self, step: step).calling(.caching, lua) {
                try lua.call(arguments: 1, results: 1)
            }
            defer { lua.pop() }
            if !lua.truth(at: -1) { return nil }
        }
        return try keys.make(index, inputs: inputs, lua)
    }
}
