// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The keys of a run's steps: each step has a number, which is its key in this process, and with a
/// store a ``KeyRecord``, which is the same in every process.
///
/// Both are made in one walk over the inputs of a step. A key of a step covers the code of its
/// module, its constants, the keys of the steps that its inputs come from, and the content of
/// files that its inputs name.
final class StepKeys {
    private let plan: Plan
    private let cache: ResultCache
    private let version: String
    /// Nil without a store.
    let names: PersistentNames?
    /// The number of each step's key; nil when its result must not be used again.
    private var numbers: [Int?]
    /// The key of each step in every process.
    private var records: [KeyRecord?]
    private var code: CodeKeys

    /// The version of the form of persistent keys, and of what is stored under them.
    private static let format = 1

    /// - Parameters:
    ///   - version: text that goes into every persistent key.
    ///   - names: names and digests for persistent keys; nil without a store.
    init(of plan: Plan, cache: ResultCache, version: String, names: PersistentNames?) {
        self.plan = plan
        self.cache = cache
        self.version = version
        self.names = names
        code = CodeKeys(cache: cache)
        numbers = Array(repeating: nil, count: plan.steps.count)
        records = Array(repeating: nil, count: plan.steps.count)
    }

    /// The number of a step's key; nil when its result must not be used again.
    func number(of index: Int) -> Int? { numbers[index] }

    /// The persistent key of a step; nil without a store, and when its result must not be used
    /// again.
    func record(of index: Int) -> KeyRecord? { records[index] }

    /// The step's result is in no store.
    func setObstacle(_ obstacle: String, of index: Int) { records[index]?.obstacle = obstacle }

    /// The step failed: steps after it have no key in this process.
    func removeNumber(of index: Int) { numbers[index] = nil }

    /// The step's result must not be used again.
    func remove(_ index: Int, because obstacle: String) {
        numbers[index] = nil
        records[index]?.key = nil
        records[index]?.obstacle = obstacle
    }
}

// MARK: - The walk over the inputs

extension StepKeys {
    /// The parts of both keys of a step, as far as the walk has come.
    private struct Walk {
        var numbers: [Int]
        /// Nil where there is no persistent key.
        var persistent: Persistent?

        struct Persistent {
            let names: PersistentNames
            var whole: Fingerprint
            var parts: [KeyRecord.Part]
            var obstacle: String?
        }
    }

    /// Makes the keys of a step whose inputs are in the table at `inputs`.
    ///
    /// - Returns: the number of the key; nil when the result must not be used again.
    func make(_ index: Int, inputs: Int, _ lua: borrowing Lua) throws -> Int? {
        let step = plan.steps[index]
        guard let codeNumber = try code.number(of: step.definition, lua) else { return nil }
        var walk = Walk(numbers: [codeNumber], persistent: try beginPersistent(step, lua))
        walk.numbers.reserveCapacity(1 + 2 * step.inputs.count)
        for (port, input) in zip(step.definition.inputs, step.inputs) {
            guard try add(input, of: port, inputs, to: &walk, lua) else { return nil }
        }
        let number = cache.number(ofKey: walk.numbers)
        numbers[index] = number
        records[index] = walk.persistent.map { persistent in
            KeyRecord(
                key: persistent.obstacle == nil
                    ? persistent.names.digest(persistent.whole.bytes) : nil,
                parts: persistent.parts, obstacle: persistent.obstacle)
        }
        return number
    }

    private func beginPersistent(
        _ step: Plan.Step, _ lua: borrowing Lua
    ) throws -> Walk.Persistent? {
        guard let names else { return nil }
        let code = try self.code.persistent(of: step.definition, names, lua)
        var whole = Fingerprint(cache.identities, persistent: names)
        if let digest = code.digest {
            whole.add(raw: Self.format)
            whole.add("Lua 5.4")
            whole.add(version)
            digest.bytes.withUnsafeBytes { whole.add(bytes: $0) }
        }
        return Walk.Persistent(
            names: names, whole: whole, parts: code.parts,
            obstacle: code.digest == nil ? code.obstacle ?? "" : nil)
    }

