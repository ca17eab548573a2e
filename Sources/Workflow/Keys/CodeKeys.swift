// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The parts of keys that stand for the code of a run's modules, made once for each module before the
/// first one computes: tables that functions fill while they compute change no key.
struct CodeKeys {
    private let cache: ResultCache
    private let environment: PlannedEnvironment
    private var numbers: [ObjectIdentifier: Int?] = [:]
    private var codes: [ObjectIdentifier: Code] = [:]

    /// The part of persistent keys that stands for the code of a module.
    struct Code {
        /// Nil where there is an obstacle.
        var digest: Digest?
        var parts: [KeyRecord.Part]
        /// The reason why the code has no digest.
        var obstacle: String?
        /// The globals that the code reads; nil if it may read all.
        var globalsRead: Set<String>?
        /// The globals that the code sets, each with the place.
        var globalsWritten: [String: String]
    }

    init(cache: ResultCache, environment: PlannedEnvironment) {
        self.cache = cache
        self.environment = environment
    }

    /// Returns the number of a module's code: its ports, `compute`, and all else in its table.
    mutating func number(of definition: ModuleDefinition, _ lua: borrowing Lua) throws -> Int? {
        if let known = numbers[ObjectIdentifier(definition)] { return known }
        guard case .script = definition.body else { return nil }
        var fingerprint = Fingerprint(cache.identities)
        var number: Int?
        do {
            try fingerprint.add(definition, lua)
            fingerprint.add(environment)
            if environment.obstacle == nil { number = cache.number(ofPart: fingerprint.bytes) }
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
        var obstacle = environment.obstacle
        do {
            try fingerprint.add(definition, lua)
            fingerprint.add(environment)
        } catch let impossible as Fingerprint.Impossible {
            obstacle = obstacle ?? impossible.sentence
        }
        var ports = Fingerprint(cache.identities, persistent: names)
        for port in definition.inputs + definition.outputs { try? ports.add(port, lua) }
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
            parts: parts + fingerprint.parts + environmentParts(fingerprint, names),
            obstacle: obstacle,
            globalsRead: fingerprint.mayUseAllGlobals ? nil : fingerprint.globalsRead,
            globalsWritten: fingerprint.globalsWritten)
        codes[identity] = code
        return code
    }

    /// A part for what scripts have changed of the libraries, and one for the globals.
    private func environmentParts(
        _ fingerprint: Fingerprint, _ names: PersistentNames
    ) -> [KeyRecord.Part] {
        var parts: [KeyRecord.Part] = []
        func add(_ name: String, _ bytes: [UInt8]) {
            if bytes.isEmpty { return }
            parts.append(
                KeyRecord.Part(
                    kind: .value, name: name, digest: names.digest(bytes).short, shown: ""))
        }
        for (name, bytes) in environment.changedFields { add("`\(name)`", bytes) }
        if fingerprint.mayUseAllGlobals { add("of all globals", environment.allGlobals) }
        return parts
    }
}

extension Fingerprint {
    /// Adds what scripts have changed of the environment, as far as it concerns the code.
    fileprivate mutating func add(_ environment: PlannedEnvironment) {
        environment.changes.withUnsafeBytes { add(bytes: $0) }
        if mayUseAllGlobals { environment.allGlobals.withUnsafeBytes { add(bytes: $0) } }
    }

    /// Adds a module's name, version, ports and table.
    mutating func add(_ definition: ModuleDefinition, _ lua: borrowing Lua) throws {
        guard case .script(let table) = definition.body else {
            throw Impossible(type: "workflow")
        }
        try lua.push(table)
        defer { lua.pop() }
        add(definition.name)
        add(definition.version)
        for port in definition.inputs + definition.outputs { try add(port, lua) }
        // These fields are parts of their own already.
        let known: Set<String> = ["name", "version", "inputs", "outputs", "compute"]
        try add(named: "self", in: definition.location?.file ?? "", besides: known, lua)
    }

    /// Adds a port: its type, its default and the values that it accepts.
    mutating func add(_ port: Port, _ lua: borrowing Lua) throws {
        add(port.name)
        add(port.type.description)
        tag(port.isOptional ? "o" : "r")
        add(port.comparison.rawValue)
        if let type = port.type.custom { try add(type, lua) }
        for bound in [port.minimum, port.maximum] {
            guard let bound else {
                tag("n")
                continue
            }
            tag("b")
            add(raw: bound.value.bitPattern)
        }
        add(raw: port.choices.count)
        for choice in port.choices {
            try choice.push(onto: lua)
            defer { lua.pop() }
            try add(lua, at: -1)
        }
        try addDefault(port, lua)
    }

    private mutating func addDefault(_ port: Port, _ lua: borrowing Lua) throws {
        guard let value = port.defaultValue else { return tag("n") }
        tag("v")
        try lua.push(value)
        defer { lua.pop() }
        try add(lua, at: -1)
    }
}
