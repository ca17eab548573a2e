// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTShipping
internal import VTSystem

/// The computation of elements on the workers of a view.
struct RemoteElements {
    private let elements: ElementComputation
    private let view: View
    private let module: RemoteModule
    /// The indices of the inputs that come with each task.
    private let varying: [Int]
    private var order: [Int]?
    /// The number of elements, in their order, that were looked at.
    private var looked = 0
    /// The elements of the tasks that were sent, by the numbers of the tasks; nil for a task that
    /// repeats another one.
    private var sent: [Sent?] = []
    /// The elements that are equal to one that was sent.
    private var repeats: [Repeat] = []
    private var underWay: [Digest: Int] = [:]
    /// The elements that other runs compute now.
    private var held: [Int] = []
    /// True after a failure that ends the step.
    private var isStopped = false

    private struct Repeat {
        var element: Int
        var other: Int
        var key: Digest
        var inputs: [String]
    }

    private struct Sent {
        var element: Int
        var key: Digest?
        var inputs: [String]
    }

    /// The largest number of tasks in a message, and of tasks that were sent and have not ended.
    private static let batch = 256
    private static let window = 4096
    /// The largest number of tasks under way where each element has a lease.
    private static let leased = 512
    /// The time for which results are not taken while elements are looked up, in nanoseconds.
    private static let patience: Int64 = 5_000_000

    /// - Throws: ``RemoteModule/Refusal`` if the module cannot compute on a worker.
    init(_ elements: ElementComputation, on view: View, in run: Run, _ lua: borrowing Lua) throws {
        self.elements = elements
        self.view = view
        order = elements.wanted
        let template = elements.template
        let attempt = StepAttempt(run: run, step: template)
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try attempt.pushInputs(lua)
        varying = template.inputs.indices.filter { elements.list.varies($0) }
        module = try RemoteModule(
            of: template, shared: base + 1,
            varying: varying.map { template.definition.inputs[$0].name }, view: view,
            chunkSize: template.options.chunkSize, run: run, lua)
    }

    /// Computes the elements.
    mutating func compute(_ lua: borrowing Lua) throws {
        var pause: UInt32 = 5000
        do {
            while true {
                try lua.checkCancellation()
                try sendSome(lua)
                let hasTaken = try takeResults(lua)
                if isLookedThrough, module.running == 0 {
                    if held.isEmpty || isStopped { break }
                    try elements.awaitOthers(&pause, lua)
                    (order, held, looked) = (held, [], 0)
                    continue
                }
                if hasTaken || (!isLookedThrough && module.running < window) { continue }
                // Results that wait to be written are written soon, however long elements take.
                let others = try elements.run.othersContinued(lua)
                _ = try RemoteModule.wait(
                    for: [module] + others, until: Clock.now + Clock.second / 10, lua)
                try elements.log.writeIfDue()
                report()
            }
        } catch {
            module.stop(from: 0)
            throw error
        }
        for found in repeats { try finish(found, lua) }
    }

    private var window: Int { elements.keys == nil ? Self.window : Self.leased }
    private var count: Int { order?.count ?? elements.list.count }
    private var isLookedThrough: Bool { isStopped || looked == count }

    private func report() { elements.report(workers: view.count, view.kind) }

    // MARK: Sending

    /// Looks up elements and sends those that must be computed, until enough are under way.
    private mutating func sendSome(_ lua: borrowing Lua) throws {
        let began = Clock.now
        while !isLookedThrough, module.running < window {
            let base = lua.top
            defer { lua.pop(lua.top - base) }
            // The first messages are small, so that all workers begin at once.
            let room = min(Self.batch, max(view.count, sent.count))
            try lua.pushTable(elements: room)
            var items: [Sent] = []
            while items.count < room, !isLookedThrough {
                let element = order?[looked] ?? looked
                looked += 1
                if let item = try look(at: element, list: base + 1, items.count + 1, lua) {
                    items.append(item)
                }
                // The elements found so far are sent before many more are looked up.
                if looked % 64 == 0, Clock.now - began > Self.patience { break }
            }
            if !items.isEmpty { try send(items, list: base + 1, lua) }
            if Clock.now - began > Self.patience { return }
        }
    }

