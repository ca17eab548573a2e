// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

// Swift objects inside userdata: what LuaClass and carried errors are made of.

extension Lua {
    /// Pushes `object`. The metatable is registered under `key`; the first time, `fill` gets it
    /// on top and adds to it.
    func pushObject<Object: AnyObject>(
        _ object: Object, key: TypeKey, name: String,
        fill: (borrowing Lua) throws(LuaError) -> Void
    ) throws(LuaError) {
        try pushMetatable(key: key, name: name, fill: fill)
        let boxed = Unmanaged.passRetained(object).toOpaque()
        try check(
            vtl_pushobject(L, boxed) { object in
                if let object { Unmanaged<AnyObject>.fromOpaque(object).release() }
            })
    }

    /// Pushes the metatable registered under `key`, making it the first time. It is registered
    /// when it is whole.
    func pushMetatable(
        key: TypeKey, name: String, fill: (borrowing Lua) throws(LuaError) -> Void
    ) throws(LuaError) {
        try reserve(2)
        if vtl_pushtype(L, key.address) { return }
        let base = top
        do {
            try check(vtl_newtype(L, name))
            try fill(self)
            try check(vtl_register(L, key.address))
        } catch {
            lua_settop(L, Int32(base))
            throw error
        }
    }

    /// The object at `index` if it was pushed under `key`.
    func object<Object: AnyObject>(_ type: Object.Type, at index: Int, key: TypeKey) -> Object? {
        guard lua_checkstack(L, 2) != 0 else { return nil }
        guard let boxed = vtl_toobject(L, Int32(index), key.address) else { return nil }
        return Unmanaged<Object>.fromOpaque(boxed).takeUnretainedValue()
    }
}
