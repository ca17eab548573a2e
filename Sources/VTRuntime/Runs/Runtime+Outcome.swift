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
