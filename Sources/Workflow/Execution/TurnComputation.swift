// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTShipping
internal import VTSystem

/// The computation of a step that computes another module in turns: each turn gets the state that the
/// turn before it gave.
///
/// A turn is like an element of a list: it is looked up in the store, computed if it is not there, and
/// kept, and it has a row in the record of the run.
final class TurnComputation: ElementValues {
    unowned let run: Run
    let index: Int
    let step: Plan.Step
    let control: Control
    /// The module that computes a turn.
    let module: ModuleDefinition
    /// The step of a turn, without its number in the name.
    let template: Plan.Step
    /// The largest number of turns of a loop, and the number of elements of a fold.
    let limit: Int
    /// The list of a fold.
    private let list: LuaReference?
    /// The positions among the module's inputs of those that differ from turn to turn.
    private let statePosition: Int
    private let turnPosition: Int?
    private let elementPosition: Int?
    /// The state before the next turn; nil while it is in a stored result that nothing has read.
    var state: LuaReference?
    /// The stored result of the last turn.
    var unread: StoredResult?
    /// The digest of the state; nil if it has none.
    var stateDigest: Digest?
    /// The first state, and its digest.
    private var first: (state: LuaReference?, digest: Digest?) = (nil, nil)
    /// True if stored results are read as they are found, because one was damaged.
    private(set) var readsAll = false
    /// False if the run has other things to do while another run computes the step.
    var waits = true
    private var isLeased = false
    private var hasCancel: Bool?
    /// The number of turns in the log.
    private var logged = 0
    /// The number of turns that have ended.
    var turns = 0
    var counts = ElementCounts()
    /// The number of the worker that has computed the last turn, from 1; 0 for the interpreter.
    var worker = 0
    /// The time that the last turn took to compute, in nanoseconds; nil before the first.
    var duration: Int64?
    var printed = ""
    var notices: [String] = []
    var observations: Set<Observation> = []
    var products: Set<Product> = []
    /// The reason why the result of a turn was not kept.
    var obstacle: String?
    var log: ElementLog
    private var lastReport: Int64 = 0
    private var reported: Set<String> = []

    /// - Parameter inputs: the stack index of the table of the step's inputs.
    init(of index: Int, inputs: Int, in run: Run, _ lua: borrowing Lua) throws {
        self.run = run
        self.index = index
        step = run.plan.steps[index]
        let control = step.definition.control ?? .loop
        self.control = control
        let attempt = StepAttempt(run: run, step: step)
        func fail(_ message: String) -> ModuleFailure {
            attempt.failure(.inputs, message, inputs: inputs, lua)
        }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.pushRawField("step", of: inputs)
        guard let module = try run.interpreter.findDefinition(lua) else {
            throw fail("input `step`: there is no module `\(lua.brief(at: -1))`")
        }
        self.module = module
        if let objection = control.objection(to: module) { throw fail(objection) }
        statePosition = module.inputIndex["state"] ?? 0
        turnPosition = control == .loop ? module.inputIndex["turn"] : nil
        elementPosition = control == .fold ? module.inputIndex["element"] : nil
        try lua.pushRawField(control == .loop ? "state" : "initial", of: inputs)
        state = try lua.takeReference()
        var list: LuaReference?
        if control == .loop {
            try lua.pushRawField("limit", of: inputs)
            limit = lua.integer(at: -1) ?? 0
        } else {
            try lua.pushRawField("list", of: inputs)
            if let objection = control.objectionToList(lua) { throw fail(objection) }
            limit = lua.sequenceLength(at: -1)
            list = try lua.takeReference()
        }
        self.list = list
        template = try Self.template(step, module, inputs: inputs, control, fail, lua)
        log = ElementLog(of: index, in: run)
        counts.areTurns = true
        stateDigest = run.keys.flatMap { keys in
            guard keys.usesStore, let position = step.definition.inputIndex[control.stateInput]
            else { return nil }
            if case .absent = step.inputs[position] { return .ofNil }
            return try? keys.digest(ofInput: position, of: step, lua) {
                try run.pushOutput($0, lua)
            }
        }
        first = (state, stateDigest)
    }

    /// Starts again at the first turn, because a stored state cannot be read.
    func restart() {
        (state, stateDigest) = first
        unread = nil
        turns = 0
        printed = ""
        readsAll = true
        counts = ElementCounts()
        counts.areTurns = true
    }

