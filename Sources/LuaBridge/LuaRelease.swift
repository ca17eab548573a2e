// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLuaGuard

/// The release of the Lua library that this program runs with.
public enum LuaRelease {
    /// The name and the version, such as `Lua 5.4.4`.
    public static var name: String { String(cString: vtl_lua_release()) }
    /// The copyright notice of `lua -v`.
    public static var copyright: String {
        String(String(cString: vtl_lua_copyright()).drop { $0 == " " })
    }
}
