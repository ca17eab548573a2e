// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

/// The keys of a run's steps.
///
/// With a store, a key covers the code of the step's module and its inputs by value: a constant by its
/// bytes, an output of an earlier step by the digest of that output. Without a store, or where a value
/// has no digest, a key is a number of this process, which covers the numbers of the steps that the
/// inputs come from.
final class StepKeys {
    var plan: Plan
    let cache: ResultCache
    let observer: Observer
    let prefix: [UInt8]
    let usesStore: Bool
    var code: CodeKeys
    /// The number of each step's key; nil when its result must not be used again.
    var numbers: [Int?]
    /// The key of each step in every process, or the reason why there is none.
    var records: [KeyRecord?]
    /// The digests of each step's outputs; an element is nil for a value without a digest.
    var digests: [[Digest?]?]
    /// Globals that a module of this run has set, each with the reason why no result may depend on it.
    var taintedGlobals: [String: String] = [:]
    /// The reason why no further result may be kept.
    var taint: String?

    /// The version of the form of persistent keys, and of what is stored under them.
    private static let format = 2

    var names: PersistentNames { observer.names }

    /// - Parameters:
    ///   - version: text that goes into every persistent key.
    ///   - usesStore: false for keys of this process only.
    init(
        of plan: Plan, cache: ResultCache, version: String, observer: Observer, usesStore: Bool,
        _ lua: borrowing Lua
    ) throws {
        self.plan = plan
        self.cache = cache
        self.observer = observer
        self.usesStore = usesStore
        code = CodeKeys(cache: cache, environment: observer.environment)
        prefix =
            usesStore
            ? observer.names.digest(Array("\(Self.format) \(LuaRelease.name) \(version)".utf8))
                .bytes : []
        numbers = Array(repeating: nil, count: plan.steps.count)
        records = Array(repeating: nil, count: plan.steps.count)
        digests = Array(repeating: nil, count: plan.steps.count)
        // Before the first module computes.
        for step in plan.steps {
            if usesStore {
                _ = try code.persistent(of: step.definition, names, lua)
                if let each = step.each { _ = try code.persistent(of: each.element, names, lua) }
            } else {
                _ = try code.number(of: step.definition, lua)
            }
            try addCode(ofModulesAmongInputsOf: step, lua)
        }
    }

    private func addCode(
        ofModulesAmongInputsOf step: Plan.Step, _ lua: borrowing Lua
    ) throws {
        guard usesStore else { return }
        for (port, input) in zip(step.definition.inputs, step.inputs) {
            guard case .module = port.type, case .value(let value) = input else { continue }
            try lua.push(value)
            defer { lua.pop() }
            if let module = lua.object(ModuleValue.luaClass, at: -1)?.definition {
                _ = try code.persistent(of: module, names, lua)
            }
        }
    }

    /// The persistent key of a step, or the reason why it has none; nil without a store, and for a step
    /// that is never cached.
    func record(of index: Int) -> KeyRecord? { records[index] }

    /// Sets the key of a step that computes as a part of another.
    func setRecord(_ record: KeyRecord, of index: Int) { records[index] = record }

    /// Forgets the key of a step that does not count as started.
    func forget(_ index: Int) { records[index] = nil }

    /// The number of a step's key in this process.
    func number(of index: Int) -> Int? { numbers[index] }

    /// Sets the number of a step's key in this process.
    func setNumber(_ number: Int, of index: Int) { numbers[index] = number }

    /// Sets the digests of a step's outputs.
    func setDigests(_ found: [Digest?], of index: Int) { digests[index] = found }

    /// The step's result is not kept.
    func setObstacle(_ obstacle: String, of index: Int) {
        var record = records[index] ?? KeyRecord(key: nil, parts: [], obstacle: nil)
        record.obstacle = record.obstacle ?? obstacle
        records[index] = record
        numbers[index] = nil
    }

