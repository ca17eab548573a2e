// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem
internal import VTWorkflow

// `flow:run`, which scripts and the prompt call.

extension Flow {
    private static let options = [
        "params", "targets", "keep_going", "cache", "timeout", "retries", "store", "jobs",
    ]

    /// `flow:run { params =, targets =, keep_going =, cache =, timeout =, retries =, store =, jobs = }`:
    /// returns `{ outputs =, nodes =, run =, status = }`. A failed module raises an error, unless
    /// `keep_going` is set. A run inside a module is part of the outer run, and has its store.
    func run(_ lua: borrowing Lua) throws -> LuaReturn {
        if workspace.isOfWorker { throw lua.error(Workspace.refusal(of: "flow:run")) }
        if lua.isNil(at: 2) {
            try lua.setTop(1)
            try lua.pushTable()
        }
        let declaration = Declaration(index: 2, keys: Self.options, subject: "flow:run")
        try declaration.checkKeys(lua)
        let arguments = try declaration.optional("params", [String: LuaReference].self, lua) ?? [:]
        var options = Interpreter.Options()
        options.keepGoing = try declaration.optional("keep_going", Bool.self, lua) ?? false
        options.usesCache = try declaration.optional("cache", Bool.self, lua) ?? true
        options.timeout = try declaration.duration("timeout", lua)
        options.retries = try declaration.count("retries", lua) ?? 0
        options.jobs = try declaration.optional("jobs", Int.self, lua) ?? 1
        guard options.jobs >= 1 else {
            throw lua.error("flow:run: `jobs` must be at least 1, got \(options.jobs)")
        }
        options.place = workspace.sweepPlace
        let targets = try declaration.optional("targets", [String].self, lua) ?? []

        // Nothing shows the remaining time.
        options.estimates = false

        var runner = FlowRunner(graph, path: workspace.script, in: workspace).showingOutput
        let place = try storePlace(declaration, lua)
        if workspace.interpreter.runningEnvironment == nil, let place {
            runner.useStore(place)
        }
        let result: RunResult
        do {
            let plan = try runner.plan(arguments: arguments, targets: targets, lua)
            result = try runner.run(plan, options: options, lua)
        } catch let invalid as InvalidWorkflow {
            throw lua.error(invalid.description)
        } catch let unknown as UnknownNode {
            throw lua.error(unknown.description)
        }
        if let failure = result.failure, !options.keepGoing {
            throw lua.error(failure.sentence)
        }
        if let suspension = workspace.interpreter.suspension(by: result) { throw suspension }
        try push(result, lua)
        return 1
    }

    /// Reads the option `store`: false for no store, or a directory; otherwise the rule of the
    /// program.
    private func storePlace(
        _ declaration: Declaration, _ lua: borrowing Lua
    ) throws -> StorePlace? {
        try lua.pushRawField("store", of: 2)
        defer { lua.pop() }
        if !lua.libraries.contains(.io), lua.truth(at: -1) {
            throw lua.error(
                LuaLibraries.refusal(of: "flow:run: `store`", because: LuaLibraries.noFiles))
        }
        switch lua.type(at: -1) {
        case .nil: return workspace.storePlace
        case .boolean:
            return lua.truth(at: -1) ? workspace.storePlace ?? StorePlace() : nil
        case .string:
            guard let path = lua.text(at: -1), !path.isEmpty else { fallthrough }
            return StorePlace(given: path)
        default:
            throw WorkflowError(
                "flow:run: `store` must be a directory, true or false, got "
                    + lua.brief(at: -1))
        }
    }

    private func push(_ result: RunResult, _ lua: borrowing Lua) throws {
        try lua.pushTable(fields: 4)
        try lua.push(result.run)
        try lua.setRawField("run", of: -2)
        try lua.push(result.status.rawValue)
        try lua.setRawField("status", of: -2)
        try result.pushOutputs(lua)
        try lua.setRawField("outputs", of: -2)
        try lua.pushTable(fields: result.modules.count)
        for module in result.modules {
            try push(module, lua)
            try lua.setRawField(module.node, of: -2)
        }
        try lua.setRawField("nodes", of: -2)
    }

    private func push(_ record: ModuleRecord, _ lua: borrowing Lua) throws {
        try lua.pushTable(fields: 5)
        try lua.push(record.status.rawValue)
        try lua.setRawField("status", of: -2)
        try lua.push(record.seconds)
        try lua.setRawField("seconds", of: -2)
        try lua.push(record.printed)
        try lua.setRawField("printed", of: -2)
        if let failure = record.failure {
            try lua.push(failure.sentence)
            try lua.setRawField("error", of: -2)
        }
        guard !record.annotations.isEmpty else { return }
        try lua.pushTable(fields: record.annotations.count)
        for (key, value) in record.annotations {
            try value.push(onto: lua)
            try lua.setRawField(key, of: -2)
        }
        try lua.setRawField("annotations", of: -2)
    }
}

extension Graph {
    /// Throws if one of the names is not a parameter.
    package func requireParameters(_ names: some Sequence<String>) throws {
        for name in names where !parameters.contains(where: { $0.name == name }) {
            throw WorkflowError(
                "workflow `\(self.name)` has no parameter `\(name)`"
                    + hint(for: name, among: parameters.map(\.name)))
        }
    }
}

extension ModuleFailure {
    /// The failure in one sentence, for a script that catches it.
    package var sentence: String {
        let place = location.map { " \($0):" } ?? ""
        let task = task.map { " (\($0.element))" } ?? ""
        return "`\(node)` (\(module) \(version)) failed in \(stage):\(place) \(message)\(task)"
    }
}

extension FlowRunner {
    /// The runner; if nothing observes the run, what modules print goes to the workspace's
    /// `runOutput`.
    fileprivate var showingOutput: FlowRunner {
        guard environment.observers.isEmpty else { return self }
        var runner = self
        runner.environment.observers = [
            { [runOutput = workspace.runOutput] event in
                switch event {
                case .printed(let node, let text): runOutput(text.labelled(node))
                case .logged(let node, let level, let message):
                    runOutput("\(level.rawValue): \(message)\n".labelled(node))
                default: break
                }
            }
        ]
        return runner
    }
}

extension Workspace {
    /// The error of a function that only the interpreter has.
    static func refusal(of function: String) -> String {
        "\(function) works on the interpreter only; compute the module there, with the option "
            + "{ on = \"interpreter\" } of its node"
    }
}
