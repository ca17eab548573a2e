// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLuaGuard

/// The Lua that this program was built with.
public enum LuaRelease {
    /// `Lua 5.4.4`
    public static var name: String { String(cString: vtl_lua_release()) }
    /// Whose Lua is, as `lua -v` says it.
    public static var copyright: String {
        String(String(cString: vtl_lua_copyright()).drop { $0 == " " })
    }
}
