// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTRuntime
internal import VTWorkflow
internal import VTSystem

// Finding values by the names that the user has typed so far, such as `flow.params.ra`, without
// running any code: tables are read raw, and `__index` is followed only if it is a table.

extension Session {
    /// The largest number of `__index` tables that are followed.
    static let mostSteps = 20

    /// Pushes the value at a path of names; returns false and pushes nothing if there is none.
    func push(path: [String], _ lua: borrowing Lua) throws(LuaError) -> Bool {
        guard let first = path.first else { return false }
        if try !pushVariable(first, lua) {
            try lua.pushGlobals()
            try replaceByField(first, lua)
        }
        for name in path.dropFirst() { try replaceByField(name, lua) }
        if !lua.isNil(at: -1) { return true }
        lua.pop()
        return false
    }

    /// Replaces the value on top by its field of this name, or by nil.
    private func replaceByField(_ name: String, _ lua: borrowing Lua) throws(LuaError) {
        let value = lua.top
        try lua.pushValue(at: value)
        for _ in 0..<Self.mostSteps {
            if lua.type(at: -1) == .table {
                try lua.pushRawField(name, of: -1)
                if !lua.isNil(at: -1) { break }
                lua.pop()
            }
            guard try replaceByIndexTable(lua) else {
                if let member = try member(name, lua) {
                    try lua.push(member)
                    break
                }
                try lua.pushNil()
                break
            }
        }
        try lua.pushValue(at: -1)
        lua.replace(at: value)
        try lua.setTop(value)
    }

    /// Replaces the value on top by its `__index` table; returns false if it has none.
    func replaceByIndexTable(_ lua: borrowing Lua) throws(LuaError) -> Bool {
        guard try lua.pushMetatable(of: -1) else { return false }
        try lua.pushRawField("__index", of: -1)
        guard lua.type(at: -1) == .table else {
            lua.pop(2)
            return false
        }
        lua.remove(at: -2)
        lua.remove(at: -2)
        return true
    }

    /// Returns a method of the object on top, which is known without calling code of the object.
    private func member(_ name: String, _ lua: borrowing Lua) throws(LuaError) -> LuaReference? {
        if name == "params", let flow = lua.object(Flow.luaClass, at: -1) {
            try lua.push(any: FlowParameters(flow: flow))
            return try lua.takeReference()
        }
        guard try lua.pushMethod(name, of: -1) else { return nil }
        return try lua.takeReference()
    }

    /// Returns the names that may follow a dot after the value on top.
    ///
    /// - Parameter all: true to include keys that are not names.
    func members(all: Bool = false, _ lua: borrowing Lua) throws(LuaError) -> [Completion.Match] {
        var matches: [Completion.Match] = []
        var seen: Set<String> = []
        func add(_ name: String, _ kind: Completion.Kind) {
            if seen.insert(name).inserted { matches.append(.init(text: name, kind: kind)) }
        }
        for (name, kind) in ports(lua) { add(name, kind) }
        let (methods, properties) = try lua.memberNames(at: -1)
        for name in properties { add(name, .field) }
        for name in methods { add(name, .method) }
        let top = lua.top
        try lua.pushValue(at: -1)
        for _ in 0..<Self.mostSteps {
            if lua.type(at: -1) == .table {
                try lua.pushNil()
                while try lua.next(of: -2) {
                    let kind: Completion.Kind = lua.type(at: -1) == .function ? .method : .field
                    lua.pop()
                    if all {
                        if let name = lua.withBytes(at: -1, { String(source: $0) }) {
                            add(name, kind)
                        }
                    } else if let name = lua.string(at: -1), name.isLuaName {
                        add(name, kind)
                    }
                }
            }
            guard try replaceByIndexTable(lua) else { break }
        }
        try lua.setTop(top)
        return matches
    }

    /// Returns the input ports of the node at a path of names.
    func inputs(ofNode path: [String], _ lua: borrowing Lua) -> [Completion.Match] {
        guard (try? push(path: path, lua)) == true else { return [] }
        defer { lua.pop() }
        guard let node = lua.object(FlowNode.luaClass, at: -1) else { return [] }
        return node.flow.graph.nodes[node.index].definition.inputs.map {
            .init(text: $0.name, kind: .port)
        }
    }

    /// Returns the ports of a node, or the parameters of a workflow.
    private func ports(_ lua: borrowing Lua) -> [(String, Completion.Kind)] {
        if let node = lua.object(FlowNode.luaClass, at: -1) {
            return node.flow.graph.nodes[node.index].definition.outputs.map { ($0.name, .port) }
        }
        if let parameters = lua.object(FlowParameters.luaClass, at: -1) {
            return parameters.flow.graph.parameters.map { ($0.name, .parameter) }
        }
        return []
    }
}
