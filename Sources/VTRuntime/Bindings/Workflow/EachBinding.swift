// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping
internal import VTSystem
internal import VTWorkflow

// `vt.each`, `vt.zip` and `vt.cross`, whose results are inputs of nodes.

/// Lists that are iterated together.
private final class EachLists {
    let kind: Graph.Level.Kind
    /// The lists: ports, parameters, tables, or the elements of another level.
    var lists: [LuaReference] = []
    /// The level outside of this one.
    let outer: EachValue?
    let place: SourceLocation?
    /// The level in each workflow that uses it.
    var levels: [(graph: Graph, level: Graph.Level)] = []

    init(_ kind: Graph.Level.Kind, outer: EachValue?, at place: SourceLocation?) {
        self.kind = kind
        self.outer = outer
        self.place = place
    }

    var title: String { "vt.\(kind.rawValue)" + (place.map { " (\($0))" } ?? "") }
}

/// The elements of a list, as an input of a node.
struct EachValue: LuaObject {
    fileprivate var level: EachLists
    fileprivate var list: Int

    static let luaClass = LuaClass<EachValue>("elements") { type in
        refuseUses(in: &type)
        type.rawOperator(.string) { lua, value in
            try lua.push(value.function)
            return 1
        }
    }

    /// The name of the function that has returned the value.
    var function: String { "vt.\(level.kind.rawValue)" }

    /// The levels of iteration, the outermost first, and the list on each.
    fileprivate var chain: [EachValue] { (level.outer?.chain ?? []) + [self] }
}

extension Workspace {
    /// Adds `vt.each`, `vt.zip` and `vt.cross` to the table on top.
    func addEach(_ lua: borrowing Lua) throws {
        try setFunction("each", lua) { lua in
            guard lua.top == 1 else {
                throw WorkflowError(
                    "vt.each takes one list, got \(lua.top) arguments; write vt.zip(a, b) to pair "
                        + "lists, or vt.cross(a, b) to combine them")
            }
            try Self.checkList(1, of: "vt.each", lua)
            let level = EachLists(
                .each, outer: lua.object(EachValue.luaClass, at: 1), at: lua.scriptPlace)
            level.lists = [try lua.reference(at: 1)]
            try lua.push(any: EachValue(level: level, list: 0))
            return 1
        }
        for kind in [Graph.Level.Kind.zip, .cross] {
            try setFunction(kind.rawValue, lua) { lua in
                let count = lua.top
                guard count > 1 else {
                    throw WorkflowError(
                        "vt.\(kind.rawValue) takes two or more lists, got \(count); write "
                            + "vt.each(list) for one")
                }
                let level = EachLists(kind, outer: nil, at: lua.scriptPlace)
                for index in 1...count {
                    try Self.checkList(index, of: "vt.\(kind.rawValue)", lua)
                    if lua.object(EachValue.luaClass, at: index) != nil {
                        throw WorkflowError(
                            "vt.\(kind.rawValue): argument \(index) is a vt.each already; give the "
                                + "list itself")
                    }
                    level.lists.append(try lua.reference(at: index))
                }
                for list in 0..<count { try lua.push(any: EachValue(level: level, list: list)) }
                return .values(count)
            }
        }
    }

    private static func checkList(
        _ index: Int, of function: String, _ lua: borrowing Lua
    ) throws {
        if lua.object(FlowPort.luaClass, at: index) != nil
            || lua.object(FlowParameter.luaClass, at: index) != nil
            || lua.object(EachValue.luaClass, at: index) != nil
        {
            return
        }
        if let node = lua.object(FlowNode.luaClass, at: index) {
            throw WorkflowError("\(function): " + node.misuse)
        }
        if lua.type(at: index) == .table {
            guard lua.rawLength(at: index) == 0 else { return }
            try lua.pushNil()
            guard try lua.next(of: index) else { return }
            defer { lua.pop(2) }
            throw WorkflowError(
                "\(function): a list expected, got a table with the key \(try lua.display(at: -2))")
        }
        if let array = lua.arrayDescription(at: index) {
            if !array.shape.isEmpty { return }
            throw WorkflowError(
                "\(function): a list expected, got an array without axes, which has no elements")
        }
        let given = lua.isNil(at: index) ? "nil" : "a \(lua.typeName(at: index))"
        throw WorkflowError(
            "\(function): a list, or a port that gives one, expected, got \(given)")
    }
}

