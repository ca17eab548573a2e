// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import VTLuaBridge
internal import VTParallel
internal import VTShipping
internal import VTSystem

/// The computation of a step's elements in a run.
///
/// Each element is looked up in the store, computed if it is not there, and kept; all have a row in the
/// record of the run. The outputs of the step are lists of the elements' outputs.
final class ElementComputation {
    unowned let run: Run
    let index: Int
    let step: Plan.Step
    let each: Plan.Each
    let list: ElementList
    /// The step of an element, without its place in the name.
    let template: Plan.Step
    let keys: ElementKeys?
    /// For each output of the module, a table with the value of each element; nil before it is read.
    private let values: LuaReference
    private(set) var states: [State]
    /// The elements to compute, in their order; nil for all.
    let wanted: [Int]?
    /// The digests of outputs, 32 bytes for each output of each element, and whether they are known.
    private var digests: [UInt8]
    private var hasDigests: [Bool]
    /// Stored results of elements that nothing has read yet.
    private(set) var unread: [Int: StoredResult] = [:]
    private(set) var failures: [Int: ModuleFailure] = [:]
    /// The failed elements, by their keys.
    private var failedKeys: [Digest: Int] = [:]
    /// The elements that were not computed, because what they depend on has failed.
    private(set) var skipped: Set<Int> = []
    /// The elements that were computed, by their keys, for elements that are equal.
    private var known: [Digest: Known] = [:]
    private(set) var counts = ElementCounts()
    private(set) var printed = ""
    /// The output of elements that comes after that of earlier ones, which have not ended.
    private var outputs: [Int: (events: [RunEvent], text: String)] = [:]
    /// The number of elements, in their order, whose output was reported.
    private var reported = 0
    private(set) var attempts = 0
    private(set) var notices: [String] = []
    /// The reason why the result of an element was not kept.
    private(set) var obstacle: String?
    private(set) var observations: Set<Observation> = []
    private(set) var products: Set<Product> = []
    var log: ElementLog
    private let began = Clock.now
    private let beganAt = Clock.wall
    /// The leases of elements that are computed.
    private var leases: Set<Digest> = []
    private var lastReport: Int64 = 0
    /// The duration of the last computation, in nanoseconds.
    private var lastDuration: Int64 = 0

    /// An element that was computed, with the name of its result; nil if that is not kept.
    private struct Known {
        var element: Int
        var name: Digest?
    }

    /// The state of an element.
    enum State: UInt8 {
        case waiting, computed, cached, failed
    }

    var ports: [Port] { each.element.outputs }
    /// True if elements that cannot be sent to workers compute on the interpreter.
    var mayStay: Bool {
        step.options.places.isEmpty || step.options.places.contains(.interpreter)
    }
    /// True if elements are computed after one has failed.
    var collects: Bool { each.leavesGaps || leavesOut }
    /// True if failed elements are left out of the outputs.
    private var leavesOut: Bool {
        step.options.onError == .collect && step.definition.outputs.count > ports.count
    }

    init(of index: Int, _ each: Plan.Each, in run: Run, _ lua: borrowing Lua) throws {
        self.run = run
        self.index = index
        self.each = each
        step = run.plan.steps[index]
        let list = try ElementList(of: step, each: each, in: run, lua)
        self.list = list
        var template = step
        template.definition = each.element
        template.each = nil
        for position in step.inputs.indices where list.varies(position) {
            template.inputs[position] = .element
        }
        template.checks.removeAll { list.varies($0.input) }
        self.template = template
        keys = try Self.keys(of: index, each, in: run, lua)
        try lua.pushTable(fields: each.element.outputs.count)
        for port in each.element.outputs {
            try lua.pushTable(elements: list.count)
            try lua.setRawField(port.name, of: -2)
        }
        values = try lua.takeReference()
        states = Array(repeating: .waiting, count: list.count)
        let outputs = list.count * each.element.outputs.count
        digests = Array(repeating: 0, count: run.keys?.usesStore == true ? 32 * outputs : 0)
        hasDigests = Array(repeating: false, count: list.count)
        log = ElementLog(of: index, in: run)
        wanted = try each.only.map { try list.elements(at: $0, lua) }
        counts.total = wanted?.count ?? list.count
    }

    /// Returns what makes the keys of the elements; nil where their results are not kept.
    private static func keys(
        of index: Int, _ each: Plan.Each, in run: Run, _ lua: borrowing Lua
    ) throws -> ElementKeys? {
        guard let keys = run.keys, keys.usesStore else { return nil }
        if case .never = each.element.caching { return nil }
        let key = try keys.make(index, lua) { try run.pushOutput($0, lua) }
        guard key != nil else { return nil }
        return try ElementKeys(of: index, each, in: keys, lua) { try run.pushOutput($0, lua) }
    }

