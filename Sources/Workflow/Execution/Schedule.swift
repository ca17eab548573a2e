// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem

/// Computes the steps of a run of which several may compute at once: one on the interpreter, the others
/// on workers. Records and printed text are in the order of the plan.
final class Schedule {
    let run: Run
    var states: [State]
    /// For each step the steps that get outputs of it, and the number of outputs that it waits for.
    var dependents: [[Int]]
    var missing: [Int]
    /// The steps that can start on a worker, and on the interpreter, in the order of the plan.
    private var ready: Set<Int> = []
    private var readyThere: [Int] = []
    private var readyHere: [Int] = []
    /// The steps that compute on workers, by their indices.
    var running: [Int: RunningStep] = [:]
    /// The steps that another run computes now.
    private var heldThere: [Int] = []
    private var heldHere: [Int] = []
    var usedCores = 0
    /// True while a step computes on the interpreter.
    private var isComputingHere = false
    /// True if what computes counts in the budget of the process.
    private var usesSlots = false
    var usedMemory = 0
    /// Steps after this one do not start: it has failed.
    var limit: Int
    /// The name of the failed step that ends the run.
    var stopped: String?

    enum State {
        case waiting, running, recorded
        case ended(EndedStep)

        var isWaiting: Bool { if case .waiting = self { true } else { false } }
    }

    /// A step that computes on a worker.
    struct RunningStep {
        var step: Run.FreshStep
        var module: RemoteModule
        var started: Double?
    }

    /// A step that has ended and is not on record yet.
    struct EndedStep {
        var record: ModuleRecord
        var started: Double?
        var events: [RunEvent] = []
        var digests: [String: (size: Int, digest: Digest)] = [:]
        var usage: ProcessUsage?
    }

    /// The beginning of a step on a worker.
    enum Start {
        case ended(ModuleRecord)
        case running(Run.FreshStep, RemoteModule)
        /// The step computes on the interpreter.
        case stays
        /// Another run computes the step now.
        case held
    }

    init(_ run: Run) {
        self.run = run
        let count = run.plan.steps.count
        limit = count
        states = Array(repeating: .waiting, count: count)
        dependents = Array(repeating: [], count: count)
        missing = Array(repeating: 0, count: count)
        for index in run.plan.steps.indices where !run.isPart(index) {
            for source in run.dependencies(of: index) {
                dependents[source].append(index)
                missing[index] += 1
            }
        }
    }

    /// True if a step of the run may compute on a worker, or must wait until it is known to be needed.
    static func isNeeded(for run: Run) -> Bool {
        run.options.jobs > 1 || run.options.place != .processes || run.demand != nil
            || run.plan.steps.contains { $0.options.places.contains { $0 != .interpreter } }
    }

    // MARK: The loop

    func computeAll(_ lua: borrowing Lua) throws {
        defer {
            run.releaseLeases()
            run.streamGroups = [:]
        }
        // The slots are those of the process: a sandbox must not hold them while others wait.
        usesSlots = run.options.jobs > 1 && lua.libraries == .all
        let hasBudget = usesSlots && run.isOutermost && Slots.add(run.options.jobs)
        defer { if hasBudget { Slots.remove(run.options.jobs) } }
        run.continueOthers = { [unowned self] lua in try continueThere(lua) }
        defer { run.continueOthers = nil }
        do {
            for index in states.indices where missing[index] == 0 { try becomeReady(index, lua) }
            try decide(lua)
            while true {
                try lua.checkCancellation()
                try takeResults(lua)
                try writeRecords(lua)
                if run.records.count == states.count { return }
                if try startThere(lua) { continue }
                if try computeHere(lua) { continue }
                if try startUndecided(lua) { continue }
                try wait(lua)
            }
        } catch {
            try recordInterrupted(lua)
            throw error
        }
    }

    /// Waits until a step on a worker has ended, or it is time to look at what other runs compute.
    private func wait(_ lua: borrowing Lua) throws {
        let isHeld = !heldThere.isEmpty || !heldHere.isEmpty
        let pause = Clock.second / 40
        try run.withStore { try $0.pause() }
        if running.isEmpty {
            // No lease is held while only other runs compute.
            usleep(UInt32(pause / 1000))
        } else {
            _ = try RemoteModule.wait(
                for: running.values.map(\.module), until: isHeld ? Clock.now + pause : Clock.never,
                lua)
        }
        for index in heldThere { readyThere.insert(inOrder: index) }
        for index in heldHere { readyHere.insert(inOrder: index) }
        heldThere = []
        heldHere = []
    }

    /// Takes results of steps on workers and starts others there, while a step computes here.
    private func continueThere(_ lua: borrowing Lua) throws -> [ModuleCall] {
        isComputingHere = true
        defer { isComputingHere = false }
        try takeResults(lua)
        while try startThere(lua) {}
        return running.values.flatMap(\.module.calls)
    }

    // MARK: Starting

    /// Ends steps that are not needed, and makes those ready that are, as far as conditions are known.
    func decide(_ lua: borrowing Lua) throws {
        guard run.demand != nil else { return }
        while true {
            try run.chooseBranches(lua)
            let decided = run.demand?.takeDecided() ?? []
            if decided.isEmpty { return }
            for index in decided where states[index].isWaiting {
                if run.demand?.isNotNeeded(index) ?? false {
                    let record = run.record(run.plan.steps[index], .notNeeded)
                    try end(index, record, started: run.beginStep(), events: [], lua)
                } else if missing[index] == 0 {
                    try becomeReady(index, lua)
                }
            }
        }
    }