    /// - Returns: false when the step's result must not be used again.
    private func add(
        _ input: Plan.Input, of port: Port, _ inputs: Int, to walk: inout Walk,
        _ lua: borrowing Lua
    ) throws -> Bool {
        // What was added for the persistent key, if it has one.
        var own: Fingerprint?
        if let persistent = walk.persistent, persistent.obstacle == nil {
            own = Fingerprint(cache.identities, persistent: persistent.names)
            own?.add(port.name)
        }
        var shown = ""
        var files: PortType?
        switch input {
        case .absent:
            walk.numbers.append(0)
            own?.tag("a")
        case .output(let source):
            guard let upstream = numbers[source.step] else { return false }
            let origin = plan.steps[source.step]
            let output = origin.definition.outputs[source.output]
            // Negative, so that it is not taken for the number of a constant.
            walk.numbers.append(-upstream)
            walk.numbers.append(source.output)
            files = port.type.holdsFiles ? port.type : output.type
            guard own != nil else { break }
            shown = "`\(output.name)` of `\(origin.name)`"
            if let key = records[source.step]?.key {
                own?.tag("o")
                key.bytes.withUnsafeBytes { own?.add(bytes: $0) }
                own?.add(output.name)
            } else {
                walk.persistent?.obstacle =
                    "its input `\(port.name)` is \(shown), which is not kept"
                own = nil
            }
        case .value(let value):
            if port.type.holdsDirectories { return false }
            try lua.push(value)
            defer { lua.pop() }
            files = port.type
            guard try addTop(of: port, to: &walk, &own, &shown, lua) else { return false }
        }
        if let files, files.holdsFiles {
            guard try add(files, of: port, inputs, to: &walk, &own, lua) else { return false }
        }
        guard let own, let persistent = walk.persistent else { return true }
        if case .value = input { walk.persistent?.parts += own.parts }
        let digest = persistent.names.digest(own.bytes)
        walk.persistent?.parts.append(
            KeyRecord.Part(kind: .input, name: port.name, digest: digest.short, shown: shown))
        digest.bytes.withUnsafeBytes { walk.persistent?.whole.add(bytes: $0) }
        return true
    }

    /// Adds the constant on top.
    private func addTop(
        of port: Port, to walk: inout Walk, _ own: inout Fingerprint?, _ shown: inout String,
        _ lua: borrowing Lua
    ) throws -> Bool {
        if own != nil {
            own?.tag("v")
            shown = lua.brief(at: -1)
            let start = own?.bytes.count ?? 0
            do {
                try own?.add(lua, at: -1)
                if let own, own.isPlain {
                    walk.numbers.append(cache.number(ofPart: Array(own.bytes[start...])))
                    return true
                }
            } catch let impossible as Fingerprint.Impossible {
                fail(impossible, at: port, &walk, &own)
            }
        }
        var fingerprint = Fingerprint(cache.identities)
        do {
            try fingerprint.add(lua, at: -1)
        } catch is Fingerprint.Impossible {
            return false
        }
        walk.numbers.append(cache.number(ofPart: fingerprint.bytes))
        return true
    }

    /// Adds the content of the files that an input names.
    private func add(
        _ type: PortType, of port: Port, _ inputs: Int, to walk: inout Walk,
        _ own: inout Fingerprint?, _ lua: borrowing Lua
    ) throws -> Bool {
        try lua.pushRawField(port.name, of: inputs)
        defer { lua.pop() }
        var fingerprint = Fingerprint(cache.identities)
        do {
            try fingerprint.add(files: type, lua, at: -1)
        } catch is Fingerprint.Impossible {
            return false
        }
        walk.numbers.append(cache.number(ofPart: fingerprint.bytes))
        do {
            try own?.add(files: type, lua, at: -1)
        } catch let impossible as Fingerprint.Impossible {
            fail(impossible, at: port, &walk, &own)
        }
        return true
    }

    private func fail(
        _ impossible: Fingerprint.Impossible, at port: Port, _ walk: inout Walk,
        _ own: inout Fingerprint?
    ) {
        walk.persistent?.obstacle = "its input `\(port.name)` is or holds a \(impossible.type)"
        own = nil
    }
}
