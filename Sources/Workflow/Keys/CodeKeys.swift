// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The parts of keys that stand for the code of a run's modules, made once for each module.
struct CodeKeys {
    private let cache: ResultCache
    private var numbers: [ObjectIdentifier: Int?] = [:]
    private var codes: [ObjectIdentifier: Code] = [:]

    /// The part of persistent keys that stands for the code of a module.
    struct Code {
        /// Nil where there is an obstacle.
        var digest: Digest?
        var parts: [KeyRecord.Part]
        /// The reason why the code has no digest.
        var obstacle: String?
    }

    init(cache: ResultCache) { self.cache = cache }

    /// Returns the number of a module's code: its ports, `compute`, and all else in its table.
    mutating func number(of definition: ModuleDefinition, _ lua: borrowing Lua) throws -> Int? {
        if let known = numbers[ObjectIdentifier(definition)] { return known }
        guard case .script = definition.body else { return nil }
        var fingerprint = Fingerprint(cache.identities)
        var number: Int?
        do {
            try fingerprint.add(definition, lua)
            number = cache.number(ofPart: fingerprint.bytes)
        } catch is Fingerprint.Impossible {}
        numbers[ObjectIdentifier(definition)] = number
        return number
    }

    /// Returns the part of persistent keys that stands for a module's code.
    mutating func persistent(
        of definition: ModuleDefinition, _ names: PersistentNames, _ lua: borrowing Lua
    ) throws -> Code {
        let identity = ObjectIdentifier(definition)
        if let known = codes[identity] { return known }
        var fingerprint = Fingerprint(cache.identities, persistent: names)
        var obstacle: String?
        do {
            try fingerprint.add(definition, lua)
        } catch let impossible as Fingerprint.Impossible {
            obstacle = "its code holds a \(impossible.type)"
        }
        var ports = Fingerprint(cache.identities, persistent: names)
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
        let code = Code(
            digest: obstacle == nil ? names.digest(fingerprint.bytes) : nil,
            parts: parts + fingerprint.parts, obstacle: obstacle)
        codes[identity] = code
        return code
    }
}

extension Fingerprint {
    /// Adds a module's name, version, ports and table.
    fileprivate mutating func add(
        _ definition: ModuleDefinition, _ lua: borrowing Lua
    ) throws {
        guard case .script(let table) = definition.body else { return }
        try lua.push(table)
        defer { lua.pop() }
        add(definition.name)
        add(definition.version)
        for port in definition.inputs + definition.outputs {
            add(port.name)
            add(port.type.description)
            if let type = port.type.custom { try add(type, lua) }
        }
        // These fields are parts of their own already.
        let known: Set<String> = ["name", "version", "inputs", "outputs", "compute"]
        try add(named: "self", in: definition.location?.file ?? "", besides: known, lua)
    }
}
