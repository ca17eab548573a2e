// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge

// The sources of a graph as inputs of a plan.

extension PlanBuilder {
    /// Returns the table that an input gets.
    private func table(_ table: TableSource, for port: Port, _ scope: Scope) -> Source {
        var elements: [Plan.Element] = []
        elements.reserveCapacity(table.elements.count)
        for element in table.elements {
            var source = Source(.absent)
            switch element.source {
            case .port(let endpoint): source = output(endpoint, scope)
            case .parameter(let name): source = scope.parameters[name] ?? source
            case .value, .table: continue
            }
            if case .absent = source.input { continue }
            var place = Port(
                name: element.path.label(after: port.name),
                type: port.type.element(at: element.path) ?? .any)
            place.comparison = port.comparison
            elements.append(
                Plan.Element(
                    path: element.path, port: place, input: source.input,
                    checks: source.through.map {
                        Plan.ParameterCheck(
                            input: 0, workflow: $0.workflow, port: $0.port, depth: $0.depth)
                    }, uses: source.uses))
        }
        return Source(.table(Plan.Table(constants: table.constants, elements: elements)))
    }

    /// Returns the source that an output of a node is. Inside a workflow that is computed for each
    /// element, a node has one value for each.
    private func output(_ endpoint: Graph.Endpoint, _ scope: Scope) -> Source {
        var source = Source(.output(scope.places[endpoint.node][endpoint.output]))
        source.uses = scope.around.levels.map { _ in .whole }
        return source
    }

    mutating func resolve(
        _ position: Int, _ scope: Scope, _ lua: borrowing Lua
    ) throws -> Source {
        let node = scope.node
        let port = node.definition.inputs[position]
        let lists = node.each?.lists[position] ?? []
        if let source = node.inputs[position] {
            let placed = try node.placedPort(position, lua)
            var found = try resolve(source, for: placed, scope, lua)
            if node.definition.control?.hasTurns ?? false, port.name == "inputs",
                case .value(let value) = found.input
            {
                found.input = .value(try node.placed(inputs: value, in: scope.graph.directory, lua))
            }
            if case .absent = found.input {
                // The error about a missing required parameter was reported at the parameter.
                if case .parameter(let name) = source,
                    scope.graph.parameters.contains(where: { $0.name == name && $0.isRequired })
                {
                    return found
                }
            } else {
                if !lists.isEmpty {
                    found.uses += Array(
                        repeating: .none, count: scope.around.levels.count - found.uses.count)
                    found.uses += lists.map(Plan.Use.list)
                }
                return found
            }
        }
        if let value = try port.environmentValue(lua) { return Source(.value(value)) }
        if let value = port.defaultValue {
            guard case .workflow(let inner) = node.definition.body else {
                return Source(.value(value))
            }
            return Source(.value(try port.type.placed(value, in: inner.directory, lua)))
        }
        if !port.isOptional {
            problems.append(
                WorkflowError(
                    "`\(scope.around.prefix)\(node.name)` (\(node.definition.name)): input "
                        + "`\(port.name)` (\(port.type)) is missing", at: node.location))
        }
        return Source(.absent)
    }

    /// Returns what a source of the graph is in the plan.
    func resolve(
        _ source: Graph.Source, for port: Port, _ scope: Scope, _ lua: borrowing Lua
    ) throws -> Source {
        switch source {
        case .value(let value):
            Source(.value(try port.type.placed(value, in: scope.graph.directory, lua)))
        case .parameter(let name): scope.parameters[name] ?? Source(.absent)
        case .port(let endpoint): output(endpoint, scope)
        case .table(let table): self.table(table, for: port, scope)
        }
    }
}

extension PortType {
    /// Returns the value; for a relative path, the path with `directory` in front, also in lists.
    package func placed(
        _ value: LuaReference, in directory: String, _ lua: borrowing Lua
    ) throws -> LuaReference {
        guard holdsPaths, !directory.isEmpty, directory != "." else { return value }
        try lua.push(value)
        try place(in: directory.hasSuffix("/") ? directory : directory + "/", lua)
        return try lua.takeReference()
    }

    /// Replaces the path on top, or the list by one with paths, that are in a directory if they are
    /// relative.
    private func place(in directory: String, _ lua: borrowing Lua) throws {
        switch self {
        case .file, .directory:
            guard let path = lua.text(at: -1), !path.hasPrefix("/") else { return }
            lua.pop()
            try lua.push(directory + path)
        case .list(let element) where lua.type(at: -1) == .table:
            let count = lua.rawLength(at: -1)
            try lua.pushTable(elements: count)
            for position in 0..<count {
                try lua.pushRawElement(position + 1, of: -2)
                try element.place(in: directory, lua)
                try lua.setRawElement(position + 1, of: -2)
            }
            lua.remove(at: -2)
        default: return
        }
    }
}