    /// True if the module can cancel the work of a suspended turn.
    func cancels(_ lua: borrowing Lua) throws -> Bool {
        if let hasCancel { return hasCancel }
        let found = try module.hasMethod("cancel", lua)
        hasCancel = found
        return found
    }

    /// Takes the lease of the step before the first turn that is computed.
    ///
    /// - Returns: true if another run may have computed turns by then.
    func takeLease(_ lua: borrowing Lua) throws -> Bool {
        guard !isLeased else { return false }
        isLeased = true
        var began = Clock.now
        _ =
            waits
            ? try run.awaitLease(of: index, &began, lua) : try run.computedElsewhere(index, lua)
        return true
    }

    /// Notes the files among the inputs of a turn with this state whose cached result is used.
    func noteInputFiles(
        of turn: Int, _ given: LuaReference?, _ lua: borrowing Lua
    ) throws {
        // The files in a state that nothing has read are products of the turn before it.
        guard let given else { return }
        let after = state
        state = given
        defer { state = after }
        try run.noteInputFiles(of: template, attempt(turn), lua)
    }

    /// Adds the record of a turn that has ended.
    func note(_ record: ElementRecord) {
        guard let turn = record.place.first, turn > logged else { return }
        logged = turn
        log.add(record)
    }

    /// Returns the step of a turn.
    private static func template(
        _ step: Plan.Step, _ module: ModuleDefinition, inputs: Int, _ control: Control,
        _ fail: (String) -> ModuleFailure, _ lua: borrowing Lua
    ) throws -> Plan.Step {
        try lua.pushRawField("inputs", of: inputs)
        defer { lua.pop() }
        let isGiven = lua.type(at: -1) == .table
        if let objection = try control.objection(toInputsOf: module, lua) { throw fail(objection) }
        var sources: [Plan.Input] = []
        for port in module.inputs {
            if control.varying.contains(port.name) {
                sources.append(.element)
                continue
            }
            if isGiven {
                try lua.pushRawField(port.name, of: -1)
                let value: LuaReference? = lua.isNil(at: -1) ? nil : try lua.reference(at: -1)
                lua.pop()
                if let value {
                    sources.append(.value(value))
                    continue
                }
            }
            sources.append(port.defaultValue.map { .value($0) } ?? .absent)
        }
        var template = Plan.Step(
            name: step.name, definition: module, inputs: sources, location: step.location,
            options: step.options)
        template.options.timeout = step.options.timeout ?? module.timeout
        template.options.retries = step.options.retries ?? module.retries
        return template
    }

    // MARK: The inputs of a turn

    func label(of turn: Int) -> String { "[\(turn)]" }

    func push(
        _ position: Int, of turn: Int, _ lua: borrowing Lua,
        check: (Plan.ParameterCheck) throws -> Void
    ) throws {
        if position == turnPosition { return try lua.push(turn) }
        if position == elementPosition, let list {
            try lua.push(list)
            try lua.pushSequenceElement(turn, of: -1)
            lua.remove(at: -2)
            return
        }
        guard position == statePosition, let state else { return try lua.pushNil() }
        try lua.push(state)
    }

    func readAgain(_ lua: borrowing Lua) {}

    func hasReported(_ warning: String) -> Bool { !reported.insert(warning).inserted }

    /// Returns the computation of a turn.
    func attempt(_ turn: Int) -> StepAttempt {
        StepAttempt(run: run, step: template, element: (self, turn))
    }

    // MARK: Keys

    /// Returns the key of a turn: that of a node that computes the module with the same inputs.
    func key(_ turn: Int, _ lua: borrowing Lua) throws -> Digest? {
        guard let keys = run.keys, keys.usesStore, let stateDigest else { return nil }
        if case .never = module.caching { return nil }
        guard let code = try keys.code.persistent(of: module, keys.names, lua).digest else {
            return nil
        }
        var bytes = keys.prefix + code.bytes
        for (position, port) in module.inputs.enumerated() {
            bytes.append(UInt8(ascii: "i"))
            if position == statePosition {
                bytes += stateDigest.bytes
                continue
            }
            switch template.inputs[position] {
            case .absent: continue
            case .value(let value): try lua.push(value)
            default: try push(position, of: turn, lua) { _ in }
            }
            defer { lua.pop() }
            do {
                bytes += try keys.digest(ofConstantFor: port, lua).bytes
            } catch is Fingerprint.Impossible {
                return nil
            }
        }
        return keys.names.digest(bytes)
    }