    /// The step of an element.
    func elementStep(_ element: Int) -> Plan.Step {
        var step = template
        step.name += list.label(of: element)
        return step
    }

    /// The computation of an element.
    func attempt(_ element: Int) -> StepAttempt {
        StepAttempt(run: run, step: template, element: (list, element))
    }

    // MARK: One element

    /// The state of an element before it is computed.
    enum Start {
        /// It has a result, or has failed.
        case over
        /// It must be computed; its result is kept under the key.
        case compute(key: Digest?, inputs: [String])
        /// Another run computes it now.
        case heldElsewhere
    }

    /// Looks for the result of an element.
    func start(_ element: Int, _ lua: borrowing Lua) throws -> Start {
        guard states[element] == .waiting else { return .over }
        if each.mayHaveGaps, try skip(element, lua) { return .over }
        guard let keys else { return .compute(key: nil, inputs: []) }
        let attempt = attempt(element)
        do {
            guard try mayBeKept(attempt, lua),
                let (key, inputs) = try keys.key(lua, push: { try attempt.pushElement($0, lua) })
            else { return .compute(key: nil, inputs: []) }
            if !run.options.forced.isEmpty,
                run.options.forced.contains(step.name) || run.options.forced.contains(attempt.name)
            {
                return .compute(key: key, inputs: inputs)
            }
            if let other = known[key]?.element {
                return try repeatResult(of: other, as: element, (key, inputs), lua)
            }
            // Equal elements are computed once, also where they fail.
            if let other = failedKeys[key], var failure = failures[other] {
                failure.node = attempt.name
                throw failure
            }
            if try find(key, of: element, inputs, lua) { return .over }
            return try lease(key, of: element, inputs, lua)
        } catch let failure as ModuleFailure {
            try fail(
                element, failure, Work(started: Clock.now, ended: Clock.now, attempts: 0), lua)
            return .over
        }
    }

    /// Fails an element that depends on one that has failed.
    private func skip(_ element: Int, _ lua: borrowing Lua) throws -> Bool {
        let place = list.place(of: element)
        var cause: ModuleFailure?
        step.forEachSource { source in
            guard cause == nil, let gaps = run.gaps[source.step] else { return }
            cause = gaps.failures.lazy.first { place.starts(with: $0.key) }?.value
        }
        guard let cause else { return false }
        states[element] = .failed
        failures[element] = cause
        skipped.insert(element)
        counts.failed += 1
        return true
    }

    /// Takes the result of an element from the store if it is there.
    func find(
        _ key: Digest, of element: Int, _ inputs: [String], _ lua: borrowing Lua
    ) throws -> Bool {
        try run.findStored(key, lua) { result, _ in
            if result.hasNames, try !read(result, of: element, lua) { return nil as Bool? }
            run.note(result, madeBy: attempt(element).name)
            take(result, of: element, inputs)
            return true
        } ?? false
    }

    /// Takes the lease of an element that has no result.
    private func lease(
        _ key: Digest, of element: Int, _ inputs: [String], _ lua: borrowing Lua
    ) throws -> Start {
        // The first of two equal elements has it.
        if leases.contains(key) { return .compute(key: key, inputs: inputs) }
        guard try run.withStore({ try $0.lease(key) }) ?? true else {
            let isUseless = try run.withStore { try $0.wasAbandoned(key, since: beganAt) } ?? true
            return isUseless ? .compute(key: key, inputs: inputs) : .heldElsewhere
        }
        leases.insert(key)
        // Another run may have kept a result between the look-up and the lease.
        if try run.withStore({ try $0.hasNewResults() }) ?? false,
            try find(key, of: element, inputs, lua)
        {
            try release(key)
            return .over
        }
        return .compute(key: key, inputs: inputs)
    }

    private func release(_ key: Digest, isAbandoned: Bool = false) throws {
        guard leases.remove(key) != nil else { return }
        try run.withStore { isAbandoned ? try $0.abandon(key) : try $0.release(key) }
    }

    /// Writes what is not written, and releases all leases.
    func end() throws {
        defer {
            for key in leases { run.withStore { try? $0.release(key) } }
            leases = []
        }
        try log.write()
    }

