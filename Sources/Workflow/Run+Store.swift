// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import LuaBridge
internal import Shipping

// What outlives the process: keys, results, the record of the run.

/// Keys of a run's steps that are the same in every process.
struct LastingKeys {
    let names: LastingNames
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

    func makeLasting() -> LastingKeys? {
        guard let store = interpreter.store else { return nil }
        return LastingKeys(
            names: LastingNames(
                store: store, directory: interpreter.directory, moduleFile: interpreter.moduleFile),
            steps: Array(repeating: nil, count: plan.steps.count))
    }

    /// Makes the key of a step whose inputs are in the table at `inputs`.
    func lastingKey(
        of step: Plan.Step, inputs: Int, _ lua: borrowing Lua
    ) throws -> KeyRecord? {
        guard let names = lasting?.names else { return nil }
        let code = try lastingCode(of: step.definition, names, lua)
        var parts = code.parts
        func without(_ obstacle: String) -> KeyRecord {
            KeyRecord(key: nil, parts: parts, obstacle: obstacle)
        }
        guard let codeDigest = code.digest else { return without(code.obstacle ?? "") }
        var whole = Fingerprint(interpreter.cache.identities, lasting: names)
        whole.add(raw: Self.format)
        whole.add("Lua 5.4")
        whole.add(interpreter.version)
        codeDigest.bytes.withUnsafeBytes { whole.add(bytes: $0) }
        for (port, input) in zip(step.definition.inputs, step.inputs) {
            var own = Fingerprint(interpreter.cache.identities, lasting: names)
            own.add(port.name)
            var shown = ""
            do {
                switch input {
                case .absent: own.tag("a")
                case .output(let source):
                    let upstream = plan.steps[source.step]
                    let output = upstream.definition.outputs[source.output]
                    shown = "`\(output.name)` of `\(upstream.name)`"
                    guard let key = lasting?.steps[source.step]?.key else {
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

    private func lastingCode(
        of definition: ModuleDefinition, _ names: LastingNames, _ lua: borrowing Lua
    ) throws -> LastingKeys.Code {
        let identity = ObjectIdentifier(definition)
        if let known = lasting?.codes[identity] { return known }
        var fingerprint = Fingerprint(interpreter.cache.identities, lasting: names)
        var obstacle: String?
        do {
            try add(definition, to: &fingerprint, lua)
        } catch let impossible as Fingerprint.Impossible {
            obstacle = "its code holds a \(impossible.type)"
        }
        var ports = Fingerprint(interpreter.cache.identities, lasting: names)
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
        let code = LastingKeys.Code(
            digest: obstacle == nil ? names.digest(fingerprint.bytes) : nil,
            parts: parts + fingerprint.parts, obstacle: obstacle)
        lasting?.codes[identity] = code
        return code
    }
}

// MARK: - Results

extension Run {
    /// Whether a step's result is in the store.
    func isKept(_ index: Int) -> Bool {
        guard interpreter.store != nil, let key = lasting?.steps[index] else { return false }
        return key.key != nil && key.obstacle == nil
    }

    func isForced(_ step: Plan.Step) -> Bool { options.forced.contains(step.name) }

    /// A result of an earlier process, if the files among its outputs are still as it left them.
    func stored(_ key: Digest, _ step: Plan.Step, _ lua: borrowing Lua) throws -> ResultCache.Entry?
    {
        guard let names = lasting?.names,
            let found = try interpreter.withStore({ try $0.find(key) })
        else { return nil }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let decoder = ShippingDecoder(trustsCode: false, requiresModules: false)
        do {
            // The outputs come to lie on top.
            for bytes in [found.annotations, found.outputs] where !bytes.isEmpty {
                try bytes.withUnsafeBytes { bytes in
                    var position = 0
                    try decoder.decode(bytes, at: &position, lua)
                }
            }
        } catch is ShippingError {
            try interpreter.withStore { try $0.forget(key) }
            return nil
        }
        let outputs = try lua.takeReference()
        guard try filesDigest(among: outputs, of: step, names, lua) == found.files else {
            return nil
        }
        var entry = ResultCache.Entry(outputs: outputs, printed: found.printed, annotations: [])
        if !found.annotations.isEmpty {
            if case .table(let pairs) = LuaValue(
                lua: lua, at: -1, bounds: .init(depth: 100, pairs: 100_000))
            {
                entry.annotations = pairs.compactMap { pair in
                    guard case .string(let key) = pair.key else { return nil }
                    return (key.text, pair.value)
                }
            }
        }
        return entry
    }

    /// - Returns: why it cannot be kept; nil if it is.
    func keep(
        _ entry: ResultCache.Entry, under key: Digest, of step: Plan.Step, seconds: Double,
        _ lua: borrowing Lua
    ) throws -> String? {
        guard let names = lasting?.names else { return nil }
        let encoder = ShippingEncoder(.canonical)
        func bytes(of push: () throws -> Void) throws -> [UInt8] {
            try push()
            defer { lua.pop() }
            try encoder.encode(lua, at: -1)
            return encoder.ship().withBytes { Array($0) }
        }
        do {
            let outputs = try bytes { try lua.push(entry.outputs) }
            let annotations =
                entry.annotations.isEmpty
                ? []
                : try bytes {
                    try lua.pushTable(fields: entry.annotations.count)
                    for (key, value) in entry.annotations {
                        try value.push(onto: lua)
                        try lua.setRawField(key, of: -2)
                    }
                }
            let result = StoredResult(
                outputs: outputs, printed: entry.printed, annotations: annotations,
                files: try filesDigest(among: entry.outputs, of: step, names, lua), seconds: seconds
            )
            try interpreter.withStore { try $0.keep(result, under: key, run: id) }
            return nil
        } catch let refusal as ShippingRefusal {
            let first = refusal.offenders.first
            return
                "its output \(first?.path ?? "") is \(first?.what ?? "of a kind that cannot be kept")"
        } catch is Fingerprint.Impossible {
            return "a file among its outputs is not there"
        }
    }

    private func filesDigest(
        among outputs: LuaReference, of step: Plan.Step, _ names: LastingNames,
        _ lua: borrowing Lua
    ) throws -> Digest? {
        do {
            return try files(among: outputs, of: step, lasting: names, lua).map { names.digest($0) }
        } catch is Fingerprint.Impossible {
            return Digest(bytes: [])
        }
    }
}

// MARK: - The record

extension Run {
    func beginRecord(_ lua: borrowing Lua) throws {
        guard isOutermost, interpreter.store != nil else { return }
        var parameters: [(name: String, value: String)] = []
        for (name, value) in plan.parameters {
            try value.map { try lua.push($0) } ?? lua.pushNil()
            parameters.append((name, lua.brief(at: -1)))
            lua.pop()
        }
        try interpreter.withStore {
            try $0.begin(
                RunDescription(
                    run: id, workflow: workflow, parameters: parameters,
                    modules: plan.steps.count, connections: connections))
        }
    }

    private var connections: [RunDescription.Connection] {
        var connections: [RunDescription.Connection] = []
        for step in plan.steps {
            for (port, input) in zip(step.definition.inputs, step.inputs) {
                guard case .output(let source) = input else { continue }
                let upstream = plan.steps[source.step]
                connections.append(
                    RunDescription.Connection(
                        source: upstream.name,
                        output: upstream.definition.outputs[source.output].name,
                        node: step.name, input: port.name))
            }
        }
        return connections
    }

    func endRecord(_ status: RunStatus, _ seconds: Double) throws {
        // The module that has run it may go on for long.
        guard isOutermost else {
            interpreter.store?.pause()
            return
        }
        try interpreter.withStore { try $0.end(run: id, status: status, seconds: seconds) }
    }

    func addRecord(
        _ record: ModuleRecord, at index: Int, since started: Double?, _ lua: borrowing Lua
    ) throws {
        guard let started else { return }
        var processor = 0.0
        if let usage {
            let now = Usage()
            processor = now.processor - usage.processor
            peak = now.peak
        }
        let step = plan.steps[index]
        var outputs: [(name: String, value: String)] = []
        if let table = self.outputs[index] {
            try lua.push(table)
            defer { lua.pop() }
            for port in step.definition.outputs {
                try lua.pushRawField(port.name, of: -1)
                // A path is on record as a whole: it is all there is of a file.
                let path = port.type.holdsFiles ? lua.string(at: -1) : nil
                let brief = path.map { "\"\($0.escapedLine)\"" } ?? lua.brief(at: -1)
                outputs.append((port.name, brief))
                lua.pop()
            }
        }
        let key = lasting?.steps[index]
        let node = NodeRecord(
            position: index, record: record, key: key, started: started, processor: processor,
            peak: peak,
            inputs: key == nil ? try inputs(of: step, lua) : [], outputs: outputs,
            files: record.status == .skipped ? [] : try files(of: step, at: index, lua))
        try interpreter.withStore { try $0.add(node, of: id) }
    }

    /// Values that the workflow's script gives, in a few words.
    private func inputs(
        of step: Plan.Step, _ lua: borrowing Lua
    ) throws -> [(name: String, value: String)] {
        var inputs: [(name: String, value: String)] = []
        for (port, input) in zip(step.definition.inputs, step.inputs) {
            guard case .value(let value) = input else { continue }
            try lua.push(value)
            inputs.append((port.name, lua.brief(at: -1)))
            lua.pop()
        }
        return inputs
    }

    private var isOnRecord: Bool { isOutermost && interpreter.store != nil }

    /// - Returns: where the run is recorded, the time.
    func beginStep() -> Double? {
        lasting?.names.beginStep()
        usage = nil
        return isOnRecord ? wallClock() : nil
    }

    /// What was found again has used next to nothing, and asking the system takes longer.
    func beginComputing() {
        interpreter.store?.pause()
        if isOnRecord { usage = Usage() }
    }

    /// What the process has used so far, its ended children included.
    struct Usage {
        var processor: Double
        var peak: Int

        init() {
            processor = 0
            peak = 0
            for who in [RUSAGE_SELF.rawValue, RUSAGE_CHILDREN.rawValue] {
                var usage = rusage()
                getrusage(who, &usage)
                for part in [usage.ru_utime, usage.ru_stime] {
                    processor += Double(part.tv_sec) + Double(part.tv_usec) * 1e-6
                }
                peak = max(peak, usage.ru_maxrss * 1024)
            }
        }
    }
}

// MARK: - Forecast

/// What a run would do with a module.
public struct Forecast: Sendable {
    public var node: String
    public var module: String
    public var isCached: Bool
    /// Why it would run, in a sentence.
    public var reason: String?
}

extension Run {
    func forecast(_ index: Int, _ lua: borrowing Lua) throws -> Forecast {
        let step = plan.steps[index]
        var forecast = Forecast(
            node: step.name, module: step.definition.title, isCached: false, reason: nil)
        for input in step.inputs {
            guard case .output(let source) = input, outputs[source.step] == nil else { continue }
            forecast.reason = "needs `\(plan.steps[source.step].name)`, which would run"
            return forecast
        }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        do {
            let attempt = StepAttempt(run: self, step: step)
            try attempt.pushInputs(lua)
            if let found = try known(index, inputs: base + 1, lua) {
                outputs[index] = found.outputs
                forecast.isCached = true
                return forecast
            }
        } catch let failure as ModuleFailure {
            forecast.reason = "fails in \(failure.stage): \(failure.message)"
            return forecast
        }
        forecast.reason = try reason(for: index, lua)
        return forecast
    }

    private func reason(for index: Int, _ lua: borrowing Lua) throws -> String {
        let step = plan.steps[index]
        if isForced(step) { return "is forced" }
        if case .never = step.definition.caching { return "is never cached: `cache` is false" }
        guard let key = lasting?.steps[index] else { return "cannot be cached: " + obstacle(index) }
        if let obstacle = key.obstacle { return "cannot be cached: \(obstacle)" }
        let before = try interpreter.withStore {
            try $0.lastKey(of: step.name, workflow: workflow, before: nil)
        }
        guard let before else { return "has no result yet" }
        return key.difference(from: before)?.sentence
            ?? "its result is not in the store any more, or its files were changed"
    }

    private func obstacle(_ index: Int) -> String {
        for (port, input) in zip(plan.steps[index].definition.inputs, plan.steps[index].inputs) {
            if port.type.holdsDirectories, case .value = input {
                return "its input `\(port.name)` is a directory"
            }
        }
        return "its `cache` function, or an input that cannot be told apart"
    }
}
