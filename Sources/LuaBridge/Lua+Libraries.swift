// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

extension Lua {
    /// Opens Lua's standard libraries, in a state that was opened without them.
    ///
    /// - Parameter usingEnvironment: whether the environment variables `LUA_PATH`, `LUA_CPATH` and
    ///   their versioned forms set the search path of `require`.
    /// - Throws: ``LuaError`` with code `memory`.
    public func openStandardLibraries(usingEnvironment: Bool = true) throws {
        if !usingEnvironment {
            try push(true)
            try checkRun(vtl_setfield(L, vtl_registry(), "LUA_NOENV"))
        }
        try checkRun(vtl_openlibs(L))
    }
}