    /// Waits a while for other runs, which compute elements of this one.
    ///
    /// - Parameter pause: the time to wait in microseconds; made longer for the next time.
    func awaitOthers(_ pause: inout UInt32, _ lua: borrowing Lua) throws {
        try log.write()
        try run.withStore { try $0.pause() }
        try lua.checkCancellation()
        usleep(pause)
        pause = min(pause * 3 / 2, 50_000)
    }

    /// Calls the module's function `cache` if it has one.
    func mayBeKept(_ attempt: StepAttempt, _ lua: borrowing Lua) throws -> Bool {
        guard case .when(let decide) = each.element.caching else { return true }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try attempt.pushInputs(lua)
        try lua.push(decide)
        try lua.pushValue(at: base + 1)
        try attempt.calling(.caching, lua) { try lua.call(arguments: 1, results: 1) }
        return lua.truth(at: -1)
    }

    /// Computes an element on the interpreter.
    func compute(
        _ element: Int, key: Digest?, inputs: [String], _ lua: borrowing Lua
    ) throws {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        var attempt = attempt(element)
        let started = Clock.now
        do {
            if lastDuration > 10_000_000 { try run.withStore { try $0.pause() } }
            try attempt.pushInputs(lua)
            let table = lua.top
            run.keys?.observer.beginComputing()
            if run.keys != nil { try run.beginWatchingEnvironment(lua) }
            let files = try run.inputFiles(of: attempt.step, table, lua)
            var result = try attempt.computeWithRetries(lua)
            lastDuration = Clock.now - started
            try lua.checkCancellation()
            try run.meetCancellation(lua)
            if attempt.wasStopped {
                result.obstacle = "it was stopped at a breakpoint"
            } else if run.keys != nil {
                try run.judge(
                    &result, of: step(for: result, element), at: index, inputFiles: files, lua)
            }
            try keep(
                result, of: element, under: key,
                Work(
                    key: key, inputs: inputs, started: started, ended: Clock.now,
                    attempts: attempt.count),
                lua)
        } catch var failure as ModuleFailure {
            take(output: attempt.printed, of: element)
            if failure.inputs.isEmpty, failure.stage == .outputs, lua.top > base {
                failure.inputs = attempt.describe(inputs: base + 1, lua)
            }
            try fail(
                element, failure,
                Work(
                    key: key, inputs: inputs, started: started, ended: Clock.now,
                    attempts: attempt.count),
                lua)
        }
        reportOutput()
    }

    /// The time and the place of a computation.
    struct Work {
        var key: Digest?
        var inputs: [String] = []
        /// The start and the end, in nanoseconds of the clock.
        var started: Int64
        var ended: Int64
        var attempts: Int
        var worker = 0
    }

    /// The step of an element: with the place in its name where the name is needed, which is where the
    /// computation has accessed something.
    func step(for result: StepAttempt.Computed, _ element: Int) -> Plan.Step {
        result.accesses.isEmpty ? template : elementStep(element)
    }

    /// Takes the result of a computation.
    func keep(
        _ result: StepAttempt.Computed, of element: Int, under key: Digest?, _ work: Work,
        _ lua: borrowing Lua
    ) throws {
        try set(result.entry.outputs, of: element, lua)
        take(output: result.entry.printed, of: element)
        attempts = max(attempts, work.attempts)
        if !result.notices.isEmpty { notices += result.notices.filter { !notices.contains($0) } }
        if let reason = result.obstacle { note(obstacle: reason, of: element) }
        states[element] = .computed
        counts.computed += 1
        guard run.keys?.usesStore == true, run.environment.store?.isUsable == true else {
            if run.keys != nil {
                observations.formUnion(result.observations)
                products.formUnion(result.products)
            }
            return
        }
        let encoded = try run.encode(result.entry.outputs, of: template, lua)
        setDigests(encoded.digests, of: element)
        if let reason = encoded.obstacle { note(obstacle: reason, of: element) }
        var record = self.record(of: element, .computed, work)
        if let key {
            if result.obstacle == nil, encoded.obstacle == nil {
                record.key = try run.store(
                    result, encoded, under: key, of: template, seconds: record.seconds, lua)
            }
            known[key] = Known(element: element, name: record.key)
        }
        let isKept = record.key != nil
        if let key, !isKept { try release(key, isAbandoned: true) }
        try log.add(record, lease: isKept ? key.flatMap { leases.remove($0) } : nil)
    }

    private func record(
        of element: Int, _ status: ModuleRecord.Status, _ work: Work
    ) -> ElementRecord {
        var record = ElementRecord(place: list.place(of: element), status: status)
        record.inputs = work.inputs
        record.started = Clock.date(work.started)
        record.seconds = Double(max(0, work.ended - work.started)) * 1e-9
        record.attempts = work.attempts
        record.worker = work.worker
        return record
    }