    /// Looks up an element, and sets its item in a list if it must be computed.
    private mutating func look(
        at element: Int, list: Int, _ position: Int, _ lua: borrowing Lua
    ) throws -> Sent? {
        let start = try elements.start(element, lua)
        if case .heldElsewhere = start { held.append(element) }
        guard case .compute(let key, let inputs) = start else {
            if elements.states[element] == .failed { stop() }
            return nil
        }
        if let key, let other = underWay[key] {
            repeats.append(Repeat(element: element, other: other, key: key, inputs: inputs))
            return nil
        }
        do {
            try pushItem(of: element, lua)
        } catch let failure as ModuleFailure {
            try fail(Sent(element: element, key: key, inputs: inputs), failure, lua)
            return nil
        }
        try lua.setRawElement(position, of: list)
        if let key { underWay[key] = element }
        return Sent(element: element, key: key, inputs: inputs)
    }

    private mutating func fail(
        _ item: Sent, _ failure: ModuleFailure, _ lua: borrowing Lua
    ) throws {
        let now = Clock.now
        try elements.fail(
            item.element, failure,
            ElementComputation.Work(
                key: item.key, inputs: item.inputs, started: now, ended: now, attempts: 0), lua)
        stop()
    }

    /// Pushes the value of the only varying input, or the list of all.
    private func pushItem(of element: Int, _ lua: borrowing Lua) throws {
        let attempt = elements.attempt(element)
        if varying.count == 1 { return try push(varying[0], attempt, lua) }
        try lua.pushTable(elements: varying.count)
        for (place, position) in varying.enumerated() {
            try push(position, attempt, lua)
            try lua.setRawElement(place + 1, of: -2)
        }
    }

    private func push(
        _ position: Int, _ attempt: StepAttempt, _ lua: borrowing Lua
    ) throws {
        try attempt.pushElement(position, lua)
        let port = attempt.step.definition.inputs[position]
        if case .custom(let type) = port.type, !lua.isNil(at: -1) {
            try attempt.calling(.input(port.name), lua) { try type.convertTop(lua) }
        }
    }

    private mutating func send(_ items: [Sent], list: Int, _ lua: borrowing Lua) throws {
        // Tasks that repeat others have numbers, too.
        let first = module.call.count
        while sent.count < first { sent.append(nil) }
        do {
            try module.send(list: list, first: 1, count: items.count, lua)
            sent += items.map(Optional.some)
        } catch let refusal as ModuleCall.Unsendable {
            // Those before it were sent; those after it are looked up again.
            let count = module.call.count - first
            sent += items[..<count].map(Optional.some)
            for item in items[count...] { item.key.map { underWay[$0] = nil } }
            let refused = items[count]
            looked = position(after: refused.element)
            repeats = repeats.filter { position(after: $0.element) <= looked }
            held = held.filter { position(after: $0) <= looked }
            if elements.mayStay {
                return try elements.compute(
                    refused.element, key: refused.key, inputs: refused.inputs, lua)
            }
            try fail(
                refused, elements.attempt(refused.element).cannotSend(refusal, to: view, lua), lua)
        }
    }

    /// The number of elements, in their order, up to one.
    private func position(after element: Int) -> Int {
        guard let order else { return element + 1 }
        return (order.firstIndex(of: element) ?? order.count - 1) + 1
    }

    /// Ends the step after a failure, unless failures are collected. Tasks from `number` on are not
    /// wanted.
    private mutating func stop(from number: Int = .max) {
        if elements.collects { return }
        isStopped = true
        if number < .max { module.stop(from: number) }
    }

    // MARK: Results

