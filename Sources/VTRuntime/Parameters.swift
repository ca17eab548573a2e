// SPDX-License-Identifier: BSD-3-Clause

package import LuaBridge
package import Workflow

/// Values for a workflow's parameters, as they come from a command line or a file.
package struct Parameters {
    /// `name=value`, in the order given; a later one wins.
    package var assignments: [String]
    /// A JSON or Lua file with a table of values; assignments win over it.
    package var file: String?

    package init(assignments: [String] = [], file: String? = nil) {
        self.assignments = assignments
        self.file = file
    }

    /// The command line is wrong: what to tell.
    package struct Mistake: Error, Sendable {
        package var message: String
    }

    /// The values, by the types that the workflow declares.
    package func values(
        for graph: Graph, _ lua: borrowing Lua
    ) throws -> [String: LuaReference] {
        var values: [String: LuaReference] = [:]
        if let file { values = try read(file, lua) }
        do {
            try graph.requireParameters(values.keys.sorted())
            for assignment in assignments {
                guard let equals = assignment.firstIndex(of: "="), equals > assignment.startIndex
                else { throw Mistake(message: "-p \(assignment): write -p name=value") }
                let name = String(assignment[..<equals])
                try graph.requireParameters([name])
                guard let port = graph.parameters.first(where: { $0.name == name }) else {
                    continue
                }
                let text = String(assignment[assignment.index(after: equals)...])
                values[name] = try port.value(parsing: text, lua)
            }
        } catch let error as WorkflowError {
            throw Mistake(message: error.message)
        }
        return values
    }

    private func read(_ path: String, _ lua: borrowing Lua) throws -> [String: LuaReference] {
        do {
            if path.hasSuffix(".lua") {
                try lua.load(file: path)
                try lua.call(results: 1)
            } else {
                try lua.load("return require('json').read(...)", name: "=json")
                try lua.push(path)
                try lua.call(arguments: 1, results: 1)
            }
        } catch let error as LuaError {
            throw Mistake(message: "--params \(path): \(error.message)")
        }
        defer { lua.pop() }
        do {
            return try lua.read([String: LuaReference].self, at: -1)
        } catch {
            throw Mistake(message: "--params \(path): a table of values expected: \(error.message)")
        }
    }
}

extension Port {
    /// Reads a value of this port's type from text.
    func value(parsing text: String, _ lua: borrowing Lua) throws -> LuaReference {
        switch type {
        case .string, .file, .directory: try lua.push(text)
        case .boolean:
            guard let value = ["true": true, "false": false][text] else { throw unreadable(text) }
            try lua.push(value)
        case .integer:
            guard let value = Int(text) else { throw unreadable(text) }
            try lua.push(value)
        case .number:
            if let value = Int(text) {
                try lua.push(value)
            } else {
                guard let value = Double(text) else { throw unreadable(text) }
                try lua.push(value)
            }
        case .any, .list, .table, .custom: try pushJSON(text, lua)
        case .function, .array:
            throw Parameters.Mistake(
                message: "parameter `\(name)`: a \(type) cannot be given on the command line")
        }
        return try lua.takeReference()
    }

    /// JSON where the text is JSON, else the text itself, which a type of one's own may convert.
    private func pushJSON(_ text: String, _ lua: borrowing Lua) throws {
        do {
            try lua.load("return require('json').decode(...)", name: "=json")
            try lua.push(text)
            try lua.call(arguments: 1, results: 1)
        } catch is LuaError {
            switch type {
            case .any, .custom: try lua.push(text)
            default: throw unreadable(text)
            }
        }
    }

    private func unreadable(_ text: String) -> Parameters.Mistake {
        let example =
            switch type {
            case .list: "; write JSON, such as [1, 2, 3]"
            case .table: "; write JSON, such as {\"a\": 1}"
            case .boolean: "; write true or false"
            default: ""
            }
        return Parameters.Mistake(message: "parameter `\(name)`: '\(text)' is no \(type)\(example)")
    }
}
