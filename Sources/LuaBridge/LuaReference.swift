// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// A reference to a Lua value, which prevents its collection.
///
/// A reference belongs to one state, and to its thread. It may outlive the state; its use is an
/// error then.
public final class LuaReference: LuaPushable, LuaReadable {
    private let core: StateCore
    private let slot: Int32

    init(core: StateCore, slot: Int32) {
        self.core = core
        self.slot = slot
    }

    deinit { core.release(slot) }

    /// True if the state is open.
    var isOpen: Bool { core.L != nil }

    /// Pushes the value.
    ///
    /// - Throws: ``LuaError`` with code `closed`, or `argument` if the value belongs to another
    ///   state.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        let slot = try slot(in: lua)
        try lua.reserve(1)
        lua_rawgeti(lua.L, vtl_registry(), lua_Integer(slot))
    }

    /// The registry's slot. Throws if the value belongs to another state.
    func slot(in lua: borrowing Lua) throws(LuaError) -> Int32 {
        guard let L = core.L else { throw LuaError(.closed, "the Lua state is closed") }
        guard L == lua.L || vtl_host(L) == vtl_host(lua.L) else {
            throw LuaError(.argument, "the value belongs to another Lua state")
        }
        return slot
    }

    /// Creates a reference to the value at `index`, of any type.
    public static func read(
        from lua: borrowing Lua, at index: Int
    ) throws(LuaError) -> LuaReference {
        try lua.reference(at: index)
    }
}

@available(*, unavailable)
extension LuaReference: Sendable {}

extension Lua {
    /// Takes the topmost value and returns a reference to it.
    public func takeReference() throws(LuaError) -> LuaReference {
        let core = core
        core.drain()
        var slot: Int32 = 0
        try check(vtl_reference(L, &slot))
        return LuaReference(core: core, slot: slot)
    }

    /// The position of the value in the registry, for code in C. The caller keeps the reference.
    package func registryPosition(of reference: LuaReference) throws(LuaError) -> Int32 {
        try reference.slot(in: self)
    }

    /// Creates a reference to the value at `index`.
    public func reference(at index: Int) throws(LuaError) -> LuaReference {
        try pushValue(at: index)
        return try takeReference()
    }
}
