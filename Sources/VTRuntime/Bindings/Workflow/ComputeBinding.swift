// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem
internal import VTWorkflow

// `vt.compute` runs one module as a workflow of one node, without a record.

extension Workspace {
    private static let computeOptions = ["timeout", "retries"]

    /// `vt.compute(module, inputs [, options])`: returns the table of outputs and a table `{
    /// printed =, annotations =, seconds = }`. Raises the error that `compute` raised.
    func compute(_ lua: borrowing Lua) throws -> LuaReturn {
        try capturePrint(lua)
        try lua.setTop(3)
        let place = lua.location().map { SourceLocation(chunk: $0.source, line: $0.line) }
        if directories.isEmpty { enter(directory: place?.file.directoryPart ?? "") }
        let runner = FlowRunner(try graphOfOne(at: place, lua), in: self).withoutRecord
        var options = Interpreter.Options()
        options.usesCache = false
        let result: RunResult
        do {
            result = try runner.run(try runner.plan(lua), options: options, lua)
        } catch let invalid as InvalidWorkflow {
            throw WorkflowError(invalid.problems.map(\.message).joined(separator: "\n"))
        }
        if let failure = result.failure { throw failure.raised }
        try push(result, lua)
        return 2
    }

    /// Returns a workflow of the module at 1 with the inputs at 2.
    private func graphOfOne(at place: SourceLocation?, _ lua: borrowing Lua) throws -> Graph {
        let flow = Flow(graph: Graph(name: "vt.compute", location: place), workspace: self)
        flow.graph.isCall = true
        let definition = try flow.module(at: 1, of: "vt.compute", inputs: 2, lua)
        let node = definition.name.split(separator: "/").last.map(String.init) ?? "module"
        let index = try flow.graph.add(node, definition, at: place)
        try refuseElements(lua)
        try flow.setInputs(of: index, at: 2, lua)
        if !lua.isNil(at: 3) {
            let options = Declaration(
                index: 3, keys: Self.computeOptions, subject: "vt.compute: options")
            try options.checkKeys(lua)
            var limits = NodeOptions()
            limits.timeout = try options.duration("timeout", lua)
            limits.retries = try options.count("retries", lua)
            flow.graph.setOptions(limits, of: index)
        }
        for (output, port) in definition.outputs.enumerated() {
            try flow.graph.addOutput(port.name, from: .init(node: index, output: output))
        }
        return flow.graph
    }

    /// Throws if there are elements among the inputs at 2.
    private func refuseElements(_ lua: borrowing Lua) throws {
        guard lua.type(at: 2) == .table else { return }
        try lua.forEachPair(of: 2) {
            guard let value = lua.object(EachValue.luaClass, at: -1) else { return }
            throw WorkflowError(
                "vt.compute computes once, and input `\(try lua.display(at: -2))` is from "
                    + "\(value.function); call vt.compute for each element, or add a node to a workflow"
            )
        }
    }

    private func push(_ result: RunResult, _ lua: borrowing Lua) throws {
        try result.pushOutputs(lua)
        try lua.pushTable(fields: 3)
        try lua.push(result.modules.map(\.printed).joined())
        try lua.setRawField("printed", of: -2)
        try lua.push(result.seconds)
        try lua.setRawField("seconds", of: -2)
        let annotations = result.modules.flatMap(\.annotations)
        try lua.pushTable(fields: annotations.count)
        for (key, value) in annotations {
            try value.push(onto: lua)
            try lua.setRawField(key, of: -2)
        }
        try lua.setRawField("annotations", of: -2)
    }
}

extension FlowRunner {
    /// The runner without a store. Observers receive only what the module prints and logs.
    fileprivate var withoutRecord: FlowRunner {
        var runner = self
        runner.environment.store = nil
        runner.environment.observers = environment.observers.map { observer in
            { event in
                switch event {
                case .printed, .logged: observer(event)
                default: break
                }
            }
        }
        return runner
    }
}

extension ModuleFailure {
    /// The error that a script catches: the thrown value, with file and line if it is text.
    fileprivate var raised: LuaError {
        let place = location.map { "\($0): " } ?? ""
        let task = task.map { " (\($0.element))" } ?? ""
        return LuaError(.runtime, place + message + task, value: thrown, traceback: traceback)
    }
}
