// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

// Relative paths among the constants of nodes that compute a module which is one of their inputs.

extension Graph.Node {
    /// The module among the inputs of a node of `control.loop`, `fold` or `filter`; nil if there is none.
    private func innerModule(_ lua: borrowing Lua) throws -> ModuleDefinition? {
        let isFilter = definition.name == "control.filter"
        guard definition.control?.hasTurns ?? false || isFilter,
            let position = definition.inputIndex[isFilter ? "keep" : "step"],
            case .value(let value)? = inputs[position]
        else { return nil }
        try lua.push(value)
        defer { lua.pop() }
        return lua.object(ModuleValue.luaClass, at: -1)?.definition
    }

    /// Returns an input with the type that the module among the inputs gives it.
    func placedPort(_ position: Int, _ lua: borrowing Lua) throws -> Port {
        var port = definition.inputs[position]
        guard let module = try innerModule(lua) else { return port }
        func type(_ name: String) -> PortType? {
            module.inputIndex[name].map { module.inputs[$0].type }
        }
        switch port.name {
        case "state", "initial": port.type = type("state") ?? port.type
        case "list":
            let element =
                definition.control == .fold
                ? type("element") : module.inputs.first { $0.isRequired }?.type
            port.type = element.map { .list($0) } ?? port.type
        default: break
        }
        return port
    }

    /// Returns the table of further inputs of the module, with relative paths in `directory`.
    func placed(
        inputs: LuaReference, in directory: String, _ lua: borrowing Lua
    ) throws -> LuaReference {
        guard let module = try innerModule(lua), module.inputs.contains(where: \.type.holdsPaths)
        else { return inputs }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.push(inputs)
        guard lua.type(at: -1) == .table else { return inputs }
        try lua.pushTable()
        try lua.forEachPair(of: base + 1) {
            let port = lua.string(at: -2).flatMap { module.inputIndex[$0] }
            let type = port.map { module.inputs[$0].type }
            let value = try lua.reference(at: -1)
            try lua.pushValue(at: -2)
            try lua.push(try type?.placed(value, in: directory, lua) ?? value)
            try lua.setRawIndexed(of: base + 2)
        }
        return try lua.reference(at: base + 2)
    }
}