    // MARK: Progress

    /// Reports the number of turns that have ended, at most twenty times a second.
    func report(always: Bool = false) {
        let now = Clock.now
        guard always || now - lastReport > 50_000_000 else { return }
        lastReport = now
        // The limit of a loop is no estimate of its turns.
        let total = control == .fold ? limit : always ? turns : nil
        run.environment.report(
            .tasks(
                node: step.name,
                CallProgress(
                    call: 0, backend: .serial, label: nil, done: turns, total: total, workers: 1)))
    }
}

extension Control {
    /// The input that has the first state.
    var stateInput: String { self == .fold ? "initial" : "state" }

    /// The inputs of the module `step` that differ from turn to turn.
    var varying: [String] { self == .fold ? ["state", "element"] : ["state", "turn"] }

    /// Returns the reason why a module cannot compute turns; nil if it can.
    func objection(to module: ModuleDefinition) -> String? {
        if let port = module.streamPort {
            return
                "`step`: \(port) of `\(module.name)` is a stream; a module with streams cannot compute in "
                + "turns"
        }
        let needed = self == .fold ? ["state", "element"] : ["state"]
        for input in needed where module.inputIndex[input] == nil {
            let names = module.inputs.map { "`\($0.name)`" }.joined(separator: ", ")
            return "`step`: `\(module.name)` has no input `\(input)`; "
                + (names.isEmpty ? "it has no inputs" : "its inputs are \(names)")
        }
        for output in self == .fold ? ["state"] : ["state", "done"]
        where module.outputIndex[output] == nil {
            let names = module.outputs.map { "`\($0.name)`" }.joined(separator: ", ")
            return "`step`: `\(module.name)` has no output `\(output)`; "
                + (names.isEmpty ? "it has no outputs" : "its outputs are \(names)")
        }
        if self == .loop, let position = module.outputIndex["done"] {
            let type = module.outputs[position].type
            guard case .boolean = type else {
                return "`step`: output `done` of `\(module.name)` must have the type boolean, "
                    + "not \(type)"
            }
        }
        if let output = module.outputIndex["state"], let input = module.inputIndex["state"] {
            let (given, taken) = (module.outputs[output].type, module.inputs[input].type)
            if !given.connects(to: taken) {
                return "`step`: `\(module.name)` takes a state of the type \(taken), and gives one "
                    + "of the type \(given)"
            }
        }
        return nil
    }

    /// Returns the reason why the value on top cannot be the list of a fold; nil if it can.
    func objectionToList(_ lua: borrowing Lua) -> String? {
        guard lua.isSequence(at: -1) else {
            return "input `list`: a list expected, got \(lua.typeNameOfNoSequence(at: -1))"
        }
        if let gap = try? lua.firstGap(at: -1) {
            return "input `list`: element \(gap) is nil; a list has a value at each place"
        }
        guard lua.type(at: -1) == .table, lua.sequenceLength(at: -1) == 0 else { return nil }
        var key: String?
        try? lua.forEachPair(of: -1) { if key == nil { key = try lua.display(at: -2) } }
        return key.map { "input `list`: a list expected, got a table with the key \($0)" }
    }

    /// Returns the reason why the table on top, or nil, does not give the further inputs of a module.
    func objection(
        toInputsOf module: ModuleDefinition, _ lua: borrowing Lua
    ) throws -> String? {
        var given: Set<String> = []
        var objection: String?
        if lua.type(at: -1) == .table {
            try lua.forEachPair(of: -1) {
                let name = try lua.display(at: -2)
                given.insert(name)
                if objection != nil { return }
                if module.inputIndex[name] == nil {
                    objection =
                        "`inputs` has `\(name)`, but `\(module.name)` has no such input"
                        + suggestion(for: name, among: module.inputs.map(\.name))
                } else if varying.contains(name) {
                    objection = "`inputs` must not have `\(name)`: each turn gets another value"
                } else if let position = module.inputIndex[name],
                    let reason = try module.inputs[position].mismatch(lua, at: -1)
                {
                    objection = "`inputs.\(name)`: \(reason)"
                }
            }
        }
        if let objection { return objection }
        let missing = module.inputs.first {
            $0.isRequired && !varying.contains($0.name) && !given.contains($0.name)
        }
        return missing.map {
            "`\(module.name)` requires the input `\($0.name)`; give it with "
                + "inputs = { \($0.name) = ... }"
        }
    }
}
