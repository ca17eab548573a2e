// SPDX-License-Identifier: BSD-3-Clause

import CVTLuaGuard
import Testing
import VTLuaBridge

/// The check of Lua's private layout. Another build of Lua is not available here, so the tests
/// change the expected layout instead: the check makes the same observations.
@Suite struct LuaInternalsTests {
    private func problem(_ change: (inout vtl_layout) -> Void) -> String? {
        var layout = vtl_lua_layout
        change(&layout)
        return vtl_check_layout(&layout).map { String(cString: $0) }
    }

    private func message(_ expected: String) -> String {
        "this build of the Lua library is not supported: expected \(expected). VTLua was compiled for "
            + "\(LuaRelease.name); install that library unmodified (Debian: liblua5.4-0), or rebuild "
            + "VTLua with the headers of the library that is installed"
    }

    @Test func theInstalledLibraryIsSupported() throws {
        #expect(vtl_unsupported_lua() == nil)
        #expect(problem { _ in } == nil)
        _ = try LuaState()
    }

    @Test(arguments: [-1, 1]) func theFlagOfHooksElsewhere(shift: Int) {
        let offset = MemoryLayout<Int>.size + 3 + shift
        #expect(
            problem { $0.allow_hook = offset }
                == message("the flag `allowhook` in byte \(offset) of a thread (lstate.h)"))
    }

    @Test(arguments: [-1, 1]) func theSizeOfATableElsewhere(shift: Int) {
        let offset = MemoryLayout<Int>.size + 3 + shift
        #expect(
            problem { $0.node_power = offset }
                == message("the size `lsizenode` in byte \(offset) of a table (lobject.h)"))
    }

    @Test func theBlockOfAStateElsewhere() {
        #expect(
            problem { $0.state_offset = 2 * MemoryLayout<Int>.size }
                == message(
                    "a state's block of memory to begin \(2 * MemoryLayout<Int>.size) bytes before its "
                        + "main thread"))
    }

    /// A postponement that is too small to postpone anything looks like a library that ignores
    /// negative steps.
    @Test func stepsThatPostponeNothing() {
        #expect(
            problem { $0.postponement = 1 }
                == message("a step of -1 KiB to postpone garbage collection (lua_gc)"))
    }
}
