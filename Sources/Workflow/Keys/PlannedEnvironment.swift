// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The environment of a run's modules when the run starts: what scripts have changed of the globals,
/// the libraries and the metatables of basic types, and what they have put in the place of modules.
struct PlannedEnvironment {
    /// The changes that concern all code, as bytes; empty without changes.
    private(set) var changes: [UInt8] = []
    /// The names of the changed fields, such as `string.trim`, each with its bytes.
    private(set) var changedFields: [(name: String, bytes: [UInt8])] = []
    /// The globals that scripts have set, each with its digest; nil for a value without one.
    private(set) var globals: [String: Digest?] = [:]
    /// Modules that scripts have put into `package.loaded` or `package.preload`.
    private(set) var placedModules: [String: Digest?] = [:]
    private(set) var preloaded: [String: Digest?] = [:]
    /// Modules that were changed after they were loaded.
    private(set) var changedModules: [[UInt8]: Digest?] = [:]
    /// The reason why no code has a key.
    private(set) var obstacle: String?
    /// The names of the globals that every state has.
    private(set) var builtIn: Set<String> = []

    init(_ identities: Identities, _ names: PersistentNames, _ lua: borrowing Lua) throws {
        try lua.forEachEnvironmentTable { name, table, copy in
            switch name {
            case "package": return
            case "loaded", "preload":
                for change in try lua.changes(of: table, from: copy) where change.isPresent {
                    // Modules that `require` has loaded are observed by their files.
                    if name == "loaded", names.log.loads[Array(change.name.utf8)] != nil {
                        continue
                    }
                    let digest = try Self.digest(change, identities, names, lua)
                    if name == "loaded" {
                        placedModules[change.name] = .some(digest)
                    } else {
                        preloaded[change.name] = .some(digest)
                    }
                }
            default:
                for change in try lua.changes(of: table, from: copy) {
                    // The number of workers, which `-j` sets, is no part of a result.
                    if name == "parallel", change.name == "cores" { continue }
                    if name == "_G", !change.isBuiltIn {
                        globals[change.name] = .some(
                            try Self.digest(change, identities, names, lua))
                        continue
                    }
                    try add(change, in: name, identities, names, lua)
                }
                if name == "_G" { builtIn = try lua.names(of: copy) }
            }
        }
        try addMetatables(identities, names, lua)
        try addChangedModules(identities, names, lua)
    }

    private mutating func addChangedModules(
        _ identities: Identities, _ names: PersistentNames, _ lua: borrowing Lua
    ) throws {
        try lua.pushLoadedModules()
        defer { lua.pop() }
        for name in names.changedModules {
            try lua.pushRawField(name.text, of: -1)
            defer { lua.pop() }
            var fingerprint = Fingerprint(identities, persistent: names)
            do {
                try fingerprint.add(lua, at: -1)
                changedModules[name] = .some(names.digest(fingerprint.bytes))
            } catch is Fingerprint.Impossible {
                changedModules[name] = .some(nil)
            }
        }
    }

    /// The globals that scripts have set, as bytes.
    var allGlobals: [UInt8] {
        globals.keys.sorted().flatMap { name in
            Array(name.utf8) + [0] + ((globals[name] ?? nil)?.bytes ?? [0])
        }
    }

    private static func digest(
        _ change: EnvironmentChange, _ identities: Identities, _ names: PersistentNames,
        _ lua: borrowing Lua
    ) throws -> Digest? {
        var fingerprint = Fingerprint(identities, persistent: names)
        try lua.push(change.value)
        defer { lua.pop() }
        do {
            try fingerprint.add(lua, at: -1)
        } catch is Fingerprint.Impossible {
            return nil
        }
        return names.digest(fingerprint.bytes)
    }

    private mutating func add(
        _ change: EnvironmentChange, in table: String, _ identities: Identities,
        _ names: PersistentNames, _ lua: borrowing Lua
    ) throws {
        var fingerprint = Fingerprint(identities, persistent: names)
        fingerprint.add(table + "." + change.name)
        try lua.push(change.value)
        defer { lua.pop() }
        do {
            try fingerprint.add(lua, at: -1)
            changes += fingerprint.bytes
            changedFields.append((table + "." + change.name, fingerprint.bytes))
        } catch let impossible as Fingerprint.Impossible {
            obstacle = obstacle ?? "`\(table).\(change.name)` was set; \(impossible.sentence)"
        }
    }

    /// Adds the metatables of basic types that no state has at first, and that of the globals.
    private mutating func addMetatables(
        _ identities: Identities, _ names: PersistentNames, _ lua: borrowing Lua
    ) throws {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.pushGlobals()
        try lua.pushNil()
        try lua.push(true)
        try lua.push(0)
        try lua.load("", name: "=function")
        for (offset, name) in ["_G", "nil", "boolean", "number", "function"].enumerated() {
            guard try lua.pushMetatable(of: base + 1 + offset) else { continue }
            defer { lua.pop() }
            let change = EnvironmentChange(
                name: name, isPresent: true, isBuiltIn: true, value: try lua.reference(at: -1))
            try add(change, in: "metatable", identities, names, lua)
        }
    }
}

/// A field of a table of the environment that differs from that of a fresh state.
struct EnvironmentChange {
    var name: String
    /// False if the field was removed.
    var isPresent: Bool
    /// True if a fresh state has the field, too.
    var isBuiltIn: Bool
    var value: LuaReference
}

extension Lua {
    /// Calls `body` with each table of the environment: its name, and the indices of the table and of
    /// its copy.
    func forEachEnvironmentTable(_ body: (String, Int, Int) throws -> Void) throws {
        let base = top
        defer { pop(top - base) }
        try pushEnvironment()
        guard type(at: -1) == .table else { return }
        for list in 1...3 { try pushRawElement(list, of: base + 1) }
        for position in 0..<rawLength(at: base + 2) {
            for list in 2...4 { try pushRawElement(position + 1, of: base + list) }
            try body(string(at: base + 5) ?? "", base + 6, base + 7)
            pop(3)
        }
    }

    /// Returns the fields of a table that differ from those of its copy, in the order of their names.
    func changes(of table: Int, from copy: Int) throws -> [EnvironmentChange] {
        var changes: [EnvironmentChange] = []
        try forEachPair(of: table) {
            try pushValue(at: -2)
            pushRawIndexed(of: copy)
            defer { pop() }
            if rawEqual(-1, -2) { return }
            changes.append(
                EnvironmentChange(
                    name: try keyName(at: -3), isPresent: true, isBuiltIn: !isNil(at: -1),
                    value: try reference(at: -2)))
        }
        try forEachPair(of: copy) {
            try pushValue(at: -2)
            pushRawIndexed(of: table)
            defer { pop() }
            guard isNil(at: -1) else { return }
            changes.append(
                EnvironmentChange(
                    name: try keyName(at: -3), isPresent: false, isBuiltIn: true,
                    value: try reference(at: -1)))
        }
        return changes.sorted { $0.name < $1.name }
    }

    private func keyName(at index: Int) throws -> String {
        type(at: index) == .string ? text(at: index) ?? "?" : "[\(try display(at: index))]"
    }

    fileprivate func names(of table: Int) throws -> Set<String> {
        var names: Set<String> = []
        try forEachPair(of: table) { if let name = string(at: -2) { names.insert(name) } }
        return names
    }

    /// Makes the present value of a library's field count as that of a fresh state.
    package func acceptEnvironment(_ library: String, _ field: String) throws {
        try forEachEnvironmentTable { name, table, copy in
            guard name == library else { return }
            try pushRawField(field, of: table)
            try setRawField(field, of: copy)
        }
    }
}