    private func note(obstacle reason: String, of element: Int) {
        obstacle = obstacle ?? "element \(list.label(of: element)): \(reason)"
    }

    /// Sets the values of an element from the table of its outputs.
    private func set(
        _ outputs: LuaReference, of element: Int, _ lua: borrowing Lua
    ) throws {
        try lua.push(values)
        try lua.push(outputs)
        defer { lua.pop(2) }
        for port in ports {
            try lua.pushRawField(port.name, of: -2)
            defer { lua.pop() }
            try lua.pushRawField(port.name, of: -2)
            guard !lua.isNil(at: -1) else {
                lua.pop()
                throw attempt(element).failure(
                    .outputs,
                    "output `\(port.name)` is nil; each element of a list must have a value",
                    inputs: nil, lua)
            }
            try lua.setRawElement(element + 1, of: -2)
        }
    }

    private func setDigests(_ found: [Digest?], of element: Int) {
        guard found.allSatisfy({ $0?.bytes.count == 32 }) else { return }
        hasDigests[element] = true
        for (output, digest) in found.enumerated() {
            guard let digest else { continue }
            let start = 32 * (element * ports.count + output)
            digests.replaceSubrange(start..<(start + 32), with: digest.bytes)
        }
    }

    // MARK: Output

    /// Takes what an element has printed and logged, which is reported in the order of the elements.
    func take(output text: String, _ events: [RunEvent] = [], of element: Int) {
        if text.isEmpty, events.isEmpty { return }
        outputs[element] = (events, text)
    }

    /// Reports the output of elements as far as all before them have ended.
    func reportOutput() {
        let total = wanted?.count ?? list.count
        while reported < total {
            let element = wanted?[reported] ?? reported
            if states[element] == .waiting { return }
            // Elements after a failed one would not have started in a run on the interpreter.
            reported = states[element] == .failed && !collects ? total : reported + 1
            if outputs.isEmpty { continue }
            guard let output = outputs.removeValue(forKey: element) else { continue }
            for event in output.events { run.report(event) }
            if printed.utf8.count < ModuleContext.printedLimit { printed += output.text }
        }
    }

    /// Counts the elements up to the first failed one: those after it may have been computed by chance.
    func countUpToFailure(_ first: Int) {
        (counts.computed, counts.cached, counts.failed) = (0, 0, 0)
        for element in wanted ?? Array(states.indices) where element <= first {
            switch states[element] {
            case .computed: counts.computed += 1
            case .cached: counts.cached += 1
            case .failed: counts.failed += 1
            case .waiting: break
            }
        }
    }

    // MARK: Results that exist

    private func take(_ result: StoredResult, of element: Int, _ inputs: [String]) {
        setDigests(result.digests.digests, of: element)
        if states[element] == .waiting { unread[element] = result }
        states[element] = .cached
        counts.cached += 1
        take(output: result.printed, of: element)
        var record = ElementRecord(place: list.place(of: element), status: .cached)
        record.key = result.name
        record.inputs = inputs
        log.addCached(record)
    }

    /// Takes the result of an equal element.
    func repeatResult(
        of other: Int, as element: Int, _ found: (key: Digest, inputs: [String]),
        _ lua: borrowing Lua
    ) throws -> Start {
        try lua.push(values)
        defer { lua.pop() }
        for port in ports {
            try lua.pushRawField(port.name, of: -1)
            try lua.pushRawElement(other + 1, of: -1)
            // Each element has a table of its own.
            if lua.type(at: -1) == .table { try run.interpreter.copyTable(lua) }
            try lua.setRawElement(element + 1, of: -2)
            lua.pop()
        }
        if hasDigests[other] {
            let size = 32 * ports.count
            digests.replaceSubrange(
                (element * size)..<((element + 1) * size),
                with: digests[(other * size)..<((other + 1) * size)])
            hasDigests[element] = true
        }
        states[element] = .cached
        counts.cached += 1
        var record = ElementRecord(place: list.place(of: element), status: .cached)
        record.key = known[found.key].map(\.name) ?? found.key
        record.inputs = found.inputs
        log.addCached(record)
        return .over
    }

    /// Reads a stored result into the tables of values; false if it cannot be read here.
    private func read(
        _ result: StoredResult, of element: Int, _ lua: borrowing Lua
    ) throws -> Bool {
        let step = elementStep(element)
        guard let bytes = try result.outputs ?? run.withStore({ try $0.outputs(of: result) }) else {
            return false
        }
        do {
            let outputs = try run.decode(bytes, of: step, result.place, lua)
            try set(outputs, of: element, lua)
            return true
        } catch is ModuleFailure {
            return false
        } catch is ShippingError {
            try run.withStore { try $0.forget(result.name) }
            return false
        }
    }