    /// Takes the results that are there; returns true if there were some.
    private mutating func takeResults(_ lua: borrowing Lua) throws -> Bool {
        var hasTaken = false
        let template = elements.template
        while let ended = try module.takeNext(lua, step: { _ in template }) {
            hasTaken = true
            try take(ended, lua)
            report()
        }
        if hasTaken {
            elements.settle()
            try elements.log.writeIfDue()
        }
        return hasTaken
    }

    private mutating func take(_ ended: RemoteModule.Ended, _ lua: borrowing Lua) throws {
        guard let task = sent[ended.number] else { return }
        let element = task.element
        let work = ElementComputation.Work(
            key: task.key, inputs: task.inputs, started: ended.started, ended: ended.ended,
            attempts: ended.attempts, worker: ended.worker ?? 0)
        if !ended.events.isEmpty {
            let name = elements.elementStep(element).name
            elements.note(element) { ending in
                ending.events = ended.events.map { $0.renamed(name) }
                ending.printed = ended.printed
            }
        }
        let attempt = elements.attempt(element)
        do {
            switch ended.outcome {
            case .cancelled: return
            case .failed(let failure): throw failure
            case .computed(var result):
                if elements.run.keys != nil {
                    try elements.run.judge(
                        &result, of: elements.step(for: result, element), at: elements.index,
                        inputFiles: [], isHere: false, lua)
                }
                try elements.keep(result, of: element, under: task.key, work, lua)
            }
        } catch var failure as ModuleFailure {
            failure.node = attempt.name
            try elements.fail(element, failure, work, lua)
            stop(from: ended.number + 1)
        }
    }

    /// Ends an element that is equal to another one, which has ended.
    private func finish(_ found: Repeat, _ lua: borrowing Lua) throws {
        let (element, other) = (found.element, found.other)
        switch elements.states[other] {
        case .waiting, .suspended, .notNeeded: return
        case .computed, .cached:
            _ = try elements.repeatResult(
                of: other, as: element, (found.key, found.inputs), lua)
        case .failed:
            if elements.collects {
                _ = try elements.repeatFailure(of: other, as: element, lua)
            }
        }
    }
}

extension Run {
    /// Computes the elements of a step on the workers of a view.
    func computeThere(
        _ elements: ElementComputation, on view: View, _ lua: borrowing Lua
    ) throws {
        if elements.counts.total == 0 { return }
        var remote: RemoteElements
        do {
            remote = try RemoteElements(elements, on: view, in: self, lua)
        } catch let refusal as RemoteModule.Refusal {
            if elements.mayStay { return try computeHere(elements, lua) }
            throw StepAttempt(run: self, step: elements.step).cannotCompute(
                on: view, refusal, inputs: nil, lua)
        }
        try remote.compute(lua)
    }
}

extension RunEvent {
    /// The event for another node.
    fileprivate func renamed(_ node: String) -> RunEvent {
        switch self {
        case .printed(_, let text): .printed(node: node, text: text)
        case .logged(_, let level, let message):
            .logged(node: node, level: level, message: message)
        case .progress(_, let fraction, let note):
            .progress(node: node, fraction: fraction, note: note)
        default: self
        }
    }
}

extension StepAttempt {
    /// The failure of a module that cannot compute on a worker.
    func cannotCompute(
        on view: View, _ refusal: RemoteModule.Refusal, inputs: Int?, _ lua: borrowing Lua
    ) -> ModuleFailure {
        failure(
            .compute,
            "cannot compute on \(view.kind.rawValue): \(refusal.reason). Compute it on the "
                + "interpreter, with the option { on = \"interpreter\" }", inputs: inputs, lua)
    }

    /// The failure of an element that cannot be sent to a worker.
    fileprivate func cannotSend(
        _ refusal: ModuleCall.Unsendable, to view: View, _ lua: borrowing Lua
    ) -> ModuleFailure {
        failure(
            .inputs,
            "cannot send the element to \(view.kind.rawValue): \(refusal.refusal.summary). Compute it on "
                + "the interpreter, with the option { on = \"interpreter\" }", inputs: nil, lua)
    }
}
