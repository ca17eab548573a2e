// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

/// A step that gives streams, while another step reads them.
final class StreamPart {
    let index: Int
    private unowned let group: StreamGroup
    private(set) var attempt: StepAttempt
    private(set) var context: ModuleContext?
    /// The time that the step has taken, without the steps that it reads from, in nanoseconds.
    var time: Int64 = 0
    private(set) var scratch: String?

    private enum State { case idle, open, closed }
    private var state = State.idle
    /// The name of the step that reads in the end.
    private let end: String
    private var inputs: LuaReference?
    private var tables: InputTables?
    /// For each output its items, once the step has started.
    private var iterators: [StreamIterator?]
    private var functions: [Int: LuaReference] = [:]
    /// For each output, the conditions on its items.
    private var checks: [[Check]]

    /// A condition on items, of the step itself or of the one that reads them.
    private struct Check {
        var type: PortType
        var step: Int
        var stage: ModuleFailure.Stage
        var port: String
    }

    init(_ index: Int, of group: StreamGroup) {
        self.index = index
        self.group = group
        end = group.run.plan.steps[group.end].name
        attempt = StepAttempt(run: group.run, step: group.run.plan.steps[index])
        let count = attempt.step.definition.outputs.count
        iterators = Array(repeating: nil, count: count)
        checks = Array(repeating: [], count: count)
    }

    private var run: Run { group.run }
    private var step: Plan.Step { attempt.step }
    /// The work that is done so far; nil if no item was wanted.
    var work: StreamWork? {
        if context == nil { return nil }
        return StreamWork(
            seconds: Double(time) / 1e9, counts: iterators.map { $0?.count ?? 0 },
            printed: attempt.printed, annotations: attempt.annotations)
    }

    // MARK: Reading

    /// Pushes the function that returns the next item of an output, and nil at the end.
    func push(_ output: Int, _ lua: borrowing Lua) throws {
        if let function = functions[output] { return try lua.push(function) }
        try lua.pushConfined { [self] lua in try next(output, lua) }
        try lua.pushValue(at: -1)
        functions[output] = try lua.takeReference()
    }

    private func next(_ output: Int, _ lua: borrowing Lua) throws -> LuaReturn {
        // A closed step must not use the run, which may have ended.
        if state == .closed || !group.isOpen {
            let port = step.definition.outputs[output].name
            throw lua.error(
                "the stream `\(port)` of `\(step.name)` can be read only while `\(end)` computes")
        }
        do {
            if state == .idle { try start(lua) }
            guard let iterator = iterators[output], !iterator.hasEnded else {
                try lua.pushNil()
                return 1
            }
            try group.entering(self) {
                do {
                    try iterator.pushNext(lua)
                } catch {
                    throw failed(error, lua)
                }
            }
            if !iterator.hasEnded || !lua.isNil(at: -1) { try check(output, iterator.count, lua) }
            return 1
        } catch let failure as ModuleFailure {
            group.note(failure, of: index)
            throw failure
        }
    }

    private func check(_ output: Int, _ number: Int, _ lua: borrowing Lua) throws {
        for check in checks[output] {
            guard let reason = try check.type.mismatch(lua, at: -1) else { continue }
            let attempt = StepAttempt(run: run, step: run.plan.steps[check.step])
            let failure = attempt.failure(
                check.stage, "\(check.port), item \(number): \(reason)",
                at: check.stage == .outputs ? try attempt.placeOfMethod(lua) : nil, inputs: nil, lua
            )
            group.note(failure, of: check.step)
            throw failure
        }
    }

    // MARK: Starting

