// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTShipping
internal import VTSystem

/// One module on the workers of a view: each task computes it with other inputs. Tasks are numbered from
/// 0 in the order in which they are sent.
final class RemoteModule {
    let call: ModuleCall
    let view: View
    private let run: Run
    private let node: String
    private let mark: [UInt8]
    /// The table of inputs that all tasks share.
    private let shared: LuaReference
    private let hasVaryingInputs: Bool
    /// The accesses of workers while they loaded the module: every task depends on it.
    private var loading: [[UInt8]] = []
    /// The number of attempts after the first.
    private let retries: Int
    /// The lists of items that were sent: one whose outputs are wrong is sent again.
    private var sent: [(tasks: Range<Int>, list: LuaReference, first: Int)] = []
    /// The call of tasks that repeat others: those go on when later tasks of the first call are stopped.
    private var again: ModuleCall?
    private let options: CallOptions
    /// The function and its last arguments, for that call: the bytes of the module, and their seal.
    private let function: LuaReference
    private let extras: [LuaReference]
    /// The tasks that repeat others, by their numbers in that call.
    private var repeated: [Int: Repetition] = [:]

    private struct Repetition {
        var number: Int
        var attempts: Int
        var events: [RunEvent]
    }

    typealias Refusal = ModuleBytes.Refusal

    /// Prepares the tasks; no worker starts one before ``send(list:first:count:_:)``.
    ///
    /// - Parameters:
    ///   - shared: the stack index of a table: the inputs that all tasks share.
    ///   - varying: the names of the inputs that come with each task. An item is the value if there
    ///     is one name, else a list of values in this order.
    /// - Throws: ``Refusal`` if the module or the shared inputs cannot be sent.
    init(
        of step: Plan.Step, shared: Int, varying: [String], view: View, chunkSize: Int? = nil,
        run: Run, _ lua: borrowing Lua
    ) throws {
        self.view = view
        self.run = run
        node = step.name
        mark = TaskNotes.makeMark()
        self.shared = try lua.reference(at: shared)
        hasVaryingInputs = !varying.isEmpty
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.pushLoaded("vt")
        try lua.pushRawField("_compute", of: -1)
        lua.remove(at: -2)
        guard lua.type(at: -1) == .function else {
            throw Refusal(reason: "a script has replaced the table `vt`")
        }
        // An engine may have another working directory.
        var files = Array(run.environment.filesDirectory.utf8)
        if view.kind == .cluster { files = files.absolutePath(in: .workingDirectory) }
        try ModuleBytes.push(of: step, shared, varying, mark, filesDirectory: files.text, lua)
        try run.interpreter.seal?.push(for: base + 2, lua)
        let extras = base + 2..<lua.top + 1
        var options = CallOptions()
        options.timeout = step.options.timeout ?? run.options.timeout
        retries = step.options.retries ?? run.options.retries
        options.retries = retries
        options.chunkSize = chunkSize
        options.cores = run.cores(of: step)
        options.onError = .collect
        self.options = options
        function = try lua.reference(at: base + 1)
        self.extras = try extras.map { try lua.reference(at: $0) }
        call = try ModuleCall(view, function: base + 1, extras: extras, options, lua)
    }

    /// The number of tasks that were sent and not taken.
    var running: Int { call.running + (again?.running ?? 0) }
    /// Sends a task for each of `count` elements of a list, from `first` on.
    ///
    /// - Throws: `ModuleCall.Unsendable` for an element that cannot be sent.
    func send(list: Int, first: Int, count: Int, _ lua: borrowing Lua) throws {
        let begin = call.count
        try call.send(list: list, first: first, count: count, lua)
        if retries > 0 {
            sent.append((begin..<call.count, try lua.reference(at: list), first))
        }
    }

    /// Sends the item of a task again; false if no attempt is left.
    private func sendAgain(_ ended: Ended, _ lua: borrowing Lua) throws -> Bool {
        guard ended.attempts <= retries,
            let place = sent.first(where: { $0.tasks.contains(ended.number) })
        else { return false }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.push(place.list)
        try lua.pushTable(elements: 1)
        try lua.pushRawElement(
            place.first + ended.number - place.tasks.lowerBound, of: base + 1)
        try lua.setRawElement(1, of: base + 2)
        try lua.push(function)
        for extra in extras { try lua.push(extra) }
        let again =
            try self.again
            ?? ModuleCall(
                view, function: base + 3, extras: (base + 4)..<(lua.top + 1), options, lua)
        self.again = again
        repeated[again.count] = Repetition(
            number: ended.number, attempts: ended.attempts, events: ended.events)
        try again.send(list: base + 2, first: 1, count: 1, lua)
        return true
    }

    /// Makes the tasks from a number on unwanted.
    func stop(from number: Int) {
        call.stop(from: number)
        // Repetitions of earlier tasks go on, and others may follow.
        guard repeated.values.allSatisfy({ $0.number >= number }) else { return }
        again?.stop(from: 0)
        again = nil
        repeated = [:]
    }

