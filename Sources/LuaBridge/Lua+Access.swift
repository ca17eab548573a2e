// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// An access by Lua code to something besides its arguments, such as a file.
package struct LuaAccess {
    /// The kind of an access.
    package enum Kind {
        /// `require` was called.
        case requireBegin
        /// `require` has returned; ``LuaAccess/other`` is the file if the module was loaded now.
        case require
        /// A file was opened; ``LuaAccess/other`` is the mode.
        case open
        /// A file was removed.
        case remove
        /// A file was renamed to ``LuaAccess/other``.
        case rename
        /// `os.tmpname` has made a file.
        case temporary
        /// An environment variable was read; ``LuaAccess/other`` is its value.
        case environment
        /// The current time or date was read.
        case clock
        /// A random number was made without a seed.
        case random
    }

    package let kind: Kind
    /// The file, the module, the variable or the function.
    package let name: [UInt8]
    package let other: [UInt8]?
    /// True if the function has returned an error.
    package let failed: Bool
    /// True if the file existed before.
    package let existed: Bool
    /// True if the target of a rename existed before.
    package let otherExisted: Bool
    /// The chunk and the line of the code that accessed.
    package let place: (source: String, line: Int)?
    /// A hash of the state of a module that was loaded now.
    package let hash: UInt64
    /// An address in the frame of the function: those of functions that it calls are lower.
    package let stack: UInt

    fileprivate init?(_ access: vtl_access) {
        switch access.kind {
        case VTL_ACCESS_REQUIRE_BEGIN: kind = .requireBegin
        case VTL_ACCESS_REQUIRE: kind = .require
        case VTL_ACCESS_OPEN: kind = .open
        case VTL_ACCESS_REMOVE: kind = .remove
        case VTL_ACCESS_RENAME: kind = .rename
        case VTL_ACCESS_TEMPORARY: kind = .temporary
        case VTL_ACCESS_ENVIRONMENT: kind = .environment
        case VTL_ACCESS_CLOCK: kind = .clock
        case VTL_ACCESS_RANDOM: kind = .random
        default: return nil
        }
        name = Array(UnsafeRawBufferPointer(start: access.name, count: access.length))
        other = access.other.map {
            Array(UnsafeRawBufferPointer(start: $0, count: access.other_length))
        }
        failed = access.failed
        existed = access.existed
        otherExisted = access.other_existed
        place = access.source.map { (String(cString: $0), Int(access.line)) }
        hash = access.hash
        stack = UInt(bitPattern: access.stack)
    }
}

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

/// Collects what the code of a worker's state accesses.
package protocol AccessRecorder: AnyObject {
    /// Returns what was accessed since the last call, encoded; empty for nothing. It must be called on
    /// the thread of the state.
    func take() -> [UInt8]
    /// Forgets what is known to the caller: accesses are reported again.
    func restart()
}

extension Lua {
    /// Collects what code of this state accesses; nil in a state that no worker uses.
    package var accessRecorder: (any AccessRecorder)? { core.accessRecorder }

    /// Sets ``accessRecorder``.
    package func setAccessRecorder(_ recorder: any AccessRecorder) {
        core.accessRecorder = recorder
    }
}