    /// The step's result is stored with observations, which are part of its name.
    func setStored(_ name: Digest, _ observations: [Observation], of index: Int) {
        guard var record = records[index] else { return }
        record.key = name
        record.parts += observations.map { observation in
            KeyRecord.Part(
                kind: .observed, name: observation.title,
                digest: names.digest(observation.seen).short, shown: "")
        }
        records[index] = record
    }

    /// A module has set a global, or another part of the environment if `global` is nil: results that
    /// may depend on it are not kept.
    func addTaint(global: String?, _ reason: String) {
        if let global {
            taintedGlobals[global] = taintedGlobals[global] ?? reason
        } else {
            taint = taint ?? reason
        }
    }

    /// The places where a step's code sets globals.
    func placesOfGlobals(setBy index: Int, _ lua: borrowing Lua) throws -> [String: String] {
        try code.persistent(of: plan.steps[index].definition, names, lua).globalsWritten
    }

    private func taint(on code: CodeKeys.Code) -> String? {
        if let taint { return taint }
        if taintedGlobals.isEmpty { return nil }
        guard let read = code.globalsRead else { return taintedGlobals.values.sorted().first }
        return taintedGlobals.keys.sorted().first(where: read.contains).flatMap {
            taintedGlobals[$0]
        }
    }
}

// MARK: - Persistent keys

extension StepKeys {
    /// Makes the persistent key of a step.
    ///
    /// - Parameter push: pushes the value of an output of an earlier step.
    /// - Returns: the key; nil where there is an obstacle.
    @discardableResult
    func make(
        _ index: Int, _ lua: borrowing Lua, push: (Plan.StepOutput) throws -> Void
    ) throws -> Digest? {
        guard usesStore else { return nil }
        let (record, isUsable) = try makeRecord(index, lua, push: push)
        records[index] = record
        return isUsable ? record.key : nil
    }

    /// Makes the persistent key of a step, or the reason why it has none.
    func makeRecord(
        _ index: Int, _ lua: borrowing Lua, push: (Plan.StepOutput) throws -> Void
    ) throws -> (record: KeyRecord, isUsable: Bool) {
        let step = plan.steps[index]
        let code = try self.code.persistent(of: step.definition, names, lua)
        guard let codeDigest = code.digest else {
            return (KeyRecord(key: nil, parts: code.parts, obstacle: code.obstacle ?? ""), false)
        }
        var bytes = prefix
        bytes.reserveCapacity(64 + 33 * step.inputs.count)
        bytes += codeDigest.bytes
        do throws(InputObstacle) {
            for position in step.inputs.indices {
                bytes.append(UInt8(ascii: "i"))
                if let digest = try digest(ofInput: position, of: step, lua, push: push) {
                    bytes += digest.bytes
                }
            }
        } catch {
            if let failure = error.failure { throw failure }
            return (KeyRecord(key: nil, parts: code.parts, obstacle: error.reason), false)
        }
        if !step.checks.isEmpty { bytes += try checkBytes(step.checks, lua) }
        if let each = step.each { bytes += each.bytes }
        let record = KeyRecord(
            key: names.digest(bytes), parts: [], obstacle: taint(on: code))
        return (record, record.obstacle == nil)
    }

    struct InputObstacle: Error {
        var reason = ""
        var failure: (any Error)?
    }

    /// Returns the digest of an input; nil for an absent one.
    func digest(
        ofInput position: Int, of step: Plan.Step, _ lua: borrowing Lua,
        push: (Plan.StepOutput) throws -> Void
    ) throws(InputObstacle) -> Digest? {
        let port = step.definition.inputs[position]
        do {
            return try digest(
                of: step.inputs[position], for: port, lua,
                valueForNil: { step.valueForNil(at: position) }, push: push)
        } catch let impossible as Fingerprint.Impossible {
            throw InputObstacle(
                reason: "its input `\(port.name)` "
                    + (impossible.place.isEmpty
                        ? "is or holds a \(impossible.type)" : "holds \(impossible.sentence)"))
        } catch let obstacle as InputObstacle {
            throw obstacle
        } catch {
            throw InputObstacle(failure: error)
        }
    }

