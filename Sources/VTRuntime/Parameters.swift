// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTSystem
package import VTWorkflow

/// The values of a workflow's parameters, from a command line or a file.
package struct Parameters {
    /// Assignments `name=value` in the order given. Later ones win.
    package var assignments: [String]
    /// The path of a JSON or Lua file with a table of values. Assignments win over it.
    package var file: String?

    package init(assignments: [String] = [], file: String? = nil) {
        self.assignments = assignments
        self.file = file
    }

    /// An error of the command line, with a message for the user.
    package struct Mistake: Error, Sendable {
        package var message: String

        package init(message: String) { self.message = message }
    }

    /// Returns the values, converted to the declared types.
    ///
    /// - Parameter isComplete: true if each parameter without a default must have a value.
    /// - Throws: ``Mistake``.
    package func values(
        for graph: Graph, isComplete: Bool = true, _ lua: borrowing Lua
    ) throws -> [String: LuaReference] {
        var values: [String: LuaReference] = [:]
        if let file {
            values = try read(file, lua)
            try Self.telling(before: "--params \(file): ") {
                try graph.requireParameters(values.keys.sorted())
                for port in graph.parameters {
                    if let value = values[port.name] { try port.hide(value, lua) }
                    try port.check(values[port.name], lua)
                }
            }
        }
        try Self.telling(before: "") {
            for assignment in assignments {
                let (port, text) = try parse(assignment, for: graph)
                let value = try port.value(parsing: try secret(of: port, text), lua)
                try port.hide(value, lua)
                try port.check(value, lua)
                values[port.name] = value
            }
            for port in graph.parameters where values[port.name] == nil {
                if let value = try port.environmentValue(lua) { try port.hide(value, lua) }
            }
        }
        if isComplete { try requireAll(of: graph, in: values, lua) }
        return values
    }

    private func parse(_ assignment: String, for graph: Graph) throws -> (Port, String) {
        guard let equals = assignment.firstIndex(of: "="), equals > assignment.startIndex else {
            throw Mistake(message: "-p \(assignment): write -p name=value")
        }
        let name = String(assignment[..<equals])
        try graph.requireParameters([name])
        // The port exists: that was just checked.
        let port = graph.parameters.first { $0.name == name }!
        return (port, String(assignment[assignment.index(after: equals)...]))
    }

    /// Returns the text of an assignment. That of a secret is in a file: other users can see the command
    /// line.
    private func secret(of port: Port, _ text: String) throws -> String {
        guard port.isSecret else { return text }
        guard text.hasPrefix("@"), text.utf8.count > 1 else {
            throw Mistake(
                message:
                    "parameter `\(port.name)` is secret, and every user can see the command line; "
                    + "write its value to a file, and give -p \(port.name)=@FILE")
        }
        let path = String(text.dropFirst())
        do {
            let content = try File.read(path, limit: Self.largestSecret + 1)
            guard content.count <= Self.largestSecret else {
                throw Mistake(
                    message: "parameter `\(port.name)`: '\(path)' is larger than "
                        + "\(Self.largestSecret >> 10) KiB")
            }
            // An editor ends a file with a line end.
            let end = content.lastIndex { $0 != 10 && $0 != 13 }
            guard
                let value = String(
                    validating: content[..<(end.map { $0 + 1 } ?? 0)], as: UTF8.self)
            else { throw Mistake(message: "parameter `\(port.name)`: '\(path)' is not a text") }
            return value
        } catch let error as SystemError {
            throw Mistake(message: "parameter `\(port.name)`: '\(path)': \(error.reason)")
        }
    }

    /// The largest size of a file with a secret, in bytes.
    private static let largestSecret = 64 << 10

    private func requireAll(
        of graph: Graph, in values: [String: LuaReference], _ lua: borrowing Lua
    ) throws {
        let missing = try graph.parameters.filter {
            try $0.isRequired && values[$0.name] == nil && $0.environmentValue(lua) == nil
        }
        if missing.isEmpty { return }
        let lines = missing.map {
            "parameter `\($0.name)` (\($0.type)) has no value; \($0.sources)"
        }
        throw Mistake(message: lines.joined(separator: "\n       "))
    }

    /// Turns errors about a value into errors of the command line.
    private static func telling(before prefix: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as WorkflowError {
            throw Mistake(message: prefix + error.message)
        }
    }

    private func read(_ path: String, _ lua: borrowing Lua) throws -> [String: LuaReference] {
        do {
            if path.hasSuffix(".lua") {
                try lua.load(file: path)
                try lua.call(results: 1)
            } else {
                try lua.pushJSONFunction("read")
                try lua.push(path)
                try lua.call(arguments: 1, results: 1)
            }
        } catch let error as LuaError where error.code != .cancelled && error.code != .timedOut {
            throw Mistake(message: "--params \(Self.about(path, error.message))")
        }
        defer { lua.pop() }
        let example = path.hasSuffix(".lua") ? "return { name = value }" : "{\"name\": value}"
        do {
            return try lua.read([String: LuaReference].self, at: -1)
        } catch {
            let found =
                lua.type(at: -1) == .table
                ? "has values without names"
                : "gives \(lua.isNil(at: -1) ? "nothing" : "a \(lua.typeName(at: -1))")"
            throw Mistake(message: "--params \(path): it \(found); write \(example)")
        }
    }

    /// Returns the message with the file's name in front, once.
    private static func about(_ path: String, _ message: String) -> String {
        for start in ["cannot read `\(path)`: ", "cannot open \(path): ", "cannot read \(path): "]
        where message.hasPrefix(start) {
            return "\(path): \(message.dropFirst(start.count))"
        }
        return message.hasPrefix(path + ":") ? message : "\(path): \(message)"
    }
}

