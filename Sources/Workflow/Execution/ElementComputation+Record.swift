// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

// The record of the step's outputs, and the forecast of its elements.

extension ElementComputation {
    /// True if the outputs of the step take little time to read.
    var hasFewOutputs: Bool {
        states.count <= 64 && unread.values.allSatisfy { $0.outputs != nil }
    }

    /// Returns records of the step's outputs that do not need the values.
    func outputRecords(_ digests: [Digest?]) -> [ValueRecord] {
        zip(step.definition.outputs, digests).map { port, digest in
            var length = isPartial ? counts.total : list.lengths[0].first ?? 0
            if port.name == "errors", collects, each.element.outputIndex["errors"] == nil {
                length = failures.count
            } else if list.lengths.count == 1 {
                length -= failures.count
            }
            return ValueRecord(
                name: port.name, type: port.type.description, brief: "list of \(length)",
                digest: digest)
        }
    }

    /// The largest number of elements that a forecast looks up.
    private static let mostForecast = 10_000

    /// Looks up the results of the step's elements.
    func forecast(_ lua: borrowing Lua) throws -> Forecast.Elements {
        var forecast = Forecast.Elements(total: counts.total)
        var seen: Set<Digest> = []
        for element in wanted ?? Array(0..<list.count) where states[element] != .notNeeded {
            if forecast.lookedUp == Self.mostForecast { break }
            forecast.lookedUp += 1
            if try isKnown(element, &seen, lua) {
                forecast.cached += 1
            } else {
                forecast.first = forecast.first ?? elementStep(element).name
            }
        }
        return forecast
    }

    /// Returns true if an element has a result, or is equal to an earlier one.
    private func isKnown(
        _ element: Int, _ seen: inout Set<Digest>, _ lua: borrowing Lua
    ) throws -> Bool {
        guard let keys else { return false }
        let attempt = attempt(element)
        guard try mayBeKept(attempt, lua),
            let (key, inputs) = try keys.key(lua, push: { try attempt.pushElement($0, lua) })
        else { return false }
        let forced = run.options.forced
        if forced.contains(step.name) || forced.contains(attempt.name) { return false }
        if try find(key, of: element, inputs, lua) { return true }
        return !seen.insert(key).inserted
    }
}
