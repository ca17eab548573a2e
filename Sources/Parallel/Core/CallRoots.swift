// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import VTLuaBridge
internal import VTShipping

/// The values that a worker has together with the function of a call: the function, its upvalues and the
/// arguments after the element, as far as they are tables or functions. An element of `starmap` that
/// contains one of them refers to it by its number.
struct CallRoots {
    let roots: [ShippingRoot]
    /// A table that keeps the values alive, by their numbers.
    let table: LuaReference

    /// Nil if the function at `function` has none besides itself.
    init?(function: Int, extras: Range<Int>, _ lua: borrowing Lua) throws(LuaError) {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let function = lua.absolute(function)
        // The upvalues of a function that is sent by name are the worker's own.
        guard lua.isLuaFunction(at: function), !lua.isNamed(at: function) else { return nil }
        try lua.reserve(4)
        try lua.pushGlobals()
        try lua.pushTable()
        var roots: [ShippingRoot] = []
        func add(_ number: Int) throws(LuaError) {
            let type = lua.type(at: -1)
            guard type == .table && !lua.rawEqual(-1, base + 1) || lua.isLuaFunction(at: -1),
                let address = lua_topointer(lua.L, -1)
            else { return lua.pop() }
            roots.append(ShippingRoot(address: address, number: number))
            try lua.setRawElement(number, of: base + 2)
        }
        var number: Int32 = 1
        while lua_getupvalue(lua.L, Int32(function), number) != nil {
            try add(Int(number))
            number += 1
        }
        for (position, index) in extras.enumerated() {
            try lua.pushValue(at: index)
            try add(Self.firstExtra + position)
        }
        if roots.isEmpty { return nil }
        self.roots = roots
        table = try lua.reference(at: base + 2)
    }

    /// A function has at most 255 upvalues.
    private static let firstExtra = 256
}
