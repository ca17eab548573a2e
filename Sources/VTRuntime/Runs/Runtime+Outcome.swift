// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTStore
internal import VTSystem
internal import VTWorkflow

extension Runtime {
    /// Runs a workflow, in the state of this runtime.
    ///
    /// - Throws: `InvalidWorkflow` if it is wrong; errors of the run as a whole.
    func outcome(
        of source: WorkflowRun.Source, _ parameters: [String: LuaValue],
        _ options: WorkflowRun.Options, _ listener: @escaping (RunEvent) -> Void,
        _ lua: borrowing Lua
    ) throws -> WorkflowRun.Outcome {
        try workspace.capturePrint(lua)
        workspace.programVersion = options.version.isEmpty ? "" : " " + options.version
        var runner: FlowRunner
        let plan: Plan
        do {
            runner = try self.runner(of: source, lua)
            if let directory = options.store { runner.use(try Store(directory: directory)) }
            try Self.requireParameters(of: runner.graph, in: parameters, lua)
            var arguments: [String: LuaReference] = [:]
            for (name, value) in parameters {
                try value.push(onto: lua)
                arguments[name] = try lua.takeReference()
            }
            plan = try runner.explainingBuild {
                try runner.plan(arguments: arguments, targets: options.targets, lua)
            }
        } catch let invalid as InvalidFlow {
            throw InvalidWorkflow(
                problems: [WorkflowError(invalid.message, at: invalid.location)])
        } catch let unknown as UnknownNode {
            throw InvalidWorkflow(problems: [WorkflowError(unknown.description)])
        } catch let error as WorkflowError {
            throw InvalidWorkflow(problems: [error])
        }
        runner.environment.observers.append { event in
            options.log(event)
            listener(event)
        }
        let result = try runner.run(plan, options: options.interpreter, lua)
        return WorkflowRun.Outcome(
            run: result.run, status: result.status, duration: .seconds(result.seconds),
            modules: result.modules, outputs: try result.copyOutputs(lua))
    }

    /// Throws if a parameter has no value, in terms of a program, not of the command line.
    private static func requireParameters(
        of graph: Graph, in given: [String: LuaValue], _ lua: borrowing Lua
    ) throws {
        try graph.requireParameters(given.keys.sorted())
        let missing = try graph.parameters.filter {
            guard $0.isRequired, given[$0.name] ?? .nil == .nil else { return false }
            return try $0.environmentValue(lua) == nil
        }
        if missing.isEmpty { return }
        throw InvalidWorkflow(
            problems: missing.map {
                let variable =
                    $0.environmentVariable.map { "set the environment variable \($0), or " } ?? ""
                return WorkflowError(
                    "parameter `\($0.name)` (\($0.type)) has no value; \(variable)give it in the "
                        + "`parameters` of the run",
                    at: graph.location)
            })
    }

    private func runner(
        of source: WorkflowRun.Source, _ lua: borrowing Lua
    ) throws -> FlowRunner {
        switch source {
        case .file(let path): return try FlowRunner(script: path, in: workspace, lua)
        case .text(let text, let name, let directory):
            let place = directory.isEmpty || directory.hasSuffix("/") ? directory : directory + "/"
            let flow = try FlowFile.load(
                text: text, name: name, directory: directory, in: workspace, lua)
            return FlowRunner(flow.graph, path: place + name, text: text, in: workspace)
        case .builder(let builder):
            workspace.enter(directory: builder.directory)
            let flow = try builder.flow(in: workspace, lua)
            let place = builder.directory.isEmpty ? "" : builder.directory + "/"
            return FlowRunner(flow.graph, path: place, text: "", in: workspace)
        }
    }
}
