// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrayLua
internal import VTLuaBridge

extension Lua {
    /// Makes `array` a global, and the result of `require "array"`.
    func openArrays() throws {
        try checkRun(vta_push_table(L))
        try setLoaded("array")
    }

    /// Sets `shared` in the table `parallel`, which is on top.
    func addSharedArrays() throws {
        try reserve(2)
        vta_push_shared(L)
        try setRawField("shared", of: -2)
    }
}
