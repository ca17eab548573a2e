// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

extension LuaState {
    /// Opens a state with some of Lua's standard libraries.
    ///
    /// - Parameters:
    ///   - memoryLimit: the largest number of bytes that the state may use; nil for no limit.
    ///   - libraries: the libraries that scripts may use.
    ///   - closingLimit: the time limit for finalizers when the state is closed; nil for none.
    /// - Throws: ``LuaError`` with code `memory` or `unsupported`.
    public init(
        memoryLimit: Int? = nil, libraries: LuaLibraries, closingLimit: Duration? = .seconds(2)
    ) throws(LuaError) {
        let core = try StateCore.open(memoryLimit: memoryLimit, libraries: true)
        core.closingLimit = closingLimit
        core.libraries = libraries
        let L = core.enterable
        let status = libraries == .all ? LUA_OK : vtl_restrict(L, libraries.rawValue)
        if status != LUA_OK {
            let error = Lua(L).takeError(status)
            core.close()
            throw error
        }
        self.core = core
    }
}

extension Lua {
    /// Opens some of Lua's standard libraries, in a state that was opened without them.
    ///
    /// - Parameters:
    ///   - libraries: the libraries that scripts may use.
    ///   - usingEnvironment: whether the environment variables `LUA_PATH`, `LUA_CPATH` and their
    ///     versioned forms set the search path of `require`.
    /// - Throws: ``LuaError``, for example with code `memory`.
    public func openStandardLibraries(
        _ libraries: LuaLibraries, usingEnvironment: Bool = true
    ) throws {
        try openStandardLibraries(usingEnvironment: usingEnvironment)
        core.libraries = libraries
        guard libraries != .all else { return }
        try checkRun(vtl_restrict(L, libraries.rawValue))
    }

    /// The libraries that scripts of this state may use.
    public var libraries: LuaLibraries { core.libraries }

    /// Gives the table on top, the environment of the host's own code, an `io` that opens no file and a
    /// `debug` that knows places only, where the state has none.
    package func completeEnvironment() throws { try checkRun(vtl_complete_library(L)) }
}

// MARK: - Environments

extension Lua {
    /// Pushes a new environment for chunks: a table of their globals. Names that it does not have are read
    /// from the state's globals; what a chunk sets stays in it. It keeps the names of scripts apart. It is
    /// no protection against a hostile script, which can change tables that all share, such as `string`:
    /// give each user a state.
    ///
    /// ```swift
    /// try lua.pushNewEnvironment()
    /// try lua.load("x = 1", name: "=first", environment: -1)
    /// ```
    public func pushNewEnvironment() throws {
        try pushTable(fields: 4)
        let environment = top
        try pushValue(at: environment)
        try setRawField("_G", of: environment)
        try pushTable(fields: 2)
        try pushGlobals()
        try setRawField("__index", of: -2)
        try push(false)
        try setRawField("__metatable", of: -2)
        setMetatable(of: environment)
        try pushValue(at: environment)
        try checkRun(vtl_pushload(L))
        try setRawField("load", of: environment)
    }

    /// Compiles source code with an environment, and pushes it as a function.
    ///
    /// - Parameters:
    ///   - code: the source code.
    ///   - name: the name of the chunk in messages: `=name`, `@file`, or the code itself.
    ///   - environment: the index of the table of its globals.
    /// - Throws: ``LuaError`` with code `syntax` or `memory`.
    public func load(_ code: String, name: String? = nil, environment: Int) throws {
        let environment = absolute(environment)
        try load(code, name: name)
        try pushValue(at: environment)
        _ = setUpvalue(1, of: -2)
    }
}
