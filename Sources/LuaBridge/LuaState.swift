// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// A Lua state.
///
/// A state is used by one thread at a time. It can be moved, but neither copied nor shared. It is
/// accessed by ``run(_:)`` only, which passes a ``Lua`` context that cannot leave the closure.
///
/// ```swift
/// let state = try LuaState()
/// let sum = try state.run { lua in
///     try lua.load("local a, b = ...; return a + b")
///     try lua.push(20)
///     try lua.push(22)
///     try lua.call(arguments: 2, results: 1)
///     return lua.integer(at: -1)
/// }
/// ```
public struct LuaState: ~Copyable {
    let core: StateCore

    /// Opens a state.
    ///
    /// - Parameters:
    ///   - memoryLimit: the largest number of bytes that the state may use; nil for no limit.
    ///   - libraries: whether to open Lua's standard libraries.
    ///   - closingLimit: the time limit for finalizers when the state is closed; nil for none.
    /// - Throws: ``LuaError`` with code `memory`; or `unsupported` if the Lua library that is
    ///   loaded differs from the one that this program was compiled for.
    public init(
        memoryLimit: Int? = nil, libraries: Bool = true, closingLimit: Duration? = .seconds(2)
    ) throws(LuaError) {
        core = try StateCore.open(memoryLimit: memoryLimit, libraries: libraries)
        core.closingLimit = closingLimit
    }

    deinit { core.close() }

    /// Calls `body` with the context of the state, and restores the height of the stack afterwards.
    public borrowing func run<R: ~Copyable, Failure: Error>(
        _ body: (borrowing Lua) throws(Failure) -> R
    ) throws(Failure) -> R {
        let L = core.enterable
        var entry = vtl_entry()
        return try withUnsafeMutablePointer(to: &entry) { entry throws(Failure) in
            vtl_enter(entry, L)
            let top = lua_gettop(L)
            defer {
                lua_settop(L, top)
                vtl_leave(entry)
            }
            let lua = Lua(L)
            return try body(lua)
        }
    }
}

@available(*, unavailable)
extension LuaState: Sendable {}

/// The part of a state that outlives contexts: its address while it is open, and the registry slots
/// of released references.
final class StateCore {
    private(set) var L: OpaquePointer?
    private var released: [Int32] = []
    var warningSink: (@Sendable (String) -> Void)?
    /// The error that a Swift function threw into Lua last, until the next error leaves Lua.
    var rethrown: LuaError?
    var closingLimit: Duration? = .seconds(2)
    var libraries = LuaLibraries.all
    var errorObserver: ((borrowing Lua) -> Void)?
    var accessSink: ((LuaAccess) -> Void)?
    var accessRecorder: (any AccessRecorder)?
    var inheritedModules: (any Sendable)?
    weak var taskOutput: (any TaskOutput)?
    var programObserver: ((LuaProgram) -> Void)?
    var objectCopier: ((borrowing Lua, Int) -> (any LuaCopiedObject)?)?
    /// The executor of the async functions that Lua code calls.
    private(set) lazy var asyncExecutor = AsyncExecutor()
    /// True while functions run concurrently.
    var isConcurrent = false

    static func open(memoryLimit: Int?, libraries: Bool) throws(LuaError) -> StateCore {
        if let problem = vtl_unsupported_lua() {
            throw LuaError(.unsupported, String(cString: problem))
        }
        guard let L = vtl_open(memoryLimit.map { max($0, 1) } ?? 0) else {
            throw LuaError.outOfMemory
        }
        let core = StateCore(L)
        guard libraries else { return core }
        let status = vtl_openlibs(L)
        if status != LUA_OK {
            let error = Lua(L).takeError(status)
            core.close()
            throw error
        }
        return core
    }

    private init(_ L: OpaquePointer) {
        self.L = L
        vtl_host_set(L, Unmanaged.passUnretained(self).toOpaque())
    }

    /// The state, which must be open.
    var enterable: OpaquePointer {
        guard let L else { preconditionFailure("the Lua state is closed") }
        return L
    }

    func close() {
        guard let L else { return }
        vtl_close(L, closingLimit.map { max(1, $0.nanoseconds) } ?? 0)
        self.L = nil
    }

    /// Records a released slot. A reference may be released anywhere, even inside a finalizer of
    /// this state: its slot is freed when the next reference is created.
    func release(_ slot: Int32) {
        if L != nil { released.append(slot) }
    }

    func drain() {
        guard let L, !released.isEmpty, lua_checkstack(L, 3) != 0 else { return }
        for slot in released { luaL_unref(L, vtl_registry(), slot) }
        released.removeAll(keepingCapacity: true)
    }

    static func of(_ L: OpaquePointer) -> StateCore {
        guard let host = vtl_host(L) else { preconditionFailure("a state without its host") }
        return Unmanaged<StateCore>.fromOpaque(host).takeUnretainedValue()
    }
}