    private func start(_ lua: borrowing Lua) throws {
        state = .open
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        run.reportStart(of: index)
        attempt.count = 1
        try attempt.pushInputs(lua)
        let inputs = lua.top
        let context = ModuleContext(
            node: step.name, definition: step.definition, inputs: try lua.reference(at: inputs),
            filesDirectory: run.environment.filesDirectory,
            report: { [unowned run = run] event in run.report(event) })
        self.context = context
        self.inputs = try lua.reference(at: inputs)
        tables = try InputTables(of: step, inputs: inputs, all: false, in: run, lua)
        if run.keys != nil {
            run.streamFiles[group.end, default: []] += try run.inputFiles(of: step, inputs, lua)
        }
        try group.entering(self) {
            try attempt.pushCompute(lua)
            try lua.pushValue(at: inputs)
            try attempt.callingPart(.compute, inputs: inputs, lua) {
                try lua.call(arguments: 2, results: 1)
                try lua.checkCancellation()
            }
            try attempt.checkPrograms(of: context, inputs: inputs, lua)
            try attempt.checkOutputs(
                set: context.outputs, scratch: context.scratchDirectory, inputs: inputs, lua)
        }
        let outputs = lua.top
        for (output, port) in step.definition.outputs.enumerated() where port.type.isStream {
            try lua.pushRawField(port.name, of: outputs)
            defer { lua.pop() }
            if lua.isNil(at: -1) { continue }
            iterators[output] = try StreamIterator(at: -1, lua)
            checks[output] = findChecks(of: output, port)
        }
    }

    /// Returns the conditions on the items of an output, each type once.
    private func findChecks(of output: Int, _ port: Port) -> [Check] {
        var checks: [Check] = []
        func add(_ type: PortType?, _ step: Int, _ stage: ModuleFailure.Stage, _ port: String) {
            guard let type, !type.isAny,
                !checks.contains(where: { $0.type.description == type.description })
            else { return }
            checks.append(Check(type: type, step: step, stage: stage, port: port))
        }
        add(port.type.streamItem, index, .outputs, "output `\(port.name)`")
        guard let reader = run.streams?.readers[index] else { return checks }
        let step = run.plan.steps[reader]
        for (position, (taken, input)) in zip(step.definition.inputs, step.inputs).enumerated() {
            input.forEachOutput(of: taken) { source, place in
                guard source.step == index, source.output == output else { return }
                for check in step.checks where check.input == position {
                    add(
                        check.port.type.streamItem, reader, .inputs,
                        "parameter `\(check.port.name)` of \(check.workflow)")
                }
                add(
                    place.type.streamItem, reader, .inputs,
                    "input `\(place.name)` (from \(self.step.name))")
            }
        }
        return checks
    }

    /// Returns the error of the module's code as a failure of the step.
    private func failed(_ error: any Error, _ lua: borrowing Lua) -> any Error {
        do {
            // A stop that has passed through a coroutine looks like an error of its code.
            try lua.checkCancellation()
            if let inputs { try lua.push(inputs) }
            try attempt.callingPart(.compute, inputs: inputs == nil ? nil : lua.top, lua) {
                throw error
            }
            return error
        } catch {
            return error
        }
    }

    // MARK: Closing

    /// Ends a step that was not started, or whose run was stopped.
    func abandon() { state = .closed }

    /// Ends the computation of the step.
    func close(_ lua: borrowing Lua) throws {
        guard state == .open, let context else {
            state = .closed
            functions = [:]
            return
        }
        state = .closed
        let base = lua.top
        defer {
            scratch = context.scratchDirectory
            context.finish()
            attempt.note(context)
            for iterator in iterators { iterator?.release() }
            (inputs, tables, functions) = (nil, nil, [:])
            lua.pop(lua.top - base)
        }
        do {
            try group.entering(self) {
                for iterator in iterators {
                    do {
                        try iterator?.close(lua)
                    } catch {
                        throw failed(error, lua)
                    }
                }
                guard let inputs else { return }
                try lua.push(inputs)
                try attempt.checkPrograms(of: context, inputs: lua.top, lua)
                guard let tables else { return }
                for (port, origin) in try attempt.restore(tables, lua.top, lua) {
                    attempt.warnOfChange(to: port, of: origin)
                }
            }
        } catch let failure as ModuleFailure {
            group.note(failure, of: index)
            throw failure
        }
    }
}

@available(*, unavailable)
extension StreamPart: Sendable {}
