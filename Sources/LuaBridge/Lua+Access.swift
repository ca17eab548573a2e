// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

extension Lua {
    /// Passes each call of `require` to `sink`, and other accesses while ``watchAccess(_:)`` is on. It
    /// is called inside Lua code, and must not use the state.
    package func setAccessSink(_ sink: ((LuaAccess) -> Void)?) {
        let core = core
        core.accessSink = sink
        guard sink != nil else { return vtl_access_sink_set(L, nil, nil) }
        vtl_access_sink_set(
            L,
            { context, access in
                guard let context, let access, let access = LuaAccess(access.pointee) else {
                    return
                }
                Unmanaged<StateCore>.fromOpaque(context).takeUnretainedValue().accessSink?(access)
            }, Unmanaged.passUnretained(core).toOpaque())
    }

    /// Starts or stops the report of accesses other than `require`.
    package func watchAccess(_ isOn: Bool) { vtl_access_watch(L, isOn) }

    /// Sets whether random numbers count as seeded.
    ///
    /// - Returns: whether they did before.
    @discardableResult
    package func setRandomSeeded(_ isSeeded: Bool) -> Bool { vtl_access_seeded(L, isSeeded) }

    /// Pushes a function like `io.open(name, "w")` that fails if anything has the name, even a link.
    package func pushFileCreator() throws(LuaError) {
        try reserve(1)
        vtl_pushcreate(L)
    }

    /// Pushes a function that returns the functions which the libraries `process` and `files` are built
    /// on.
    package func pushSystemOpener() throws(LuaError) {
        try reserve(1)
        vtl_pushopensystem(L)
    }
}

extension Lua {
    /// Makes a copy of the globals and of the libraries' tables, with which they are compared later.
    package func copyEnvironment() throws { try checkRun(vtl_environment_take(L)) }

    /// A hash that changes when a global, a field of a library's table, or a metatable of a basic type
    /// is set to another value.
    package var environmentHash: UInt64 { vtl_environment_hash(L) }

    /// A hash that changes when something that can be reached from the value at `index` is set to
    /// another value.
    package func stateHash(at index: Int) -> UInt64 { vtl_state_hash(L, Int32(index)) }

    /// Pushes a list of three lists: the names of the tables, the tables, and their copies; nil if
    /// there is no copy.
    package func pushEnvironment() throws {
        try reserve(1)
        _ = vtl_environment_push(L)
    }
}

extension Lua {
    /// Returns the name of the value at `index` among the fields of loaded modules, such as
    /// `string.format`, the first in alphabetical order; nil if it has none.
    package func nameInLibraries(at index: Int) throws -> String? {
        try checkRun(vtl_name_in_libraries(L, Int32(index)))
        defer { pop() }
        return text(at: -1)
    }
}

extension Lua {
    /// Collects what code of this state accesses; nil in a state that no worker uses.
    package var accessRecorder: (any AccessRecorder)? { core.accessRecorder }

    /// Sets ``accessRecorder``.
    package func setAccessRecorder(_ recorder: any AccessRecorder) {
        core.accessRecorder = recorder
    }
}