    /// Returns the digest of what a port gets; nil for nothing.
    private func digest(
        of input: Plan.Input, for port: Port, _ lua: borrowing Lua,
        valueForNil: () -> LuaReference? = { nil }, push: (Plan.StepOutput) throws -> Void
    ) throws -> Digest? {
        switch input {
        case .absent, .element: return nil
        case .value(let value):
            try lua.push(value)
            defer { lua.pop() }
            if let module = lua.object(ModuleValue.luaClass, at: -1)?.definition {
                let code = try self.code.persistent(of: module, names, lua)
                guard let digest = code.digest else {
                    throw InputObstacle(
                        reason: "its input `\(port.name)`, `\(module.name)`, "
                            + "cannot be cached: \(code.obstacle ?? "")")
                }
                return digest
            }
            return try digest(ofConstantFor: port, lua)
        case .output(let source):
            let origin = plan.steps[source.step]
            let output = origin.definition.outputs[source.output]
            if output.type.isStream {
                return try digest(ofStream: source, for: port, lua, push: push)
            }
            guard let digest = digests[source.step]?[source.output] else {
                throw InputObstacle(
                    reason: "its input `\(port.name)` is `\(output.name)` of `\(origin.name)`, "
                        + "whose value has no digest")
            }
            if digest == .ofNil {
                guard let value = valueForNil() else { return digest }
                try lua.push(value)
                defer { lua.pop() }
                return try self.digest(ofConstantFor: port, lua)
            }
            guard port.countsFiles(unlike: output) else { return digest }
            try push(source)
            defer { lua.pop() }
            return names.digest(digest.bytes + (try pathBytes(port, lua)))
        case .table(let table):
            try lua.push(table.constants)
            defer { lua.pop() }
            var bytes = Array("table".utf8) + (try digest(ofConstantFor: port, lua)).bytes
            for element in table.elements {
                bytes += element.path.bytes
                let checks = element.checks
                let digest = try digest(
                    of: element.input, for: element.port, lua,
                    valueForNil: {
                        checks.lazy.compactMap { $0.port.defaultValue }.first
                    }, push: push)
                bytes += digest?.bytes ?? Digest.ofNil.bytes
                if !checks.isEmpty { bytes += try checkBytes(checks, lua) }
            }
            return names.digest(bytes)
        }
    }

    /// Returns the digest of the constant on top.
    func digest(ofConstantFor port: Port, _ lua: borrowing Lua) throws -> Digest {
        var fingerprint = Fingerprint(cache.identities, persistent: names)
        if port.type.holdsPaths {
            return names.digest(Array("paths".utf8) + (try pathBytes(port, lua)))
        }
        try fingerprint.add(lua, at: -1)
        return names.digest(Array("value".utf8) + fingerprint.bytes)
    }

    /// Returns the fingerprint of the value on top.
    func fingerprint(_ lua: borrowing Lua) throws -> [UInt8] {
        var fingerprint = Fingerprint(cache.identities, persistent: names)
        try fingerprint.add(lua, at: -1)
        return fingerprint.bytes
    }

    /// Returns what counts of the files and directories that the value on top names.
    func pathBytes(_ port: Port, _ lua: borrowing Lua) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try forEachPath(port.type, lua) { path, isDirectory in
            try names.append(
                path: path, isDirectory: isDirectory, port.comparison, to: &bytes)
        }
        return bytes
    }

    func checkBytes(
        _ checks: [Plan.ParameterCheck], _ lua: borrowing Lua
    ) throws -> [UInt8] {
        var fingerprint = Fingerprint(cache.identities, persistent: names)
        for check in checks {
            fingerprint.add(raw: check.input)
            do {
                try fingerprint.add(check.port, lua)
            } catch is Fingerprint.Impossible {
                // A check without a digest lets values pass or not; it does not change them.
            }
        }
        return names.digest(fingerprint.bytes).bytes
    }
}
