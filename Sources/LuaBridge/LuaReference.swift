// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// Keeps a Lua value alive, and finds it again.
///
/// A reference belongs to the state that made it and to its thread. It may outlive the state;
/// using it then is an error.
public final class LuaReference: LuaPushable, LuaReadable {
    private let core: StateCore
    private let slot: Int32

    init(core: StateCore, slot: Int32) {
        self.core = core
        self.slot = slot
    }

    deinit { core.release(slot) }

    /// Whether its state is open.
    var isOpen: Bool { core.L != nil }

    public func push(onto lua: borrowing Lua) throws(LuaError) {
        let slot = try slot(in: lua)
        try lua.reserve(1)
        lua_rawgeti(lua.L, vtl_registry(), lua_Integer(slot))
    }

    /// The registry's slot, if the value is of this state.
    func slot(in lua: borrowing Lua) throws(LuaError) -> Int32 {
        guard let L = core.L else { throw LuaError(.closed, "the Lua state is closed") }
        guard L == lua.L || vtl_host(L) == vtl_host(lua.L) else {
            throw LuaError(.argument, "the value belongs to another Lua state")
        }
        return slot
    }

    public static func read(
        from lua: borrowing Lua, at index: Int
    ) throws(LuaError) -> LuaReference {
        try lua.reference(at: index)
    }
}

@available(*, unavailable)
extension LuaReference: Sendable {}

extension Lua {
    /// Takes the topmost value and keeps it.
    public func takeReference() throws(LuaError) -> LuaReference {
        let core = core
        core.drain()
        var slot: Int32 = 0
        try check(vtl_reference(L, &slot))
        return LuaReference(core: core, slot: slot)
    }

    /// Keeps the value at `index`.
    public func reference(at index: Int) throws(LuaError) -> LuaReference {
        try pushValue(at: index)
        return try takeReference()
    }
}