    // MARK: Failures

    /// Takes the failure of an element.
    func fail(
        _ element: Int, _ failure: ModuleFailure, _ work: Work, _ lua: borrowing Lua
    ) throws {
        var failure = failure
        failure.element = (element + 1, list.count)
        var record = self.record(of: element, .failed, work)
        record.error = failure.recorded
        states[element] = .failed
        failures[element] = failure
        counts.failed += 1
        attempts = max(attempts, work.attempts)
        if let key = work.key {
            failedKeys[key] = failedKeys[key] ?? element
            try release(key, isAbandoned: true)
        }
        try log.add(record, lease: nil)
    }

    // MARK: Progress

    /// Reports the number of elements that are done, at most twenty times a second.
    func report(workers: Int = 1, _ backend: BackendKind = .serial, always: Bool = false) {
        let now = Clock.now
        guard always || now - lastReport > 50_000_000 else { return }
        lastReport = now
        run.environment.report(
            .tasks(
                node: step.name,
                CallProgress(
                    call: 0, backend: backend, label: nil,
                    done: counts.computed + counts.cached + counts.failed, total: counts.total,
                    workers: workers)))
    }
}

// MARK: - The outputs of the step

extension ElementComputation {
    /// Returns the digests of the step's outputs; nil for one that has none.
    func outputDigests(_ names: PersistentNames) -> [Digest?] {
        let isComplete = states.indices.allSatisfy { states[$0] == .failed || hasDigests[$0] }
        return step.definition.outputs.map { port in
            guard isComplete else { return nil }
            var bytes = Array("elements".utf8)
            func add(_ number: Int) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
            guard let output = each.element.outputIndex[port.name] else {
                for (element, failure) in failures.sorted(by: { $0.key < $1.key }) {
                    for position in list.place(of: element) { add(position) }
                    if port.name == "errors" { bytes += failure.message.utf8 }
                }
                if port.name == "kept" { for lengths in list.lengths { lengths.forEach(add) } }
                return names.digest(bytes)
            }
            // What is left out changes nothing where it leaves no gap.
            for element in states.indices {
                if states[element] == .failed, !each.leavesGaps { continue }
                if list.lengths.count > 1 || each.leavesGaps {
                    for position in list.place(of: element) { add(position) }
                }
                if states[element] == .failed { continue }
                let start = 32 * (element * ports.count + output)
                bytes += digests[start..<(start + 32)]
            }
            if list.lengths.count > 1 { for lengths in list.lengths { lengths.forEach(add) } }
            return names.digest(bytes)
        }
    }

    /// Returns the table of the step's outputs, and reads stored results for it.
    func takeOutputs(_ lua: borrowing Lua) throws -> LuaReference {
        for element in unread.keys.sorted() {
            guard let result = unread.removeValue(forKey: element) else { continue }
            if try read(result, of: element, lua) { continue }
            try compute(element, key: nil, inputs: [], lua)
            if let failure = failures[element] { throw failure }
        }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.pushTable(fields: step.definition.outputs.count)
        try lua.push(values)
        for port in ports {
            try lua.pushRawField(port.name, of: base + 2)
            if list.lengths.count > 1 || !failures.isEmpty {
                try list.shape(lua, leavesGaps: each.leavesGaps) { states[$0] != .failed }
            }
            try lua.setRawField(port.name, of: base + 1)
        }
        lua.pop()
        if leavesOut {
            try pushKept(lua)
            try lua.setRawField("kept", of: base + 1)
            try lua.pushErrors(
                Dictionary(
                    uniqueKeysWithValues: failures.filter { !skipped.contains($0.key) }.map {
                        (list.place(of: $0.key), $0.value)
                    }))
            try lua.setRawField("errors", of: base + 1)
        }
        return try lua.takeReference()
    }

    /// Pushes the positions of the elements that have not failed, as lists for the levels.
    private func pushKept(_ lua: borrowing Lua) throws {
        try lua.pushTable(elements: list.count)
        for element in 0..<list.count {
            try lua.push(list.place(of: element).last ?? 0)
            try lua.setRawElement(element + 1, of: -2)
        }
        if list.lengths.count > 1 || !failures.isEmpty {
            try list.shape(lua) { states[$0] != .failed }
        }
    }
}
