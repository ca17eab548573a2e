// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem

// Modules that compute on workers.

extension Run {
    /// The view of the first place of a step's option `on` that is available; nil if the step computes
    /// on the interpreter.
    func view(for step: Plan.Step, _ lua: borrowing Lua) throws -> View? {
        for place in step.options.places {
            if place == .interpreter { return nil }
            if let view = try view(at: place, lua) { return view }
        }
        return nil
    }

    private func view(at place: Place, _ lua: borrowing Lua) throws -> View? {
        if let view = views[place] { return view }
        let view = try interpreter.makeView(place, lua)
        views[place] = view
        return view
    }

    /// Waits for the end of the workers.
    func closeViews(_ lua: borrowing Lua) throws {
        for view in views.values { try view.close(lua) }
        views = [:]
    }

    /// Ends the workers now.
    func terminateViews() {
        for view in views.values { try? view.terminate() }
        views = [:]
    }

    /// Computes a module on a worker and waits for it.
    func computeThere(
        _ view: View, _ attempt: inout StepAttempt, inputs: Int, _ lua: borrowing Lua
    ) throws -> StepAttempt.Computed {
        let step = attempt.step
        let module: RemoteModule
        do {
            module = try RemoteModule(
                of: step, shared: inputs, varying: [], view: view, run: self, lua)
        } catch let refusal as RemoteModule.Refusal {
            throw attempt.cannotCompute(on: view, refusal, inputs: inputs, lua)
        }
        try RemoteModule.pushOnlyItem(lua)
        try module.send(list: -1, first: 1, count: 1, lua)
        lua.pop()
        while true {
            if let ended = try module.takeNext(lua, step: { _ in step }) {
                for event in ended.events { environment.report(event) }
                attempt.count = ended.attempts
                attempt.printed = ended.printed
                attempt.annotations = ended.annotations
                switch ended.outcome {
                case .computed(let result): return result
                case .failed(let failure): throw failure
                case .cancelled: throw LuaError(.cancelled, "cancelled")
                }
            }
            _ = try RemoteModule.wait(for: [module], until: Clock.never, lua)
        }
    }
}
