// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrayLua
internal import VTLuaBridge

extension Lua {
    /// Makes `array` a global, and the result of `require "array"`.
    func openArrays(_ libraries: LuaLibraries) throws {
        try checkRun(vta_push_table(L))
        try setLoaded("array")
        copyObjects()
        guard libraries != .all else { return }
        // The table is filled at the first use.
        try execute("return array.zeros", name: "=vtlua")
        if !libraries.contains(.io) {
            try pushLoaded("array")
            for name in ["load", "save"] {
                try refuse("array.\(name)", as: name, because: LuaLibraries.noFiles)
            }
            pop()
        }
        // Scripts must not call the functions that free an array.
        guard !libraries.contains(.debug) else { return }
        try execute("getmetatable(array.zeros(1)).__metatable = false", name: "=vtlua")
    }

    /// Sets a field of the table on top to a function that raises the reason why it is missing.
    func refuse(_ feature: String, as field: String, because reason: String) throws {
        try push { lua in
            throw lua.error(LuaLibraries.refusal(of: feature, because: reason))
        }
        try setRawField(field, of: -2)
    }

    /// Replaces the functions of `parallel`, which is on top, that the state's libraries do not have.
    func refuseParallel() throws {
        let libraries = libraries
        if !libraries.contains([.network, .workers]) {
            for name in ["get_client", "direct_view", "load_balanced_view"] {
                try refuse("parallel.\(name)", as: name, because: LuaLibraries.noNetwork)
            }
        }
        if libraries.contains(.workers) { return }
        for name in [
            "serial", "threads", "processes", "map", "wait_all", "wait_any", "channel", "select",
            "shared",
        ] {
            try refuse("parallel.\(name)", as: name, because: LuaLibraries.noWorkers)
        }
    }

    /// Sets `shared` in the table `parallel`, which is on top.
    func addSharedArrays() throws {
        try reserve(2)
        vta_push_shared(L)
        try setRawField("shared", of: -2)
    }
}
