// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

extension Run {
    /// Predicts what the run would do with a step.
    func forecast(_ index: Int, _ lua: borrowing Lua) throws -> Forecast {
        if isPart(index) { return try forecastPart(index, lua) }
        let step = plan.steps[index]
        var forecast = Forecast(
            node: step.name, module: step.definition.title, state: .run, reason: nil)
        if step.options.places.first == .interpreter {
            forecast.stays = "its option `on` is \"interpreter\""
        } else if step.computing.control == nil {
            forecast.stays = try reasonToStay(step, lua)
        }
        if let demand {
            if demand.isNotNeeded(index) {
                forecast.state = .notNeeded
                return forecast
            }
            if !demand.isNeeded(index) {
                forecast.state = .mayRun
                forecast.reason = "is in a branch whose condition is not known yet"
                return forecast
            }
        }
        if let missing = missingSource(of: step) {
            let origin = plan.steps[missing].name
            forecast.state = .mayRun
            forecast.reason = "after `\(origin)`, if that gives another result"
            return forecast
        }
        do {
            if let each = step.each, keys?.usesStore == true {
                try forecastElements(of: index, each, &forecast, lua)
                return forecast
            }
            if step.hasTurns, try forecastTurns(of: index, &forecast, lua) { return forecast }
            if try known(index, lua) != nil {
                forecast.state = .cached
                return forecast
            }
        } catch let failure as ModuleFailure {
            forecast.reason = "fails in \(failure.stage): \(failure.message)"
            return forecast
        }
        forecast.reason = try reason(for: index, lua)
        return forecast
    }

    /// Predicts what the run would do with a step that computes as a part of another one.
    private func forecastPart(_ index: Int, _ lua: borrowing Lua) throws -> Forecast {
        let step = plan.steps[index]
        var forecast = Forecast(
            node: step.name, module: step.definition.title, state: .notNeeded, reason: nil)
        forecast.stays = try reasonToStay(step, lua)
        guard let end = streams?.end(of: index) else { return forecast }
        forecast.state = try self.forecast(end, lua).state
        if forecast.state == .cached { forecast.state = .notNeeded }
        if forecast.state != .notNeeded {
            forecast.reason = "when `\(plan.steps[end].name)` reads its items"
        }
        return forecast
    }

    private func forecastElements(
        of index: Int, _ each: Plan.Each, _ forecast: inout Forecast, _ lua: borrowing Lua
    ) throws {
        let elements = try ElementComputation(of: index, each, in: self, lua)
        if elements.keys == nil {
            forecast.elements = Forecast.Elements(total: elements.counts.total)
            forecast.reason =
                "\(Format.count(elements.counts.total, "element")) to compute; the node \(try reason(for: index, lua))"
            return
        }
        if elements.isPartial, elements.counts.total == 0 {
            forecast.state = .notNeeded
            try takeForecast(of: elements)
            return
        }
        let found = try elements.forecast(lua)
        forecast.elements = found
        if found.missing > 0 {
            forecast.reason = found.sentence
            return
        }
        guard found.lookedUp == found.total else {
            forecast.state = .mayRun
            forecast.reason = found.sentence
            return
        }
        forecast.state = .cached
        if each.only == nil { try takeForecast(of: elements) }
    }

    /// Lets later steps use what is known of elements.
    private func takeForecast(of elements: ElementComputation) throws {
        guard let keys else { return }
        keys.setDigests(elements.outputDigests(keys.names), of: elements.index)
        unreadElements[elements.index] = elements
    }

    private func reason(for index: Int, _ lua: borrowing Lua) throws -> String {
        let step = plan.steps[index]
        if isForced(step) { return "is forced" }
        if case .never = step.definition.caching { return "is never cached: `cache` is false" }
        guard let keys, environment.store?.isUsable ?? false else {
            return "has no result in this process"
        }
        guard let key = keys.record(of: index) else {
            return "is not cached: its function `cache` returns false"
        }
        if let obstacle = key.obstacle { return "cannot be cached: \(obstacle)" }
        if let digest = key.key, let node = try suspended(under: digest) {
            return "is suspended: \(node.shown)"
        }
        if let reason = missReasons[index] { return reason }
        let before = try withStore {
            try $0.lastKey(of: step.name, workflow: workflow, before: nil)
        }
        guard let before else { return "has no result yet" }
        try keys.addParts(of: index, lua) { try pushOutput($0, lua) }
        let parts = before.parts.filter { $0.kind != .observed }
        return keys.record(of: index)?.difference(
            from: KeyRecord(key: before.key, parts: parts, obstacle: nil))?.sentence
            ?? before.obstacle.map { "its last result was not kept: \($0)" }
            ?? "its result is no longer in the store"
    }
}