    /// Adds a step whose sources have ended to those that can start, or skips it.
    func becomeReady(_ index: Int, _ lua: borrowing Lua) throws {
        // A step that is not known to be needed waits.
        if let demand = run.demand, !demand.isNeeded(index) { return }
        // It computes when the step that reads its streams does.
        if run.isPart(index) { return }
        guard states[index].isWaiting, ready.insert(index).inserted else { return }
        let step = run.plan.steps[index]
        if let absent = run.missingSource(of: step) {
            let cause: ModuleRecord
            if case .ended(let ended) = states[absent] {
                cause = ended.record
            } else if run.records.indices.contains(absent) {
                cause = run.records[absent]
            } else {
                cause = run.record(run.plan.steps[absent], .failed)
            }
            let started = run.beginStep()
            return try end(
                index, run.skip(step, because: cause), started: started, events: [], lua)
        }
        if try run.mayLeave(step, lua) {
            readyThere.insert(inOrder: index)
        } else {
            readyHere.insert(inOrder: index)
        }
    }

    /// Makes a step ready that waits only for steps of which nothing is decided yet: those of a branch
    /// that it has not chosen, or of `control.order`. These may depend on what this step gives.
    ///
    /// - Returns: true if there is one. There is none as long as another step can go on.
    private func startUndecided(_ lua: borrowing Lua) throws -> Bool {
        guard let demand = run.demand, running.isEmpty, readyHere.isEmpty, readyThere.isEmpty,
            heldHere.isEmpty, heldThere.isEmpty
        else { return false }
        for index in states.indices
        where states[index].isWaiting && demand.isNeeded(index) && !ready.contains(index)
            && !run.isPart(index)
        {
            var isComplete = true
            func look(at index: Int) {
                run.plan.steps[index].forEachNeed { source, _ in
                    if run.isPart(source) {
                        look(at: source)
                    } else if states[source].isWaiting {
                        isComplete = false
                    }
                }
            }
            look(at: index)
            if !isComplete { continue }
            try becomeReady(index, lua)
            return true
        }
        return false
    }

    /// Starts steps on workers as long as there is room; steps with a known result end.
    ///
    /// - Returns: true if one has ended.
    private func startThere(_ lua: borrowing Lua) throws -> Bool {
        while let index = readyThere.first, index <= limit, hasRoom(for: index) {
            readyThere.removeFirst()
            if try start(index, lua) { return true }
        }
        return false
    }

    /// True if the processors and the memory that a step needs are free. One processor is kept for the
    /// interpreter while it has something to compute.
    private func hasRoom(for index: Int) -> Bool {
        if running.isEmpty, !isComputingHere { return true }
        let step = run.plan.steps[index]
        if let memory = step.options.memory, usedMemory + memory > SystemMemory.limit {
            return false
        }
        guard run.options.jobs > 1 else { return true }
        let kept = isComputingHere || readyHere.first.map { $0 <= limit } ?? false ? 1 : 0
        return usedCores + run.cores(of: step) <= run.options.jobs - kept
    }

    /// Starts a step on a worker.
    ///
    /// - Returns: true if it has ended already.
    private func start(_ index: Int, _ lua: borrowing Lua) throws -> Bool {
        let started = run.beginStep()
        if states[index].isWaiting { run.reportStart(of: index) }
        run.beginBuffering()
        let start = try run.start(index, lua)
        let events = run.takeBuffer()
        switch start {
        case .stays:
            states[index] = .running
            readyHere.insert(inOrder: index)
            return false
        case .held:
            states[index] = .running
            heldThere.append(index)
            return false
        case .ended(let record):
            try end(index, record, started: started, events: events, lua)
            return true
        case .running(let step, let module):
            states[index] = .running
            run.beginUnderWay(index)
            running[index] = RunningStep(step: step, module: module, started: started)
            usedCores += run.cores(of: run.plan.steps[index])
            usedMemory += run.plan.steps[index].options.memory ?? 0
            return false
        }
    }

    /// Computes the next step that is ready on the interpreter; false if there is none.
    private func computeHere(_ lua: borrowing Lua) throws -> Bool {
        guard let index = readyHere.first, index <= limit else { return false }
        if run.options.jobs > 1, !running.isEmpty, usedCores >= run.options.jobs { return false }
        readyHere.removeFirst()
        let started = run.beginStep()
        if states[index].isWaiting { run.reportStart(of: index) }
        if index != run.records.count { run.beginBuffering() }
        let record: ModuleRecord
        let hasSlots =
            usesSlots
            && Slots.enter(
                run.cores(of: run.plan.steps[index]), isWanted: { lua.isRunning })
        defer { if hasSlots { Slots.leave() } }
        do {
            record = try run.computeAlone(index, since: started, waits: false, lua)
        } catch is Run.HeldElsewhere {
            _ = run.takeBuffer()
            states[index] = .running
            heldHere.append(index)
            return true
        } catch {
            _ = run.takeBuffer()
            throw error
        }
        let events = run.takeBuffer()
        try end(index, record, started: started, events: events, usage: run.usage, lua)
        return true
    }
}

extension [Int] {
    /// Inserts a number into a list in ascending order.
    fileprivate mutating func insert(inOrder number: Int) {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < number { low = middle + 1 } else { high = middle }
        }
        insert(number, at: low)
    }
}
