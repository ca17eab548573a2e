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

    /// True if the module whose name is below it on top of the stack is in no file that `require` has
    /// found: a script has put it into `package.loaded` or `package.preload`.
    package func isModuleOfScript() throws(LuaError) -> Bool {
        try reserve(3)
        guard vtl_module_origin(L, -2, -1) else { return true }
        defer { pop() }
        return withBytes(at: -1) { $0.elementsEqual(":preload:".utf8) } ?? false
    }

    /// The host's description of the modules that a worker's state has from its caller.
    package var inheritedModules: (any Sendable)? { core.inheritedModules }
    /// The output of the task that runs in this state; nil in a state that no worker uses.
    package var taskOutput: (any TaskOutput)? { core.taskOutput }
    /// Sets ``taskOutput``, which the caller keeps.
    package func setTaskOutput(_ output: any TaskOutput) { core.taskOutput = output }
    /// Sets ``inheritedModules``.
    package func setInheritedModules(_ modules: (any Sendable)?) { core.inheritedModules = modules }

    /// Notes that the loaded module of that name is the host's.
    package func noteLoaded(_ name: String) throws { try checkRun(vtl_note_loaded(L, name)) }

    /// True if the value at `index` is a function that is written in Lua.
    package func isLuaFunction(at index: Int) -> Bool {
        type(at: index) == .function && lua_iscfunction(L, Int32(index)) == 0
    }
}
