// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTShipping
internal import VTSystem

/// The computation of a step's elements in a run.
///
/// Each element is looked up in the store, computed if it is not there, and kept; all have a row in the
/// record of the run. The outputs of the step are lists of the elements' outputs.
final class ElementComputation: UnreadOutputs {
    unowned let run: Run
    let index: Int
    let step: Plan.Step
    let each: Plan.Each
    let list: ElementList
    /// The step of an element, without its place in the name.
    let template: Plan.Step
    let keys: ElementKeys?
    /// For each output of the module, a table with the value of each element; nil before it is read.
    let values: LuaReference
    var states: [State]
    /// The elements to compute, in their order; nil for all.
    let wanted: [Int]?
    /// True if some elements are not needed.
    private(set) var isPartial = false
    /// The digests of outputs, 32 bytes for each output of each element, and whether they are known.
    var digests: [UInt8]
    var hasDigests: [Bool]
    /// Stored results of elements that nothing has read yet.
    var unread: [Int: StoredResult] = [:]
    var failures: [Int: ModuleFailure] = [:]
    /// The first handle of an element that has suspended itself, as text.
    var isSuspendedBy: String?
    /// The suspended elements of earlier runs that this run has not met, as far as it has come, by
    /// their keys.
    var outdated: [Digest: SuspendedNode] = [:]
    /// The elements that were not computed, because what they depend on has failed.
    var skipped: Set<Int> = []
    /// The elements that were computed, by their keys, for elements that are equal.
    var known: [Digest: Known] = [:]
    /// The numbers of elements that have ended, in any order.
    var counts = ElementCounts()
    /// The outcome of the step, as far as elements have ended without a gap.
    private(set) var outcome = Outcome()
    /// The endings of elements after one that has not ended.
    private var endings: [Int: Ending] = [:]
    /// The number of elements, in their order, that are part of the outcome.
    private var settled = 0
    var observations: Set<Observation> = []
    var products: Set<Product> = []
    var log: ElementLog
    let beganAt = Clock.wall
    /// The leases of elements that are computed.
    var leases: Set<Digest> = []
    private var lastReport: Int64 = 0
    /// The duration of the last computation, in nanoseconds.
    var lastDuration: Int64 = 0

    /// The outcome of elements, in their order; nothing after the first failure that ends the run.
    struct Outcome {
        var counts = ElementCounts()
        var printed = ""
        var attempts = 0
        var notices: [String] = []
        /// The reason why the result of an element was not kept.
        var obstacle: String?
        /// The failure that ends the step.
        var failure: ModuleFailure?
    }

    /// The effects of an element besides its outputs.
    struct Ending {
        var events: [RunEvent] = []
        var printed = ""
        var attempts = 0
        var notices: [String] = []
        var obstacle: String?
        var record: ElementRecord?
    }

    /// An element that was computed, with the name of its result; nil if that is not kept.
    struct Known {
        var element: Int
        var name: Digest?
    }

    /// The state of an element.
    enum State: UInt8 {
        case waiting, computed, cached, failed, suspended, notNeeded
    }

    var ports: [Port] { each.element.outputs }
    /// True if elements that cannot be sent to workers compute on the interpreter.
    var mayStay: Bool {
        step.options.places.isEmpty || step.options.places.contains(.interpreter)
    }
    /// True if nothing is in the place of elements without a value.
    var leavesPlaces: Bool { each.leavesGaps || isPartial }
    /// True if elements are computed after one has failed.
    var collects: Bool { each.leavesGaps || leavesOut }
    /// True if failed elements are left out of the outputs.
    var leavesOut: Bool {
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
        if wanted == nil { try leaveOutUnneeded(lua) }
    }

    /// Finds out which elements no branch needs.
    private func leaveOutUnneeded(_ lua: borrowing Lua) throws {
        guard let needs = try run.neededElements(of: index, lua) else { return }
        for element in states.indices where !needs.has(list.place(of: element)) {
            states[element] = .notNeeded
            isPartial = true
            counts.total -= 1
        }
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

    // MARK: The end of elements

    /// Changes what is known of an element that ends.
    func note(_ element: Int, _ change: (inout Ending) -> Void) {
        change(&endings[element, default: Ending()])
    }

    /// Adds elements to the outcome as far as all before them have ended.
    func settle() {
        let total = wanted?.count ?? list.count
        while settled < total, outcome.failure == nil {
            let element = wanted?[settled] ?? settled
            switch states[element] {
            case .waiting: return
            case .suspended: outcome.counts.suspended += 1
            case .notNeeded: break
            case .computed:
                outcome.counts.computed += 1
                outcome.attempts = max(outcome.attempts, 1)
            case .cached: outcome.counts.cached += 1
            case .failed:
                outcome.counts.failed += 1
                if !collects { outcome.failure = failures[element] }
            }
            settled += 1
            if !endings.isEmpty, let ending = endings.removeValue(forKey: element) { add(ending) }
        }
    }

    private func add(_ ending: Ending) {
        for event in ending.events {
            if case .logged(_, .warn, let message) = event, list.hasReported(message) { continue }
            run.report(event)
        }
        if outcome.printed.utf8.count < PrintedText.limit {
            outcome.printed += ending.printed
        }
        outcome.attempts = max(outcome.attempts, ending.attempts)
        outcome.obstacle = outcome.obstacle ?? ending.obstacle
        outcome.notices += ending.notices.filter { !outcome.notices.contains($0) }
        if let record = ending.record { log.add(record) }
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
