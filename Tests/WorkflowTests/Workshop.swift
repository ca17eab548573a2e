// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTLuaBridge
import VTParallel
import VTRuntime

@testable import VTWorkflow

/// A runtime whose scripts describe modules in a line, and a directory for their files.
final class Workshop {
    let runtime: Runtime
    let directory: String
    /// What happened, a line each.
    private(set) var events: [String] = []

    init(files: [String: String] = [:]) throws {
        var template = Array("/tmp/vtlua-tests-XXXXXX".utf8CString)
        directory = String(cString: mkdtemp(&template)!)
        runtime = try Runtime()
        runtime.workspace.enter(directory: directory)
        for (name, text) in files { try write(text, to: name) }
        runtime.workspace.environment.observers.append { [unowned self] event in
            events.append(line(event))
        }
        try runtime.run { lua in
            try lua.push(directory)
            try lua.setGlobal("directory")
            try lua.execute(Self.prelude, name: "=prelude")
        }
    }

    deinit { removeFiles(below: directory) }

    /// `module("name", { inputs = ..., outputs = ... }, compute)`, and a few modules.
    private static let prelude = """
        function module(name, spec, compute)
          spec.name = name
          local M = vt.module(spec)
          M.compute = compute
          return M
        end
        calls = {}
        local function count(name) calls[name] = (calls[name] or 0) + 1 end
        one = module("one", { outputs = { value = "integer" } }, function() return { value = 1 } end)
        add = module("add", {
          inputs = { a = "number", b = { "number", default = 1 } },
          outputs = { sum = "number" },
        }, function(self, inputs) return { sum = inputs.a + inputs.b } end)
        broken = module("broken", {
          inputs = { value = { "any", optional = true } }, outputs = { value = "any" },
        }, function() error("no such thing") end)
        """

    /// Runs a script; what it returns, copied.
    @discardableResult
    func run(_ script: String, name: String = "=flow") throws -> LuaValue {
        try runtime.run { lua in
            try lua.load(script, name: name)
            try lua.call(results: 1)
            return LuaValue(lua: lua, at: -1)
        }
    }

    /// The message of the error that a script ends with.
    func failure(of script: String, name: String = "=flow") -> String {
        do {
            let value = try run(script, name: name)
            return "no error, but \(value.brief)"
        } catch {
            return "\(error)"
        }
    }

    /// The graph that a script returns, lent with the state.
    func with<R>(graph script: String, _ body: (Graph, borrowing Lua) throws -> R) throws -> R {
        try write(script, to: "flow.lua")
        return try runtime.run { lua in
            let flow = try FlowFile.load(directory + "/flow.lua", in: runtime.workspace, lua)
            return try body(flow.graph, lua)
        }
    }

    /// Runs the workflow that a script returns.
    func compute(
        _ script: String, targets: [String] = [],
        _ change: (inout Interpreter.Options) -> Void = { _ in }
    ) throws -> RunResult {
        var options = Interpreter.Options()
        change(&options)
        return try with(graph: script) { graph, lua in
            let plan = try graph.plan(targets: targets, lua)
            return try runtime.workspace.interpreter.run(
                plan, of: graph.name, options: options, in: runtime.workspace.environment, lua)
        }
    }

    func takeEvents() -> [String] {
        defer { events = [] }
        return events
    }

    // MARK: Files

    func path(_ name: String) -> String { directory + "/" + name }

    func write(_ text: String, to name: String) throws {
        let path = path(name)
        if let slash = path.lastIndex(of: "/") { mkdir(String(path[..<slash]), 0o777) }
        guard let file = fopen(path, "wb") else { throw WorkflowError("cannot write \(path)") }
        defer { fclose(file) }
        fputs(text, file)
    }

    func exists(_ name: String) -> Bool { access(path(name), F_OK) == 0 }

    private func line(_ event: RunEvent) -> String {
        switch event {
        case .runStarted(_, let workflow, let modules, _): "run \(workflow), \(modules) modules"
        case .moduleStarted(let node, let module, let position):
            "start \(position) \(node) (\(module))"
        case .progress(let node, let fraction, let note):
            "progress \(node) \(fraction)" + (note.map { " \($0)" } ?? "")
        case .tasks(let node, let call): "tasks \(node) \(call.done)"
        case .printed(let node, let text): "printed \(node) \(text.debugDescription)"
        case .logged(let node, let level, let message): "\(level.rawValue) \(node) \(message)"
        case .moduleFinished(let record):
            "\(record.status.rawValue) \(record.node)"
                + (record.skippedBecauseOf.map { " because of \($0)" } ?? "")
        case .runFinished(_, let status, _): "run \(status.rawValue)"
        }
    }
}

private func removeFiles(below path: String) {
    guard let directory = opendir(path) else { return }
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
            name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name == "." || name == ".." { continue }
        if unlink("\(path)/\(name)") != 0 { removeFiles(below: "\(path)/\(name)") }
    }
    closedir(directory)
    rmdir(path)
}
