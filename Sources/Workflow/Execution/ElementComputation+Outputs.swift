// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

// The outputs of a step with elements.

extension ElementComputation {
    /// Returns the digests of the step's outputs; nil for one that has none.
    func outputDigests(_ names: PersistentNames) -> [Digest?] {
        let isComplete = states.indices.allSatisfy { isMissing($0) || hasDigests[$0] }
        return step.definition.outputs.map { port in
            guard isComplete else { return nil }
            var bytes = Array("elements".utf8)
            func add(_ number: Int) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
            guard let output = each.element.outputIndex[port.name] else {
                for (element, failure) in failures.sorted(by: { $0.key < $1.key }) {
                    for position in list.place(of: element) { add(position) }
                    if port.name == "errors" { bytes += failure.message.utf8 }
                }
                if port.name == "kept" { for lengths in list.lengths { lengths.forEach(add) } }
                return names.digest(bytes)
            }
            // A failed element that leaves no gap does not change the digest.
            for element in states.indices {
                if isMissing(element), !leavesPlaces { continue }
                if list.lengths.count > 1 || leavesPlaces {
                    for position in list.place(of: element) { add(position) }
                }
                if isMissing(element) { continue }
                let start = 32 * (element * ports.count + output)
                bytes += digests[start..<(start + 32)]
            }
            if list.lengths.count > 1 { for lengths in list.lengths { lengths.forEach(add) } }
            return names.digest(bytes)
        }
    }

    /// Returns the table of the step's outputs, and reads stored results for it.
    func takeOutputs(_ lua: borrowing Lua) throws -> LuaReference {
        for element in unread.keys.sorted() {
            guard let result = unread.removeValue(forKey: element) else { continue }
            if try read(result, of: element, lua) { continue }
            try compute(element, key: nil, inputs: [], lua)
            if let failure = failures[element] { throw failure }
        }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.pushTable(fields: step.definition.outputs.count)
        try lua.push(values)
        for port in ports {
            try lua.pushRawField(port.name, of: base + 2)
            if list.lengths.count > 1 || !failures.isEmpty || isPartial {
                try list.shape(lua, leavesGaps: leavesPlaces) { !isMissing($0) }
            }
            try lua.setRawField(port.name, of: base + 1)
        }
        lua.pop()
        if leavesOut {
            try pushKept(lua)
            try lua.setRawField("kept", of: base + 1)
            try lua.pushErrors(
                Dictionary(
                    uniqueKeysWithValues: failures.filter { !skipped.contains($0.key) }.map {
                        (list.place(of: $0.key), $0.value)
                    }))
            try lua.setRawField("errors", of: base + 1)
        }
        return try lua.takeReference()
    }

    /// True for an element without a value: it has failed, or is not needed.
    private func isMissing(_ element: Int) -> Bool {
        states[element] == .failed || states[element] == .notNeeded
    }

    /// Pushes the positions of the elements that have not failed, as lists for the levels.
    private func pushKept(_ lua: borrowing Lua) throws {
        try lua.pushTable(elements: list.count)
        for element in 0..<list.count {
            try lua.push(list.place(of: element).last ?? 0)
            try lua.setRawElement(element + 1, of: -2)
        }
        if list.lengths.count > 1 || !failures.isEmpty {
            try list.shape(lua) { states[$0] != .failed }
        }
    }
}
