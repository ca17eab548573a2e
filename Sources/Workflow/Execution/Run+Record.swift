// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

// Writing the record of a run.

extension Run {
    func beginRecord(_ lua: borrowing Lua) throws {
        guard isOutermost, environment.store?.isUsable ?? false else { return }
        var parameters: [(name: String, value: String)] = []
        for (name, value) in plan.parameters {
            try value.map { try lua.push($0) } ?? lua.pushNil()
            parameters.append((name, lua.brief(at: -1)))
            lua.pop()
        }
        try withStore {
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
        // The outer module may continue for a long time.
        guard isOutermost else {
            try withStore { try $0.pause() }
            return
        }
        try withStore { try $0.end(run: id, status: status, seconds: seconds) }
    }

    func addRecord(
        _ record: ModuleRecord, at index: Int, since started: Double?, _ lua: borrowing Lua
    ) throws {
        guard let started else { return }
        var processor = 0.0
        if let usage {
            let now = ProcessUsage()
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
                // The record has the whole path of a file, but not its content.
                let path = port.type.holdsFiles ? lua.string(at: -1) : nil
                let brief = path.map { "\"\($0.escapedForQuotes)\"" } ?? lua.brief(at: -1)
                outputs.append((port.name, brief))
                lua.pop()
            }
        }
        let key = keys?.record(of: index)
        let node = NodeRecord(
            position: index, record: record, key: key, started: started, processor: processor,
            peak: peak,
            inputs: key == nil ? try inputs(of: step, lua) : [], outputs: outputs,
            files: record.status == .skipped ? [] : try files(of: step, at: index, lua))
        try withStore { try $0.add(node, of: id) }
    }

    /// Returns short texts for the constants among a step's inputs.
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

    private var isOnRecord: Bool { isOutermost && environment.store?.isUsable ?? false }

    /// Starts a step.
    ///
    /// - Returns: the time, in seconds since 1970, if the run is recorded.
    func beginStep() -> Double? {
        usage = nil
        return isOnRecord ? Clock.wall : nil
    }

    /// Starts to measure the usage of a step that is computed. That of a step with a cached result
    /// is smaller than the cost of measuring it.
    func beginComputing() throws {
        try withStore { try $0.pause() }
        if isOnRecord { usage = ProcessUsage() }
    }
}
