// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

// Keys that outlive the process.

/// Keys of a run's steps that are the same in every process.
struct PersistentKeys {
    let names: PersistentNames
    var steps: [KeyRecord?]
    var codes: [ObjectIdentifier: Code] = [:]

    struct Code {
        var digest: Digest?
        var parts: [KeyRecord.Part]
        var obstacle: String?
    }
}

extension Run {
    /// The form of keys and of what is stored under them.
    private static let format = 1

    func makeLasting() -> PersistentKeys? {
        guard let store = interpreter.store else { return nil }
        return PersistentKeys(
            names: PersistentNames(
                store: store, directory: interpreter.directory, moduleFile: interpreter.moduleFile),
            steps: Array(repeating: nil, count: plan.steps.count))
    }

    /// Makes the key of a step whose inputs are in the table at `inputs`.
    func persistentKey(
        of step: Plan.Step, inputs: Int, _ lua: borrowing Lua
    ) throws -> KeyRecord? {
        guard let names = persistent?.names else { return nil }
        let code = try persistentCode(of: step.definition, names, lua)
        var parts = code.parts
        func without(_ obstacle: String) -> KeyRecord {
            KeyRecord(key: nil, parts: parts, obstacle: obstacle)
        }
        guard let codeDigest = code.digest else { return without(code.obstacle ?? "") }
        var whole = Fingerprint(interpreter.cache.identities, persistent: names)
        whole.add(raw: Self.format)
        whole.add("Lua 5.4")
        whole.add(interpreter.version)
        codeDigest.bytes.withUnsafeBytes { whole.add(bytes: $0) }
        for (port, input) in zip(step.definition.inputs, step.inputs) {
            var own = Fingerprint(interpreter.cache.identities, persistent: names)
            own.add(port.name)
            var shown = ""
            do {
                switch input {
                case .absent: own.tag("a")
                case .output(let source):
                    let upstream = plan.steps[source.step]
                    let output = upstream.definition.outputs[source.output]
                    shown = "`\(output.name)` of `\(upstream.name)`"
                    guard let key = persistent?.steps[source.step]?.key else {
                        return without("its input `\(port.name)` is \(shown), which is not kept")
                    }
                    own.tag("o")
                    key.bytes.withUnsafeBytes { own.add(bytes: $0) }
                    own.add(output.name)
                    try addFiles(
                        port.type.holdsFiles ? port.type : output.type, port, inputs, lua, &own)
                case .value(let value):
                    own.tag("v")
                    try lua.push(value)
                    defer { lua.pop() }
                    shown = lua.brief(at: -1)
                    try own.add(lua, at: -1)
                    try addFiles(port.type, port, inputs, lua, &own)
                }
            } catch let impossible as Fingerprint.Impossible {
                return without("its input `\(port.name)` is or holds a \(impossible.type)")
            }
            if case .value = input { parts += own.parts }
            let digest = names.digest(own.bytes)
            parts.append(
                KeyRecord.Part(
                    kind: .input, name: port.name, digest: digest.short, shown: shown))
            digest.bytes.withUnsafeBytes { whole.add(bytes: $0) }
        }
        return KeyRecord(key: names.digest(whole.bytes), parts: parts, obstacle: nil)
    }

    private func addFiles(
        _ type: PortType, _ port: Port, _ inputs: Int, _ lua: borrowing Lua,
        _ own: inout Fingerprint
    ) throws {
        guard type.holdsFiles else { return }
        try lua.pushRawField(port.name, of: inputs)
        defer { lua.pop() }
        try own.add(files: type, lua, at: -1)
    }

    private func persistentCode(
        of definition: ModuleDefinition, _ names: PersistentNames, _ lua: borrowing Lua
    ) throws -> PersistentKeys.Code {
        let identity = ObjectIdentifier(definition)
        if let known = persistent?.codes[identity] { return known }
        var fingerprint = Fingerprint(interpreter.cache.identities, persistent: names)
        var obstacle: String?
        do {
            try add(definition, to: &fingerprint, lua)
        } catch let impossible as Fingerprint.Impossible {
            obstacle = "its code holds a \(impossible.type)"
        }
        var ports = Fingerprint(interpreter.cache.identities, persistent: names)
        for port in definition.inputs + definition.outputs {
            ports.add(port.name)
            ports.add(port.type.description)
        }
        let about = [
            ("name", definition.name, definition.name),
            ("version", definition.version, definition.version),
            ("ports", "", names.digest(ports.bytes).short),
        ]
        let parts = about.map { name, shown, text in
            KeyRecord.Part(
                kind: .module, name: name,
                digest: names.digest(Array(text.utf8)).short, shown: shown)
        }
        let code = PersistentKeys.Code(
            digest: obstacle == nil ? names.digest(fingerprint.bytes) : nil,
            parts: parts + fingerprint.parts, obstacle: obstacle)
        persistent?.codes[identity] = code
        return code
    }
}
