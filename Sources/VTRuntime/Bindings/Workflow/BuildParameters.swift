// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem
internal import VTWorkflow

/// The second argument of a `build`: its fields are the values of the workflow's parameters.
final class BuildParameters {
    /// The workflow that has the `build`.
    let graph: Graph
    /// A table of the values. Tables among them are copies.
    private let values: LuaReference
    /// The errors for reading parameters that have no value yet, by their names.
    private var obstacles: [String: WorkflowError] = [:]
    /// The parameters that were read.
    private(set) var read: Set<String> = []
    /// The error for the first parameter that was read and has no value yet.
    private(set) var failure: WorkflowError?

    init(of graph: Graph, _ lua: borrowing Lua) throws {
        self.graph = graph
        try lua.pushTable(fields: graph.parameters.count)
        values = try lua.takeReference()
    }

    /// Sets the value of a parameter, which fits its type.
    func set(_ port: Port, to value: LuaReference, in workspace: Workspace, _ lua: borrowing Lua)
        throws
    {
        let top = lua.top
        defer { lua.pop(lua.top - top) }
        try lua.push(values)
        try lua.push(try port.type.fixed(value, in: graph.directory, lua))
        if lua.type(at: -1) == .table { try workspace.interpreter.copyTable(lua) }
        if case .custom(let type) = port.type { try type.convertTop(lua) }
        try lua.setRawField(port.name, of: top + 1)
    }

    /// Makes reading a parameter an error.
    func forbid(_ port: Port, _ error: WorkflowError) { obstacles[port.name] = error }

    /// Pushes the value of a parameter.
    private func push(_ name: String, _ lua: borrowing Lua) throws {
        guard graph.parameters.contains(where: { $0.name == name }) else {
            throw WorkflowError(
                "workflow `\(graph.name)` has no parameter `\(name)`"
                    + hint(for: name, among: graph.parameters.map(\.name)))
        }
        read.insert(name)
        if let obstacle = obstacles[name] {
            failure = failure ?? obstacle
            throw obstacle
        }
        try lua.push(values)
        try lua.pushRawField(name, of: -1)
        lua.remove(at: -2)
    }
}

extension BuildParameters {
    static let luaClass = LuaClass<BuildParameters>("parameter values") { type in
        type.index { lua, parameters in
            guard lua.type(at: 2) == .string else { return 0 }
            let name = try lua.argument(2, as: String.self)
            return try lua.blaming(level: 2) { lua in
                try parameters.push(name, lua)
                return 1
            }
        }
        type.newIndex { lua, parameters in
            let name = try lua.display(at: 2)
            throw lua.error(
                "the parameters of `build` cannot be set; write local \(name) = ...", level: 2)
        }
        type.rawOperator(.pairs) { lua, parameters in
            try lua.blaming(level: 1) { lua in
                try lua.pushGlobal("next")
                try lua.pushTable(fields: parameters.graph.parameters.count)
                for port in parameters.graph.parameters {
                    try parameters.push(port.name, lua)
                    try lua.setRawField(port.name, of: -2)
                }
                return 2
            }
        }
        type.rawOperator(.string) { lua, parameters in
            try lua.push("parameters of workflow: \(parameters.graph.name)")
            return 1
        }
    }
}

extension PortType {
    /// Returns the value; for a relative path, the absolute path if `directory` is not the current one.
    /// A `build` may read the path, which is relative to the current directory, and give it to a node,
    /// where a relative path would be relative to `directory`.
    fileprivate func fixed(
        _ value: LuaReference, in directory: String, _ lua: borrowing Lua
    ) throws -> LuaReference {
        if directory.isEmpty || directory == "." { return value }
        return try placed(value, in: File.target(ofLink: "/proc/self/cwd") ?? "", lua)
    }
}