extension Lua {
    /// The line of the script that called the running function.
    fileprivate var scriptPlace: SourceLocation? {
        location().map { SourceLocation(chunk: $0.source, line: $0.line) }
    }
}

// MARK: - Inputs of a node

extension Flow {
    /// Prepares a node for the inputs at `index` if elements are among them.
    func setEach(of node: Int, inputs index: Int, _ lua: borrowing Lua) throws {
        guard lua.type(at: index) == .table else { return }
        let definition = graph.nodes[node].definition
        var values: [(name: String, value: EachValue)] = []
        try lua.forEachPair(of: index) {
            guard let value = lua.object(EachValue.luaClass, at: -1), let name = lua.string(at: -2)
            else { return }
            values.append((name, value))
        }
        if values.isEmpty {
            return try refuseEachOptions(of: node)
        }
        values.sort { $0.name < $1.name }
        // The deepest one has all levels; the others must begin with the same ones.
        let whole = values.reduce(values[0]) {
            $1.value.chain.count > $0.value.chain.count ? $1 : $0
        }
        let levels = whole.value.chain
        for (name, value) in values
        where !zip(value.chain, levels).allSatisfy({ $0.level === $1.level }) {
            throw WorkflowError(
                "`\(graph.nodes[node].name)`: `\(whole.name)` is from \(whole.value.level.title) and "
                    + "`\(name)` from \(value.level.title); write local x, y = vt.zip(p, q) to pair "
                    + "two lists, or vt.cross(p, q) to combine them")
        }
        var lists = Array(repeating: [Int](), count: definition.inputs.count)
        for (name, value) in values {
            // A wrong name is reported when it is connected.
            guard let place = definition.inputs.firstIndex(where: { $0.name == name }) else {
                continue
            }
            lists[place] = value.chain.map(\.list)
        }
        try graph.setEach(
            Graph.Each(
                element: definition, levels: try levels.map { try level($0.level, lua) },
                lists: lists), of: node)
    }

    private func refuseEachOptions(of node: Int) throws {
        let options = graph.nodes[node].options
        // The nodes of a workflow may have elements.
        if case .workflow = graph.nodes[node].definition.body { return }
        for (name, isSet) in [
            ("chunksize", options.chunkSize != nil), ("on_error", options.onError != nil),
        ] where isSet {
            throw WorkflowError(
                "`\(graph.nodes[node].name)`: options: `\(name)` is for nodes with vt.each, vt.zip "
                    + "or vt.cross among their inputs")
        }
    }

    /// Returns the level in this workflow.
    private func level(_ lists: EachLists, _ lua: borrowing Lua) throws -> Graph.Level {
        if let known = lists.levels.first(where: { $0.graph === graph }) { return known.level }
        let level = Graph.Level(
            lists.kind,
            try lists.lists.map { list in
                try lua.push(list)
                defer { lua.pop() }
                guard let outer = lua.object(EachValue.luaClass, at: -1) else {
                    return Graph.Level.List(source: try source(at: -1, lua))
                }
                return Graph.Level.List(
                    source: try source(of: outer, lua), outer: outer.chain.map(\.list))
            })
        lists.levels.append((graph, level))
        return level
    }

    /// Returns the source of the value that elements come from: the outermost list.
    func source(of value: EachValue, _ lua: borrowing Lua) throws -> Graph.Source {
        let first = value.chain[0]
        try lua.push(first.level.lists[first.list])
        defer { lua.pop() }
        return try source(at: -1, lua)
    }
}