    /// Waits until a task has ended and was not taken; false when the deadline comes first.
    static func wait(
        for modules: [RemoteModule], and others: [ModuleCall] = [], until deadline: Int64,
        _ lua: borrowing Lua
    ) throws -> Bool {
        try ModuleCall.wait(for: modules.flatMap(\.calls) + others, until: deadline, lua)
    }

    /// The calls whose tasks have not all been taken.
    var calls: [ModuleCall] { [call] + (again.map { [$0] } ?? []) }

    // MARK: Results

    /// A task that has ended.
    struct Ended {
        var number: Int
        var worker: Int?
        /// The times at which its last attempt started and ended, in nanoseconds of the clock.
        var started: Int64
        var ended: Int64
        var attempts: Int
        /// The printed text of the last attempt.
        var printed = ""
        var annotations: [(key: String, value: LuaValue)] = []
        /// The texts that the module has printed and logged, in order.
        var events: [RunEvent] = []
        /// The calls of the module's pools, also those of earlier attempts.
        var calls: [CallRecord] = []
        /// The processor time of its worker's thread, in seconds.
        var processor = 0.0
        var outcome: Outcome
    }

    enum Outcome {
        /// The outputs were checked.
        case computed(StepAttempt.Computed)
        case failed(ModuleFailure)
        case cancelled
    }

    /// Takes a task that has ended, in no particular order; nil if there is none.
    ///
    /// - Parameter step: returns the step that stands for a task.
    func takeNext(_ lua: borrowing Lua, step: (Int) -> Plan.Step) throws -> Ended? {
        var earlier: Repetition?
        var next = try call.takeNext(lua)
        if next == nil, let found = try again?.takeNext(lua) {
            earlier = repeated.removeValue(forKey: found.number)
            next = found
        }
        guard var task = next else { return nil }
        if let earlier {
            task.number = earlier.number
            task.attempts += earlier.attempts
        }
        let base = lua.top - (task.failure == nil ? 1 : 0)
        defer { lua.pop(lua.top - base) }
        var ended = Ended(
            number: task.number, worker: task.worker, started: task.started, ended: task.ended,
            attempts: task.attempts, outcome: .cancelled)
        var notes = Notes()
        if !task.printed.isEmpty { read(task, &ended, &notes) }
        if let earlier { ended.events = earlier.events + ended.events }
        var attempt = StepAttempt(run: run, step: step(task.number))
        attempt.count = task.attempts
        do {
            if let error = task.failure {
                if error.cause == .cancelled { return ended }
                throw try failure(of: error, notes, attempt, lua)
            }
            let result = lua.top
            do {
                try attempt.checkOutputs(
                    set: nil, scratch: notes.scratch, inputs: nil, isOwn: true, lua)
            } catch var failure as ModuleFailure {
                if try sendAgain(ended, lua) { return try takeNext(lua, step: step) }
                failure.inputs = try inputs(of: attempt, lua)
                throw failure
            }
            for port in notes.changedInputs { warnOfChange(to: port, attempt.step, &ended) }
            try lua.pushValue(at: result)
            let outputs = try lua.takeReference()
            ended.outcome = .computed(
                StepAttempt.Computed(
                    entry: ResultCache.Entry(
                        outputs: outputs, printed: ended.printed, annotations: ended.annotations),
                    accesses: accesses(notes, lua), scratch: notes.scratch))
        } catch let failure as ModuleFailure {
            ended.outcome = .failed(failure)
        }
        return ended
    }

    private func accesses(_ notes: Notes, _ lua: borrowing Lua) -> Accesses {
        guard run.keys != nil, !loading.isEmpty || !notes.accesses.isEmpty else {
            return Accesses()
        }
        let log = run.interpreter.accessLog
        let accesses = log.begin(lua)
        log.end(accesses, adding: loading + notes.accesses, lua)
        return accesses
    }

    /// Pushes a list of one element: the item of the only task of a module without varying inputs.
    static func pushOnlyItem(_ lua: borrowing Lua) throws {
        try lua.pushTable(elements: 1)
        try lua.push(true)
        try lua.setRawElement(1, of: -2)
    }
}

// MARK: - The output of a task

extension RemoteModule {
    /// The report of a worker on a task besides its result.
    fileprivate struct Notes {
        var deliberateFailure: String?
        var taskError: TaskError?
        var accesses: [[UInt8]] = []
        var scratch: String?
        var changedInputs: [String] = []
        var changedSharedInput: String?
        var cannotLoad = false
        /// The functions that were active when the time limit stopped the module.
        var stoppedAt: [LuaFrame]?
    }

