// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem

// Modules that compute on workers.

extension Run {
    /// The number of processors that a step takes.
    func cores(of step: Plan.Step) -> Int { min(step.options.cores ?? 1, options.jobs) }

    /// True if a step computes on a worker if one is available.
    func mayLeave(_ step: Plan.Step, _ lua: borrowing Lua) throws -> Bool {
        // Of a step with turns, these go to workers, and the step itself stays.
        if step.each != nil || step.gathering != nil || step.hasTurns { return false }
        return try !places(of: step, lua).isEmpty
    }

    /// The places of workers where a step may compute, the preferred one first; empty for the
    /// interpreter.
    func places(of step: Plan.Step, _ lua: borrowing Lua) throws -> [Place] {
        let given = step.options.places
        if given.first == .interpreter { return [] }
        if given.isEmpty, options.jobs <= 1, options.place == .processes { return [] }
        let mustStay = try reasonToStay(step, lua) != nil
        if given.isEmpty { return mustStay ? [] : [options.place] }
        return mustStay && given.contains(.interpreter) ? [] : given
    }

    /// Returns the reason why a step must compute on the interpreter, as the end of a sentence that
    /// begins with its name; nil if it can compute on a worker.
    func reasonToStay(_ step: Plan.Step, _ lua: borrowing Lua) throws -> String? {
        if step.computing.control != nil { return "it controls other nodes" }
        let check = try travelCheck ?? TravelCheck(interpreter.accessLog, lua)
        travelCheck = check
        return try check.reason(for: step, lua)
    }

    /// The view of the first place that is available for a step; nil if the step computes on the
    /// interpreter.
    ///
    /// - Throws: ``ModuleFailure`` if no place is available.
    func view(for step: Plan.Step, _ lua: borrowing Lua) throws -> View? {
        let places = try places(of: step, lua)
        for place in places {
            if place == .interpreter { return nil }
            if let view = try view(at: place, lua) { return view }
        }
        if places.isEmpty { return nil }
        throw StepAttempt(run: self, step: step).failure(
            .compute,
            step.options.places.isEmpty
                ? "the cluster is gone; start one with: vtlua cluster start"
                : "there is no cluster; add \"processes\", \"threads\" or \"interpreter\" to the "
                    + "option `on`", inputs: nil, lua)
    }

    private func view(at place: Place, _ lua: borrowing Lua) throws -> View? {
        if let view = views[place] { return view }
        let hasElements = plan.steps.contains { $0.each != nil }
        let most = hasElements ? options.jobs : min(options.jobs, plan.steps.count)
        let view = try interpreter.makeView(place, options.jobs > 1 ? most : nil, lua)
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

    /// Starts a step on a worker. A step with a known result ends.
    func start(_ index: Int, _ lua: borrowing Lua) throws -> Schedule.Start {
        let step = plan.steps[index]
        let began = Clock.now
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let attempt = StepAttempt(run: self, step: step)
        do {
            if let found = try known(index, lua) ?? computedElsewhere(index, lua) {
                var record = record(
                    step, .cached, seconds: Clock.seconds(since: began), printed: found.printed,
                    annotations: found.annotations)
                try complete(&record, at: index)
                return .ended(record)
            }
            guard let view = try view(for: step, lua) else { return .stays }
            let fresh = try prepare(index, attempt, since: began, lua)
            do {
                let module = try RemoteModule(
                    of: step, shared: lua.top, varying: [], view: view, run: self, lua)
                try RemoteModule.pushOnlyItem(lua)
                try module.send(list: -1, first: 1, count: 1, lua)
                return .running(fresh, module)
            } catch let refusal as RemoteModule.Refusal {
                if step.options.places.isEmpty || step.options.places.contains(.interpreter) {
                    return .stays
                }
                throw attempt.cannotCompute(on: view, refusal, inputs: lua.top, lua)
            }
        } catch is HeldElsewhere {
            return .held
        } catch let failure as ModuleFailure {
            var record = try recordFailure(failure, of: index, attempt, since: began, lua)
            try complete(&record, at: index)
            return .ended(record)
        }
    }

    /// Ends a step that a worker has computed.
    func finish(
        _ fresh: FreshStep, _ ended: RemoteModule.Ended, _ lua: borrowing Lua
    ) throws -> ModuleRecord {
        var fresh = fresh
        fresh.attempt.count = ended.attempts
        fresh.attempt.printed = ended.printed
        fresh.attempt.annotations = ended.annotations
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        var record: ModuleRecord
        do {
            switch ended.outcome {
            case .computed(let result): record = try finish(fresh, result, lua)
            case .failed(let failure): throw failure
            case .cancelled: throw LuaError(.cancelled, "cancelled")
            }
        } catch let failure as ModuleFailure {
            record = try recordFailure(
                failure, of: fresh.index, fresh.attempt, since: fresh.began, lua)
        }
        record.calls = ended.calls
        record.processor = ended.processor
        try complete(&record, at: fresh.index)
        return record
    }

    /// Forgets the result of a step that does not count.
    func drop(_ index: Int) {
        keys?.forget(index)
        outputs[index] = nil
        unread[index] = nil
        unreadElements[index] = nil
    }
}
