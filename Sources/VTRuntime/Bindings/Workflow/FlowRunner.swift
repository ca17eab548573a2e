// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
package import VTStore
internal import VTSystem
package import VTWorkflow

/// Runs a workflow: loads its script, binds its parameters, plans, runs, and passes on the outputs.
/// The command, ``WorkflowRun``, and Lua code (`flow:run`, `vt.compute`) run workflows through it.
///
/// ```swift
/// var runner = try FlowRunner(script: "flow.lua", in: runtime.workspace, lua)
/// runner.use(try Store(directory: ".vtlua"))
/// runner.environment.observers.append { event in print(event) }
/// let plan = try runner.plan(arguments: arguments, lua)
/// let result = try runner.run(plan, lua)
/// ```
package struct FlowRunner {
    package let graph: Graph
    /// The path of the workflow's script; empty for a workflow that Lua code has made.
    package let path: String
    package let workspace: Workspace
    /// The text of the script, if it is not that of the file at `path`.
    private let text: String?
    /// The observers and the store of the run.
    package var environment: RunEnvironment
    /// The store of results and records, if this runner has opened one in this process.
    package private(set) var store: Store?

    /// Loads a workflow from its script.
    ///
    /// - Throws: ``InvalidFlow``: the script cannot be read, fails, or returns no workflow.
    package init(
        script path: String, in workspace: Workspace, _ lua: borrowing Lua
    ) throws {
        let flow = try FlowFile.load(path, in: workspace, lua)
        self.init(flow.graph, path: path, in: workspace)
    }

    /// Takes a workflow of Lua code. Inside a run, the environment is that of the outer run.
    package init(
        _ graph: Graph, path: String = "", text: String? = nil, in workspace: Workspace
    ) {
        self.graph = graph
        self.path = path
        self.text = text
        self.workspace = workspace
        environment = workspace.interpreter.runningEnvironment ?? workspace.environment
    }

    // MARK: Plan

    /// Plans a run and passes the plan's warnings to the workspace.
    ///
    /// - Parameters:
    ///   - arguments: values of parameters, by name.
    ///   - targets: the nodes to run with the nodes that they depend on; empty: all.
    ///   - isComplete: whether a parameter without a default must have a value.
    /// - Throws: `WorkflowError`: there is no such parameter; `InvalidWorkflow`; `UnknownNode`: a
    ///   target is not a node; `LuaError` of the workflow's `build`.
    package func plan(
        arguments: [String: LuaReference] = [:], targets: [String] = [], isComplete: Bool = true,
        _ lua: borrowing Lua
    ) throws -> Plan {
        try graph.requireParameters(arguments.keys.sorted())
        let shape = try workspace.shape(
            of: graph, arguments: arguments, isComplete: isComplete, lua)
        let plan = try shape.plan(
            arguments: arguments, targets: targets, isComplete: isComplete,
            capabilities: .ofThisProgram, lua)
        let warnings = try workspace.interpreter.checkPlaces(of: plan, lua)
        for warning in plan.warnings + warnings { workspace.warn("\(warning)") }
        return plan
    }

    // MARK: Run

    /// Runs a plan. A module that fails is in the result.
    ///
    /// - Throws: an error of the run as a whole: it was cancelled, or the state is unusable.
    package func run(
        _ plan: Plan, options: Interpreter.Options = Interpreter.Options(), _ lua: borrowing Lua
    ) throws -> RunResult {
        try workspace.interpreter.run(
            plan, of: graph.name, options: options, in: environment, lua)
    }

    /// Returns what a run would do with each node, without computing.
    package func forecast(_ plan: Plan, _ lua: borrowing Lua) throws -> [Forecast] {
        try workspace.interpreter.forecast(plan, of: graph.name, in: environment, lua)
    }

    /// Gives the handle of a suspended node to its module, and forgets it.
    ///
    /// - Returns: the reason why the handle stays; nil if it is forgotten.
    package func cancel(
        _ node: SuspendedNode, in plan: Plan, _ lua: borrowing Lua
    ) throws -> String? {
        try workspace.interpreter.cancel(node, in: plan, environment: environment, lua)
    }

    /// Uses a store for results and the record.
    ///
    /// Damaged results and a failure of the store are warnings; the run continues without them.
    package mutating func use(_ store: any RecordingStore) {
        // A report can read the store after the workspace was released.
        let warn = { [weak workspace, last = workspace.warn] (text: String) in
            (workspace?.warn ?? last)(text)
        }
        store.exclusively {
            store.setting.flow = path
            store.setting.source = text ?? File.text(path) ?? ""
            store.setting.version = VTRuntimeVersion.text
            store.setting.sweep = workspace.sweepName
            store.setting.groupsWrites = !workspace.sweepName.isEmpty
            store.warn = warn
        }
        self.store = store as? Store
        let directory = store.directory
        environment.store = RunStore(
            store,
            version: VTRuntimeVersion.text + workspace.programVersion + workspace.sandboxKey,
            directory: path.directoryPart,
            moduleFile: { [unowned workspace] name in workspace.file(of: name) },
            isBuiltIn: { StandardLibrary.modules.contains($0) },
            failed: { warn("the store in '\(directory)' failed: \($0); continuing without it") })
    }
}

extension RunResult {
    /// Pushes a table of the workflow's outputs, without those of nodes that did not run.
    func pushOutputs(_ lua: borrowing Lua) throws {
        try lua.pushTable(fields: outputs.count)
        for (name, value) in outputs {
            guard let value else { continue }
            try lua.push(value)
            try lua.setRawField(name, of: -2)
        }
    }

    /// Returns copies of the workflow's outputs. A value that cannot be copied is described.
    func copyOutputs(_ lua: borrowing Lua) throws -> [String: LuaValue] {
        var copies: [String: LuaValue] = [:]
        for (name, value) in outputs {
            guard let value else { continue }
            try lua.push(value)
            copies[name] = LuaValue(lua: lua, at: -1, bounds: .widest)
            lua.pop()
        }
        return copies
    }
}
