// SPDX-License-Identifier: BSD-3-Clause

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
