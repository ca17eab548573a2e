// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

// The record of a run.

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
            try interpreter.withStore { try $0.pause() }
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
                // A path is on record as a whole: it is all there is of a file.
                let path = port.type.holdsFiles ? lua.string(at: -1) : nil
                let brief = path.map { "\"\($0.escapedLine)\"" } ?? lua.brief(at: -1)
                outputs.append((port.name, brief))
                lua.pop()
            }
        }
        let key = keys.record(of: index)
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
        keys.names?.beginStep()
        usage = nil
        return isOnRecord ? wallClock() : nil
    }

    /// What was found again has used next to nothing, and asking the system takes longer.
    func beginComputing() throws {
        try interpreter.withStore { try $0.pause() }
        if isOnRecord { usage = ProcessUsage() }
    }
}
