// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

extension Run {
    /// Predicts what the run would do with a step.
    func forecast(_ index: Int, _ lua: borrowing Lua) throws -> Forecast {
        let step = plan.steps[index]
        var forecast = Forecast(
            node: step.name, module: step.definition.title, isCached: false, reason: nil)
        for input in step.inputs {
            guard case .output(let source) = input, outputs[source.step] == nil else { continue }
            forecast.reason = "needs `\(plan.steps[source.step].name)`, which would run"
            return forecast
        }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        do {
            let attempt = StepAttempt(run: self, step: step)
            try attempt.pushInputs(lua)
            if let found = try known(index, inputs: base + 1, lua) {
                outputs[index] = found.outputs
                forecast.isCached = true
                return forecast
            }
        } catch let failure as ModuleFailure {
            forecast.reason = "fails in \(failure.stage): \(failure.message)"
            return forecast
        }
        forecast.reason = try reason(for: index, lua)
        return forecast
    }

    private func reason(for index: Int, _ lua: borrowing Lua) throws -> String {
        let step = plan.steps[index]
        if isForced(step) { return "is forced" }
        if case .never = step.definition.caching { return "is never cached: `cache` is false" }
        guard let key = keys.record(of: index) else {
            return "cannot be cached: " + obstacle(index)
        }
        if let obstacle = key.obstacle { return "cannot be cached: \(obstacle)" }
        let before = try withStore {
            try $0.lastKey(of: step.name, workflow: workflow, before: nil)
        }
        guard let before else { return "has no result yet" }
        return key.difference(from: before)?.sentence
            ?? "its result is no longer in the store, or its files have changed"
    }

    private func obstacle(_ index: Int) -> String {
        for (port, input) in zip(plan.steps[index].definition.inputs, plan.steps[index].inputs) {
            if port.type.holdsDirectories, case .value = input {
                return "its input `\(port.name)` is a directory"
            }
        }
        return "its `cache` function forbids it, or an input cannot be part of a key"
    }
}
