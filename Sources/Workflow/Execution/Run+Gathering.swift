// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

// Workflows that are computed for each element, and whose failed elements are left out.

extension Gaps {
    init(of elements: ElementComputation) {
        self.init(
            lengths: elements.list.lengths,
            isCached: elements.counts.computed == 0 && elements.counts.failed == 0)
        for (element, failure) in elements.failures {
            var place = elements.list.place(of: element)
            if case .leftOutside(let inner) = elements.each.gaps {
                // Its own failures end here.
                guard elements.skipped.contains(element) else { continue }
                place.removeLast(inner)
            }
            failures[place] = failure
        }
    }
}

extension Run {
    /// Makes the outputs of a workflow without the elements that have failed in one of its steps.
    func gather(
        _ index: Int, _ gathering: Plan.Gathering, _ lua: borrowing Lua
    ) throws -> ModuleRecord {
        let step = plan.steps[index]
        let began = Clock.now
        var failed: [[Int]: ModuleFailure] = [:]
        for inner in gathering.steps {
            if case .replaced? = plan.steps[inner].each?.gaps { continue }
            for (place, failure) in gaps[inner]?.failures ?? [:] {
                let place = Array(place.prefix(gathering.levels))
                if failed[place] == nil { failed[place] = failure }
            }
        }
        let lengths = gathering.steps.lazy.compactMap { self.gaps[$0]?.lengths }.first ?? []
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.pushTable(fields: step.definition.outputs.count)
        for (port, input) in zip(step.definition.inputs, step.inputs) {
            try push(input, lua)
            try removeGaps(gathering.levels, lengths, failed, lua) { position in
                try lua.pushRawElement(position, of: -1)
            }
            try lua.setRawField(port.name, of: base + 1)
        }
        try lua.pushTable()
        try removeGaps(gathering.levels, lengths, failed, lua) { try lua.push($0) }
        try lua.setRawField("kept", of: base + 1)
        try lua.pushErrors(failed)
        try lua.setRawField("errors", of: base + 1)
        outputs[index] = try lua.takeReference()
        setKey(of: index, failed)
        let isCached = gathering.steps.allSatisfy { gaps[$0]?.isCached ?? false }
        return record(
            step, isCached ? .cached : .computed, seconds: Clock.seconds(since: began))
    }

    /// Replaces the list of lists on top by one without the elements at some places.
    ///
    /// - Parameter push: pushes the value that replaces the element at a position of the list on top.
    private func removeGaps(
        _ levels: Int, _ lengths: [[Int]], _ failed: [[Int]: ModuleFailure], _ lua: borrowing Lua,
        push: (Int) throws -> Void
    ) throws {
        var instances = Array(repeating: 0, count: levels)
        func build(_ level: Int, _ place: [Int]) throws {
            let length = lengths.indices.contains(level) ? lengths[level][instances[level]] : 0
            instances[level] += 1
            let old = lua.top
            try lua.reserve(6)
            try lua.pushTable(elements: length)
            var next = 0
            for position in 0..<length {
                let place = place + [position + 1]
                if level + 1 == levels, failed[place] != nil { continue }
                try lua.pushValue(at: old)
                if level + 1 < levels {
                    try lua.pushRawElement(position + 1, of: -1)
                    lua.remove(at: -2)
                    if lua.isNil(at: -1) {
                        lua.pop()
                        try lua.pushTable()
                    }
                    try build(level + 1, place)
                } else {
                    try push(position + 1)
                    lua.remove(at: -2)
                }
                next += 1
                try lua.setRawElement(next, of: old + 1)
            }
            lua.remove(at: old)
        }
        try build(0, [])
    }

    /// Sets the number and the digests of the outputs of a workflow's end.
    private func setKey(of index: Int, _ failed: [[Int]: ModuleFailure]) {
        guard let keys else { return }
        let step = plan.steps[index]
        var bytes = Array("gathered".utf8)
        for (place, failure) in failed.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            for position in place { withUnsafeBytes(of: position) { bytes += $0 } }
            bytes += failure.message.utf8
        }
        var numbers = [keys.cache.number(ofPart: bytes)]
        var isKnown = true
        for input in step.inputs {
            guard case .output(let source) = input else { continue }
            if let number = keys.number(of: source.step) {
                numbers += [-number, source.output]
            } else {
                isKnown = false
            }
            if keys.usesStore, let digest = keys.digests[source.step]?[source.output] {
                bytes += digest.bytes
            }
        }
        if keys.usesStore {
            keys.setDigests(
                step.definition.outputs.map { keys.names.digest(bytes + Array($0.name.utf8)) },
                of: index)
        } else if isKnown {
            keys.setNumber(keys.cache.number(ofKey: numbers), of: index)
        }
    }
}

extension Lua {
    /// Pushes the list of `{ index =, message = }` of failed elements, by their places. The index is a
    /// list with a number for each level; for one level it is that number.
    func pushErrors(_ failed: [[Int]: ModuleFailure]) throws {
        try pushTable(elements: failed.count)
        let places = failed.keys.sorted { $0.lexicographicallyPrecedes($1) }
        for (position, place) in places.enumerated() {
            try pushTable(fields: 2)
            if place.count == 1 {
                try push(place[0])
            } else {
                try pushTable(elements: place.count)
                for (level, index) in place.enumerated() {
                    try push(index)
                    try setRawElement(level + 1, of: -2)
                }
            }
            try setRawField("index", of: -2)
            try push(failed[place]?.message ?? "")
            try setRawField("message", of: -2)
            try setRawElement(position + 1, of: -2)
        }
    }
}