    /// Reads the output of a task, with its notes.
    private func read(_ task: EndedTask, _ ended: inout Ended, _ notes: inout Notes) {
        var events: [RunEvent] = []
        let definition = ModuleDefinition(name: node, body: .script(shared))
        func makeContext() -> ModuleContext {
            ModuleContext(node: node, definition: definition, inputs: shared) { events.append($0) }
        }
        var context = makeContext()
        var isOver = false
        // The output of an earlier attempt is reported, but is not that of the module.
        func continueAttempt() {
            if isOver { context = makeContext() }
            isOver = false
        }
        TaskNotes.forEach(in: task.printed, mark: mark) { text in
            continueAttempt()
            Array(text).withUnsafeBytes { context.write($0) }
        } note: { note, content in
            var reader = NoteReader(content)
            if ![.attemptEnded, .call, .processor].contains(note) { continueAttempt() }
            switch note {
            case .attemptEnded:
                context.finish()
                isOver = true
            case .log:
                let level = RunEvent.LogLevel(rawValue: reader.string()) ?? .info
                context.log(level, reader.string())
            case .annotation:
                let key = reader.string()
                // Only annotations that are sent can be refused.
                try? context.annotate(key, reader.value())
            case .deliberateFailure:
                notes.deliberateFailure = String(decoding: content, as: UTF8.self)
            case .taskError: notes.taskError = TaskError(bytes: Array(content))
            case .accesses: notes.accesses.append(Array(content))
            case .loadingAccesses:
                // What a module accessed while it was loaded counts here as it does there.
                if !run.interpreter.accessLog.hasLoaded(Array(content)) {
                    loading.append(Array(content))
                }
            case .scratch: notes.scratch = String(decoding: content, as: UTF8.self)
            case .changedInput:
                notes.changedInputs.append(String(decoding: content, as: UTF8.self))
            case .changedSharedInput:
                notes.changedSharedInput = String(decoding: content, as: UTF8.self)
            case .call:
                if let record = CallRecord(bytes: Array(content)) { ended.calls.append(record) }
            case .cannotLoad: notes.cannotLoad = true
            case .processor: ended.processor += Double(reader.number()) * 1e-9
            case .stoppedAt: notes.stoppedAt = reader.frames()
            }
        }
        if isOver, task.failure == nil { context = makeContext() }
        context.finish()
        ended.printed = String(decoding: context.printed, as: UTF8.self)
        ended.annotations = context.annotations
        ended.events = events
    }

    /// Adds the warning that the module has changed an input in place.
    private func warnOfChange(to port: String, _ step: Plan.Step, _ ended: inout Ended) {
        guard let index = step.definition.inputIndex[port],
            case .output(let source) = step.inputs[index]
        else { return }
        let origin = run.plan.steps[source.step].name
        ended.events.append(
            .logged(node: node, level: .warn, message: StepAttempt.change(of: port, from: origin)))
    }

    // MARK: Failures

    private func failure(
        of error: TaskError, _ notes: Notes, _ attempt: StepAttempt, _ lua: borrowing Lua
    ) throws -> ModuleFailure {
        var failure = makeFailure(of: error, notes, attempt, lua)
        failure.inputs = try inputs(of: attempt, lua)
        return failure
    }

    private func makeFailure(
        of error: TaskError, _ notes: Notes, _ attempt: StepAttempt, _ lua: borrowing Lua
    ) -> ModuleFailure {
        switch error.cause {
        case .died, .closed, .cancelled:
            var plain = error
            // The task is the module: its number and its line say nothing.
            (plain.index, plain.total, plain.sender) = (nil, nil, nil)
            return attempt.failure(.compute, of: plain, inputs: nil, lua)
        case .timeout:
            let timeout = attempt.step.options.timeout ?? run.options.timeout ?? .zero
            let isKilled = error.message.hasSuffix("killed")
            let message =
                isKilled ? error.message : "timed out after \(timeout.inSeconds.briefSeconds)"
            let traceback = notes.stoppedAt ?? error.traceback
            let place = ErrorPlace(LuaError(.timedOut, message, traceback: traceback))
            var failure = attempt.failure(.compute, place, traceback, inputs: nil, lua)
            failure.timedOut = true
            return failure
        case .error: break
        }
        if let message = notes.deliberateFailure {
            return attempt.failure(.compute, message, inputs: nil, lua)
        }
        if let inner = notes.taskError {
            return attempt.failure(.compute, of: inner, inputs: nil, lua)
        }
        if let port = notes.changedSharedInput {
            return attempt.failure(
                .compute,
                "changes its input `\(port)` in place, which other elements use, too. Copy the "
                    + "table before changing it", inputs: nil, lua)
        }
        let thrown = LuaError(
            .runtime, error.message, value: lua.valueThrown(by: error), traceback: error.traceback)
        var place = ErrorPlace(thrown)
        let isResult = error.message.hasPrefix("cannot send the result: ")
        if isResult {
            place.message =
                "cannot send the outputs" + error.message.dropFirst(22)
                + " Or compute the module on the interpreter, with the option "
                + "{ on = \"interpreter\" }"
        }
        if notes.cannotLoad { place.message = "the worker cannot load it: " + place.message }
        var failure = attempt.failure(
            isResult ? .outputs : .compute, place, error.traceback, inputs: nil, lua)
        if case .table = thrown.value { failure.thrown = thrown.value }
        return failure
    }

    /// Describes the inputs of a task.
    private func inputs(
        of attempt: StepAttempt, _ lua: borrowing Lua
    ) throws -> [ModuleFailure.Input] {
        // The caller describes those of an element.
        if hasVaryingInputs { return [] }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.push(shared)
        return attempt.describe(inputs: base + 1, lua)
    }
}
