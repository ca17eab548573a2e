// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

/// Calls `body` with each path in the value on top, and with whether it must be a directory.
func forEachPath(
    _ type: PortType, _ lua: borrowing Lua, _ body: ([UInt8], Bool) throws -> Void
) throws {
    switch type {
    case .file, .directory:
        guard lua.type(at: -1) == .string else { return }
        let isDirectory = if case .directory = type { true } else { false }
        try body(lua.withBytes(at: -1) { Array($0) } ?? [], isDirectory)
    case .list(let element) where element.holdsPaths && lua.type(at: -1) == .table:
        for position in 0..<lua.rawLength(at: -1) {
            try lua.pushRawElement(position + 1, of: -1)
            defer { lua.pop() }
            try forEachPath(element, lua, body)
        }
    default: return
    }
}

extension Digest {
    /// The digest of an output that is nil.
    static let ofNil = Digest(bytes: Array(repeating: 0, count: 32))
}

extension PortType {
    /// True if values name files or directories.
    var holdsPaths: Bool { holdsFiles || holdsDirectories }
}

extension Port {
    /// True if an input that gets the value of `output` counts files in another way than the digest of
    /// the output does.
    func countsFiles(unlike output: Port) -> Bool {
        guard type.holdsPaths else { return false }
        return !output.type.holdsPaths || output.comparison != comparison
            || type.description != output.type.description
    }
}

extension Plan.Step {
    /// The value that an input gets in place of a nil output of another step.
    func valueForNil(at position: Int) -> LuaReference? {
        for check in checks where check.input == position {
            if let value = check.port.defaultValue { return value }
        }
        return definition.inputs[position].defaultValue
    }
}

// MARK: - Parts

extension StepKeys {
    /// Adds to the record of a step what its key was made of, for `why` and `diff`.
    func addParts(
        of index: Int, _ lua: borrowing Lua, push: (Plan.StepOutput) throws -> Void
    ) throws {
        guard let record = records[index], !record.parts.contains(where: { $0.kind == .module })
        else { return }
        let step = plan.steps[index]
        var parts = try code.persistent(of: step.definition, names, lua).parts
        for (position, (port, input)) in zip(step.definition.inputs, step.inputs).enumerated() {
            guard let digest = try? digest(ofInput: position, of: step, lua, push: push) else {
                continue
            }
            var shown = ""
            switch input {
            case .absent, .element: continue
            case .output(let source):
                let origin = plan.steps[source.step]
                let output = origin.definition.outputs[source.output]
                shown = "`\(output.name)` of `\(origin.name)`"
            case .table(let table):
                shown = "a table of \(Format.count(table.elements.count, "output"))"
            case .value(let value):
                try lua.push(value)
                defer { lua.pop() }
                shown = lua.brief(at: -1)
                var fingerprint = Fingerprint(cache.identities, persistent: names)
                try? fingerprint.add(lua, at: -1)
                parts += fingerprint.parts
            }
            parts.append(
                KeyRecord.Part(
                    kind: step.each?.partKind(ofInput: position) ?? .input, name: port.name,
                    digest: digest.short, shown: shown))
        }
        records[index]?.parts = parts + record.parts
    }
}

extension Plan.Each {
    /// The kind of the part of a key that an input makes.
    func partKind(ofInput position: Int) -> KeyRecord.Part.Kind {
        let uses = uses[position]
        if uses.isEmpty { return .input }
        let isAtPlace = zip(uses, levels).allSatisfy { use, level in
            switch use {
            case .none: false
            case .whole: true
            case .list: level.kind != .cross
            }
        }
        return isAtPlace && uses.count == levels.count ? .elements : .lists
    }
}
