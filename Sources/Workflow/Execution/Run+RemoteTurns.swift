// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem

// Turns of loops and folds on workers.

extension Run {
    /// The time, in nanoseconds, from which a turn is worth sending to a worker.
    private static let shortTurn: Int64 = 2_000_000

    /// Computes a turn whose table of inputs is on top: on a worker where it may compute there and takes
    /// long enough, while other steps go on; otherwise on the interpreter.
    func compute(
        _ turn: Int, of turns: TurnComputation, _ attempt: inout StepAttempt, inputs: Int,
        _ lua: borrowing Lua
    ) throws -> StepAttempt.Computed {
        let began = Clock.now
        turns.worker = 0
        let isLong = turns.duration.map { $0 >= Self.shortTurn } ?? true
        if isLong || !turns.step.options.places.isEmpty, attempt.handle == nil,
            let view = try view(for: turns.template, lua)
        {
            do {
                let result = try compute(turn, of: turns, &attempt, on: view, inputs: inputs, lua)
                return result
            } catch let refusal as RemoteModule.Refusal {
                let places = turns.step.options.places
                if !places.isEmpty, !places.contains(.interpreter) {
                    throw attempt.cannotCompute(on: view, refusal, inputs: inputs, lua)
                }
            }
        }
        defer { turns.duration = Clock.now - began }
        return try attempt.computeWithRetries(lua)
    }

    private func compute(
        _ turn: Int, of turns: TurnComputation, _ attempt: inout StepAttempt, on view: View,
        inputs: Int, _ lua: borrowing Lua
    ) throws -> StepAttempt.Computed {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        var step = turns.template
        step.name += turns.label(of: turn)
        let module = try RemoteModule(
            of: step, shared: inputs, varying: [], view: view, run: self, lua)
        try RemoteModule.pushOnlyItem(lua)
        try module.send(list: -1, first: 1, count: 1, lua)
        let ended = try awaitEnd(of: module, step, lua)
        attempt.count = ended.attempts
        attempt.printed = ended.printed
        attempt.annotations = ended.annotations
        turns.worker = ended.worker ?? 0
        turns.duration = ended.ended - ended.started
        for event in ended.events { report(event) }
        switch ended.outcome {
        case .computed(let result): return result
        case .failed(let failure): throw failure
        case .cancelled: throw LuaError(.cancelled, "cancelled")
        }
    }

    /// Waits for the only task of a module, while other steps go on.
    private func awaitEnd(
        of module: RemoteModule, _ step: Plan.Step, _ lua: borrowing Lua
    ) throws -> RemoteModule.Ended {
        do {
            while true {
                try lua.checkCancellation()
                if let ended = try module.takeNext(lua, step: { _ in step }) { return ended }
                let others = try othersContinued(lua)
                _ = try RemoteModule.wait(
                    for: [module] + others, until: Clock.now + Clock.second / 10, lua)
            }
        } catch {
            module.stop(from: 0)
            throw error
        }
    }
}