extension Port {
    /// Parses a value of this port's type.
    package func value(parsing text: String, _ lua: borrowing Lua) throws -> LuaReference {
        switch type {
        case .string, .file, .directory, .module: try lua.push(text)
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
        case .function, .array, .stream:
            throw Parameters.Mistake(
                message: "parameter `\(name)`: a \(type) cannot be given on the command line")
        }
        return try lua.takeReference()
    }

    /// Pushes the text as JSON, or unchanged if it is not JSON; a custom type may convert it.
    private func pushJSON(_ text: String, _ lua: borrowing Lua) throws {
        do {
            try lua.pushJSONFunction("decode")
            try lua.push(text)
            try lua.call(arguments: 1, results: 1)
        } catch is LuaError {
            switch type {
            case .any, .custom: try lua.push(text)
            default: throw unreadable(text)
            }
        }
    }

    /// Throws if the value is not permitted for this parameter.
    package func check(_ value: LuaReference?, _ lua: borrowing Lua) throws {
        guard let value else { return }
        try lua.push(value)
        defer { lua.pop() }
        if let reason = try mismatch(lua, at: -1) {
            throw WorkflowError("parameter `\(name)`: \(reason)")
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
        return Parameters.Mistake(
            message: "parameter `\(name)`: '\(text)' is not a valid \(type)\(example)")
    }
}

extension Lua {
    /// Pushes a function of the library `json`.
    fileprivate func pushJSONFunction(_ name: String) throws {
        try StandardLibrary.pushModule("json", self)
        try pushRawField(name, of: -1)
        remove(at: -2)
    }
}

extension FlowRunner {
    /// Plans a run with values of parameters as text.
    ///
    /// - Throws: ``Parameters/Mistake``; ``InvalidFlow``: the workflow's `build` fails; as
    ///   ``plan(arguments:targets:isComplete:_:)``.
    package func plan(
        _ parameters: Parameters, targets: [String] = [], isComplete: Bool = true,
        _ lua: borrowing Lua
    ) throws -> Plan {
        let arguments = try parameters.values(for: graph, isComplete: isComplete, lua)
        return try explainingBuild {
            try plan(arguments: arguments, targets: targets, isComplete: isComplete, lua)
        }
    }

    /// Returns the workflow with its nodes: if it has a `build`, a new one that `build` has made. A
    /// parameter that `build` does not read needs no value.
    ///
    /// - Throws: ``Parameters/Mistake``; `InvalidWorkflow`; ``InvalidFlow``: `build` fails.
    package func shape(_ parameters: Parameters, _ lua: borrowing Lua) throws -> Graph {
        let arguments = try parameters.values(for: graph, isComplete: false, lua)
        return try explainingBuild {
            try workspace.shape(of: graph, arguments: arguments, isComplete: false, lua)
        }
    }

    /// Turns an error of Lua code into an error of the workflow's script.
    func explainingBuild<R>(_ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as LuaError where error.code != .cancelled && error.code != .timedOut {
            throw InvalidFlow(path: path, error)
        } catch let missing as MissingArgument {
            throw Parameters.Mistake(message: missing.message)
        }
    }
}
