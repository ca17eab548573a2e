// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel

/// The error of `self:fail(message)`, which is reported without a traceback.
public struct DeliberateFailure: Error, Sendable, CustomStringConvertible {
    /// The message for the user.
    public var message: String
    /// Creates an error with a message.
    public init(_ message: String) { self.message = message }
    /// The message.
    public var description: String { message }
}

extension StepAttempt {
    /// Calls `body`. Its errors become failures of the module, except those that end the run.
    func calling(
        _ stage: ModuleFailure.Stage, inputs: Int? = nil, _ lua: borrowing Lua,
        _ body: () throws -> Void
    ) throws {
        do {
            try body()
        } catch let suspension as Suspension {
            throw suspension
        } catch let failure as ModuleFailure {
            // That of a module whose items this one reads.
            throw failure
        } catch let failure as DeliberateFailure {
            var found = self.failure(stage, failure.message, inputs: inputs, lua)
            found.isDeliberate = true
            throw found
        } catch let error as TimedOut {
            let message = "timed out after \(error.seconds.briefSeconds)"
            let place = ErrorPlace(LuaError(.timedOut, message, traceback: error.traceback))
            var failure = failure(stage, place, error.traceback, inputs: inputs, lua)
            failure.timedOut = true
            throw failure
        } catch let error as LuaError {
            if error.code == .cancelled || error.code == .timedOut { throw error }
            var failure = failure(stage, ErrorPlace(error), error.traceback, inputs: inputs, lua)
            if case .table = error.value { failure.thrown = error.value }
            throw failure
        } catch let error as TaskError {
            throw failure(stage, of: error, inputs: inputs, lua)
        } catch {
            throw failure(stage, "\(error)", inputs: inputs, lua)
        }
    }

    /// Makes a failure of a message and, if there is one, the line of a script.
    func failure(
        _ stage: ModuleFailure.Stage, _ message: String, at location: SourceLocation? = nil,
        inputs: Int?,
        _ lua: borrowing Lua
    ) -> ModuleFailure {
        var place = ErrorPlace(LuaError(.runtime, message))
        place.message = message
        place.location = location
        return failure(stage, place, [], inputs: inputs, lua)
    }

    /// Makes a failure of the error of a task on a worker. The traceback ends with the line that sent
    /// the task.
    func failure(
        _ stage: ModuleFailure.Stage, of error: TaskError, inputs: Int?, _ lua: borrowing Lua
    ) -> ModuleFailure {
        let traceback = error.traceback + (error.sender.map { [$0] } ?? [])
        var place = ErrorPlace(
            LuaError(
                .runtime, error.message, value: lua.valueThrown(by: error), traceback: traceback))
        if let sender = error.sender, place.callers.last == sender {
            // The sender is shown once, however deep the traceback of the task is.
            place.callers = Array(place.callers.dropLast().prefix(2))
            if sender.place != place.location { place.callers.append(sender) }
        }
        var failure = failure(stage, place, traceback, inputs: inputs, lua)
        failure.task = error
        return failure
    }

    func failure(
        _ stage: ModuleFailure.Stage, _ place: ErrorPlace, _ traceback: [LuaFrame], inputs: Int?,
        _ lua: borrowing Lua
    ) -> ModuleFailure {
        ModuleFailure(
            node: name, module: step.definition.name, version: step.definition.version,
            run: run.id, stage: stage, message: place.message, location: place.location,
            inside: place.inside, callers: place.callers,
            traceback: traceback.filter { $0.file != nil && $0.line != nil },
            inputs: inputs.map { describe(inputs: $0, lua) } ?? [], placed: step.location,
            done: run.done, total: run.plan.steps.count, attempts: count)
    }

    func describe(inputs: Int, _ lua: borrowing Lua) -> [ModuleFailure.Input] {
        var described: [ModuleFailure.Input] = []
        for (port, input) in zip(step.definition.inputs, step.inputs) {
            if case .absent = input { continue }
            guard (try? lua.pushRawField(port.name, of: inputs)) != nil else { continue }
            defer { lua.pop() }
            if case .element = input, lua.isNil(at: -1) { continue }
            var origin: String?
            var value = lua.brief(at: -1)
            if case .output(let source) = input {
                origin = run.plan.steps[source.step].name
                if port.type.isStream { value = run.briefStream(source) }
            }
            described.append(.init(name: port.name, value: value, origin: origin))
        }
        return described
    }
}

extension TaskError {
    /// `element 17 of 48, processes worker 2`
    package var element: String {
        var parts: [String] = []
        if let label { parts.append(label) }
        if let index { parts.append(total.map { "element \(index) of \($0)" } ?? "task \(index)") }
        parts.append(kind.rawValue + (worker.map { " worker \($0)" } ?? ""))
        return parts.joined(separator: ", ")
    }

    /// True if the workers failed, not the code that they ran.
    package var isOfWorkers: Bool { cause == .died || cause == .closed }
}

extension Lua {
    /// Returns a copy of the value that a task threw.
    func valueThrown(by error: TaskError) -> LuaValue? {
        let base = top
        defer { pop(top - base) }
        guard (try? error.push(onto: self)) != nil, (try? pushField("value", of: -1)) != nil
        else { return nil }
        return LuaValue(lua: self, at: -1)
    }
}

extension Double {
    /// `2 s`, `0.5 s`
    var briefSeconds: String {
        self == rounded() && abs(self) < 1e15 ? "\(Int(self)) s" : "\(self) s"
    }
}
