// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The destination of warnings of the Lua function `warn`, in a state and in its workers' states.
package enum LuaWarnings: Sendable {
    /// Receives the text of each warning, on the thread of the state that warns.
    case hook(@Sendable (String) -> Void)
    /// Writes `Lua warning: text` to standard error, like the program `lua`.
    case standardError

    /// Reports a message of the program itself.
    func report(_ message: String) {
        switch self {
        case .hook(let warn): warn(message)
        case .standardError: StandardStreams.report(message, as: "vtlua")
        }
    }

    func attach(to lua: borrowing Lua) {
        switch self {
        case .hook(let warn): lua.setWarningSink(warn)
        case .standardError: lua.printWarnings()
        }
    }
}
