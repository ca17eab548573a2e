// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import VTLuaBridge
internal import VTShipping

/// The values that a worker has together with the function of a call, as far as they are tables or
/// functions: the function's upvalues, those of functions among them, and the arguments after the element.
/// An element of `starmap` that contains one of them refers to it by its number.
struct CallRoots {
    let roots: [ShippingRoot]
    /// A table that keeps the values alive, by their numbers.
    let table: LuaReference

    /// Nil if there are no such values.
    init?(function: Int, extras: Range<Int>, _ lua: borrowing Lua) throws(LuaError) {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let function = lua.absolute(function)
        // The upvalues of a function that is sent by name are the worker's own.
        guard lua.isLuaFunction(at: function), !lua.isNamed(at: function) else { return nil }
        try lua.reserve(5)
        try lua.pushGlobals()
        try lua.pushTable()
        var found = Found(globals: base + 1, table: base + 2)
        try found.addUpvalues(of: function, 1, levels: 2, lua)
        for (position, index) in extras.enumerated() {
            try lua.pushValue(at: index)
            try found.add(Self.firstExtra + position, lua)
            lua.pop()
        }
        if found.roots.isEmpty { return nil }
        roots = found.roots
        table = try lua.reference(at: base + 2)
    }

    /// The numbers below are those of upvalues: of each level, one of 256.
    private static let firstExtra = 1 << 16
}

private struct Found {
    let globals: Int
    let table: Int
    var roots: [ShippingRoot] = []

    /// Adds the value on top, which stays; false if it is neither a table nor a function.
    @discardableResult
    mutating func add(_ number: Int, _ lua: borrowing Lua) throws(LuaError) -> Bool {
        let isTable = lua.type(at: -1) == .table && !lua.rawEqual(-1, globals)
        guard isTable || lua.isLuaFunction(at: -1), let address = lua_topointer(lua.L, -1) else {
            return false
        }
        roots.append(ShippingRoot(address: address, number: number))
        try lua.pushValue(at: -1)
        try lua.setRawElement(number, of: table)
        return true
    }

    /// Adds the upvalues of a function, and those of functions among them. A worker gives them the same
    /// numbers, because they depend on nothing but the positions.
    mutating func addUpvalues(
        of function: Int, _ unit: Int, levels: Int, from number: Int = 0, _ lua: borrowing Lua
    ) throws(LuaError) {
        var position = 1
        while lua_getupvalue(lua.L, Int32(function), Int32(position)) != nil {
            let own = number + unit * position
            if try add(own, lua), levels > 1, lua.isLuaFunction(at: -1), !lua.isNamed(at: -1) {
                try addUpvalues(
                    of: lua.top, unit << 8, levels: levels - 1, from: own, lua)
            }
            lua.pop()
            position += 1
        }
    }
}
