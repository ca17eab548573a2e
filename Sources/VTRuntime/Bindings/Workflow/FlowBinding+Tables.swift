// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTWorkflow

// Tables as inputs of nodes: they are copied when the node is added, and may have ports in them.

extension Flow {
    /// The largest number of tables inside each other.
    private static let deepest = 100

    /// Returns the source that the table at `index` is: a copy, or a table with ports in it.
    func tableSource(at index: Int, _ lua: borrowing Lua) throws -> Graph.Source {
        let top = lua.top
        let table = lua.absolute(index)
        defer { lua.pop(lua.top - top) }
        // The copies of tables, so that what is shared stays shared.
        try lua.pushTable()
        let copies = lua.top
        var elements: [TableSource.Element] = []
        try pushCopy(of: table, copies: copies, path: [], &elements, lua)
        let copy = try lua.reference(at: -1)
        if elements.isEmpty { return .value(copy) }
        return .table(TableSource(constants: copy, elements: elements))
    }

    /// Pushes a copy of the table at `table` without its ports, which it adds to `elements`. An object,
    /// which is a table with a metatable, is not copied.
    private func pushCopy(
        of table: Int, copies: Int, path: [TablePath.Key], _ elements: inout [TableSource.Element],
        _ lua: borrowing Lua
    ) throws {
        try lua.pushValue(at: table)
        lua.pushRawIndexed(of: copies)
        if !lua.isNil(at: -1) { return }
        lua.pop()
        if try lua.pushMetatable(of: table) {
            lua.pop()
            return try lua.pushValue(at: table)
        }
        guard path.count < Self.deepest else {
            throw WorkflowError("an input is a table with more than \(Self.deepest) levels")
        }
        // With room for its elements: a list with a gap keeps its length, and the gap is found.
        try lua.pushTable(elements: lua.rawLength(at: table))
        let copy = lua.top
        try lua.pushValue(at: table)
        try lua.pushValue(at: copy)
        try lua.setRawIndexed(of: copies)
        try lua.forEachPair(of: table) {
            let value = lua.top
            if lua.type(at: value) == .table {
                let path = path + [try key(at: value - 1, lua) ?? .name([])]
                try pushCopy(of: value, copies: copies, path: path, &elements, lua)
            } else if try isSource(at: value, lua) {
                guard let key = try key(at: value - 1, lua) else {
                    throw WorkflowError(
                        "a port in a table must be at an integer or under a name; its key is "
                            + "\(try lua.display(at: value - 1))")
                }
                elements.append(
                    TableSource.Element(
                        path: TablePath(path + [key]), source: try source(at: value, lua)))
                return
            } else {
                try lua.pushValue(at: value)
            }
            try lua.pushValue(at: value - 1)
            try lua.pushValue(at: -2)
            try lua.setRawIndexed(of: copy)
            lua.pop()
        }
    }

    private func isSource(at index: Int, _ lua: borrowing Lua) throws -> Bool {
        guard lua.type(at: index) == .userdata else { return false }
        if lua.object(EachValue.luaClass, at: index) != nil {
            throw WorkflowError(
                "vt.each, vt.zip and vt.cross give whole inputs, not values in a table; write for "
                    + "example { x = vt.each(list) }")
        }
        return lua.object(FlowPort.luaClass, at: index) != nil
            || lua.object(FlowParameter.luaClass, at: index) != nil
            || mistake(at: index, lua) != nil
    }

    private func key(at index: Int, _ lua: borrowing Lua) throws -> TablePath.Key? {
        if lua.type(at: index) == .string {
            return .name(lua.withBytes(at: index) { Array($0) } ?? [])
        }
        return lua.isInteger(at: index) ? lua.integer(at: index).map { .position($0) } : nil
    }
}
