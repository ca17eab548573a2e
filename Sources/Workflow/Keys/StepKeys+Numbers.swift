// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

// Keys that are valid in this process.

extension StepKeys {
    /// Makes the number of a step's key, whose inputs are in the table at `inputs`.
    ///
    /// - Returns: the number; nil when the result must not be used again.
    func makeNumber(_ index: Int, inputs: Int, _ lua: borrowing Lua) throws -> Int? {
        let step = plan.steps[index]
        if taint != nil || !taintedGlobals.isEmpty { return nil }
        guard let codeNumber = try code.number(of: step.definition, lua) else { return nil }
        var numbers = [codeNumber]
        numbers.reserveCapacity(1 + 2 * step.inputs.count)
        for (port, input) in zip(step.definition.inputs, step.inputs) {
            guard try add(input, of: port, inputs, to: &numbers, lua) else { return nil }
        }
        if let each = step.each {
            numbers.append(cache.number(ofPart: Array("each".utf8) + each.bytes))
            for level in each.levels {
                for list in level.lists {
                    guard try addSource(list.input, to: &numbers, lua) else { return nil }
                }
            }
        }
        let number = cache.number(ofKey: numbers)
        self.numbers[index] = number
        return number
    }

    /// Appends the numbers of what a port gets.
    ///
    /// - Returns: false when the result must not be used again.
    private func add(
        _ input: Plan.Input, of port: Port, _ inputs: Int, to numbers: inout [Int],
        _ lua: borrowing Lua
    ) throws -> Bool {
        guard try addSource(input, to: &numbers, lua) else { return false }
        var files = port.type
        switch input {
        case .absent, .element: return true
        case .value: break
        case .output(let source):
            if !files.holdsPaths { files = type(of: source) }
        case .table:
            var hasPaths = false
            input.forEachOutput { if type(of: $0).holdsPaths { hasPaths = true } }
            if hasPaths, !files.holdsPaths { return false }
        }
        guard files.holdsPaths else { return true }
        guard let number = try number(ofPaths: files, port, inputs, lua) else { return false }
        numbers.append(number)
        return true
    }

    private func type(of source: Plan.StepOutput) -> PortType {
        plan.steps[source.step].definition.outputs[source.output].type
    }

    /// Appends the numbers of a source; returns false if it has none.
    private func addSource(
        _ input: Plan.Input, to numbers: inout [Int], _ lua: borrowing Lua
    ) throws -> Bool {
        switch input {
        case .absent, .element: numbers.append(0)
        case .output(let source):
            guard let upstream = upstreamNumber(source.step) else { return false }
            // Negative, so that it is not taken for the number of a constant.
            numbers.append(-upstream)
            numbers.append(source.output)
        case .value(let value):
            try lua.push(value)
            defer { lua.pop() }
            guard let number = try number(ofConstant: lua) else { return false }
            numbers.append(number)
        case .table(let table):
            guard try addSource(.value(table.constants), to: &numbers, lua) else { return false }
            numbers.append(table.elements.count)
            for element in table.elements {
                numbers.append(cache.number(ofPart: Array("path".utf8) + element.path.bytes))
                guard try addSource(element.input, to: &numbers, lua) else { return false }
            }
        }
        return true
    }

    /// The number of a step's result: that of its key, or one for the digests of its outputs.
    private func upstreamNumber(_ index: Int) -> Int? {
        if let number = numbers[index] { return number }
        guard let digests = digests[index] else { return nil }
        var bytes = Array("digests".utf8)
        for digest in digests {
            guard let digest else { return nil }
            bytes += digest.bytes
        }
        return cache.number(ofPart: bytes)
    }

    private func number(ofConstant lua: borrowing Lua) throws -> Int? {
        var fingerprint = Fingerprint(cache.identities)
        do {
            try fingerprint.add(lua, at: -1)
        } catch is Fingerprint.Impossible {
            return nil
        }
        return cache.number(ofPart: fingerprint.bytes)
    }

    private func number(
        ofPaths type: PortType, _ port: Port, _ inputs: Int, _ lua: borrowing Lua
    ) throws -> Int? {
        try lua.pushRawField(port.name, of: inputs)
        defer { lua.pop() }
        var bytes = Array("paths".utf8)
        do {
            try forEachPath(type, lua) { path, isDirectory in
                try names.append(
                    path: path, isDirectory: isDirectory, port.comparison, to: &bytes)
            }
        } catch is Fingerprint.Impossible {
            return nil
        }
        return cache.number(ofPart: bytes)
    }
}
