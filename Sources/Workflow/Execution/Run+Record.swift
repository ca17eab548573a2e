// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

// Writing the record of a run.

extension Run {
    func beginRecord(_ lua: borrowing Lua) throws {
        guard isOnRecord else { return }
        var parameters: [ValueRecord] = []
        for (port, value) in plan.parameters {
            try value.map { try lua.push($0) } ?? lua.pushNil()
            defer { lua.pop() }
            parameters.append(
                try recorder.record(port.name, port.type.description, at: -1, lua))
        }
        try withStore {
            try $0.begin(
                RunDescription(
                    run: id, workflow: workflow, parameters: parameters,
                    modules: plan.steps.count, connections: connections, outputs: finalOutputs))
        }
    }

    /// The outputs of the workflow.
    private var finalOutputs: [RunDescription.Output] {
        plan.outputs.map { name, source in
            let step = plan.steps[source.step]
            return RunDescription.Output(
                name: name, node: step.name, port: step.definition.outputs[source.output].name)
        }
    }

    private var connections: [RunDescription.Connection] {
        var connections: [RunDescription.Connection] = []
        for step in plan.steps {
            for (port, input) in zip(step.definition.inputs, step.inputs) {
                input.forEachOutput(of: port) { source, place in
                    let upstream = plan.steps[source.step]
                    connections.append(
                        RunDescription.Connection(
                            source: upstream.name,
                            output: upstream.definition.outputs[source.output].name,
                            node: step.name, input: place.name))
                }
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
        let step = plan.steps[index]
        var node = NodeRecord(
            position: index, record: record, key: keys?.record(of: index), started: started)
        switch record.status {
        case .cached:
            // Inputs and outputs are those of the node that computed the result. A node with elements
            // has no result of its own.
            if step.each != nil || step.hasTurns {
                node.inputs = try inputs(of: step, lua)
                node.outputs = try outputs(of: step, at: index, lua)
            }
            node.files = try files(of: step, at: index, lua)
        case .skipped, .notNeeded: break
        case .computed, .failed, .suspended, .stopped:
            if let usage {
                let now = ProcessUsage()
                node.processor = now.processor - usage.processor
                peak = now.peak
            } else {
                node.processor = record.processor
            }
            node.inputs = try inputs(of: step, lua)
            node.outputs = try outputs(of: step, at: index, lua)
            node.annotations = try recorder.annotations(record.annotations, lua)
            node.files = try files(of: step, at: index, lua)
            node.libraries = try interpreter.libraries.loaded(in: environment.store, lua)
        }
        node.peak = peak
        try withStore { try $0.add(node, of: id) }
    }

    /// Returns the records of a step's inputs, with the values that came from other steps.
    private func inputs(of step: Plan.Step, _ lua: borrowing Lua) throws -> [ValueRecord] {
        var inputs: [ValueRecord] = []
        for (port, input) in zip(step.definition.inputs, step.inputs) {
            switch input {
            case .absent, .element: continue
            case .value(let value): try lua.push(value)
            case .output(let source):
                if plan.isStream(source) {
                    inputs.append(streamRecord(port, source))
                    continue
                }
                guard hasResult(source.step) else { continue }
                try pushOutput(source, lua)
            case .table(let table):
                if table.elements.contains(where: { !isComplete($0.input) }) { continue }
                try pushTable(table, lua) { element in try push(element.input, lua) }
            }
            defer { lua.pop() }
            var isConstant = false
            if case .value = input { isConstant = true }
            inputs.append(
                try recorder.record(
                    port.name, port.type.description, at: -1, digests: isConstant, lua))
        }
        return inputs
    }

    /// True if each step that an input gets an output of has a result.
    private func isComplete(_ input: Plan.Input) -> Bool {
        var isComplete = true
        input.forEachOutput { if !hasResult($0.step) { isComplete = false } }
        return isComplete
    }

    /// Returns the records of a step's outputs.
    private func outputs(
        of step: Plan.Step, at index: Int, _ lua: borrowing Lua
    ) throws -> [ValueRecord] {
        if isPart(index) { return streamRecords(of: step, at: index) }
        if let elements = unreadElements[index], !elements.hasFewOutputs {
            return elements.outputRecords(keys?.digests[index] ?? [])
        }
        guard let table = step.each == nil ? self.outputs[index] : try table(of: index, lua)
        else { return [] }
        try lua.push(table)
        defer { lua.pop() }
        return try step.definition.outputs.map { port in
            try lua.pushRawField(port.name, of: -1)
            defer { lua.pop() }
            var record = try recorder.record(
                port.name, port.type.description, at: -1, known: outputDigests[port.name],
                digests: step.each == nil, lua)
            if step.each != nil, record.value == nil,
                let output = step.definition.outputIndex[port.name]
            {
                record.digest = keys?.digests[index]?[output]
            }
            return record
        }
    }

    var isOnRecord: Bool { isOutermost && environment.store?.isUsable ?? false }

    /// Starts a step.
    ///
    /// - Returns: the time, in seconds since 1970, if the run is recorded.
    func beginStep() -> Double? {
        usage = nil
        if !outputDigests.isEmpty { outputDigests = [:] }
        return isOnRecord ? Clock.wall : nil
    }

    /// Starts to measure the usage of a step that is computed. That of a step with a cached result
    /// is smaller than the cost of measuring it.
    func beginComputing() throws {
        try withStore { try $0.willCompute() }
        if isOnRecord { usage = ProcessUsage() }
    }
}
