// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// The libraries that the scripts of a state may use.
///
/// ``safe`` is part of each set. It has what computes and reaches nothing outside of the state:
/// `coroutine`, `math`, `string`, `table`, `utf8`, the clock and dates of `os`, and the basic functions.
/// `load` accepts source code only, metatables cannot have finalizers, and each function can be stopped
/// by a time limit.
///
/// ```swift
/// let state = try LuaState(memoryLimit: 16 << 20, libraries: .safe)
/// ```
public struct LuaLibraries: OptionSet, Sendable, Hashable {
    /// The bits of the set.
    public let rawValue: UInt32

    /// Creates a set from its bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The part of every set.
    public static let safe: LuaLibraries = []
    /// Files: `io`, `os.remove`, `os.rename`, `os.tmpname`; and the libraries that use them.
    public static let io = LuaLibraries(rawValue: UInt32(VTL_LIBRARY_IO))
    /// The system: `os.execute`, `os.exit`, `os.getenv`, `os.setlocale`, with ``io`` also `io.popen`.
    public static let os = LuaLibraries(rawValue: UInt32(VTL_LIBRARY_OS))
    /// The internals of the state: `debug`, bytecode, finalizers, all options of `collectgarbage`. With
    /// bytecode a script can do whatever the process can.
    public static let debug = LuaLibraries(rawValue: UInt32(VTL_LIBRARY_DEBUG))
    /// Code in files: `package`, `loadfile`, `dofile`, and `require` of files of Lua and C. A library of
    /// C can do whatever the process can.
    public static let package = LuaLibraries(rawValue: UInt32(VTL_LIBRARY_PACKAGE))
    /// Pools of workers: `parallel.threads`, `parallel.processes`, channels.
    public static let workers = LuaLibraries(rawValue: 1 << 8)
    /// The network: `http`, which also needs ``io``, and clusters, which also need ``workers``.
    public static let network = LuaLibraries(rawValue: 1 << 9)
    /// Everything.
    public static let all: LuaLibraries = [.io, .os, .debug, .package, .workers, .network]
}

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
