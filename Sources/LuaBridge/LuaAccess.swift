// SPDX-License-Identifier: BSD-3-Clause

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
        /// A program was run from the file ``LuaAccess/other``.
        case tool
        /// A program was run, and what it reads is not known.
        case program
        /// Files were found by a pattern: the list ``LuaAccess/other``.
        case glob
        /// The status ``LuaAccess/other`` of a file was read.
        case status
        /// A directory was made, unless it existed.
        case directory
        /// Something was read from a URL.
        case download
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

    init?(_ access: vtl_access) {
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
        case VTL_ACCESS_TOOL: kind = .tool
        case VTL_ACCESS_PROGRAM: kind = .program
        case VTL_ACCESS_GLOB: kind = .glob
        case VTL_ACCESS_STATUS: kind = .status
        case VTL_ACCESS_DIRECTORY: kind = .directory
        case VTL_ACCESS_DOWNLOAD: kind = .download
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

/// Collects what the code of a worker's state accesses.
package protocol AccessRecorder: AnyObject {
    /// Returns what was accessed since the last call, encoded; empty for nothing. It must be called on
    /// the thread of the state.
    func take() -> [UInt8]
    /// Forgets what is known to the caller: accesses are reported again.
    func restart()
    /// Marks what was accessed so far as accessed by all later calls: ``restart()`` leaves it to be
    /// reported again.
    func keep()
}

/// The output of a worker's task, to which the program adds notes for the caller.
package protocol TaskOutput: AnyObject {
    /// Adds bytes that are not printed text; false if there is no room for them. The caller finds
    /// them in the output of the task.
    func add(note: [UInt8]) -> Bool
    /// Adds printed text.
    func add(printed: UnsafeRawBufferPointer)
}
