// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTRuntime

enum Version {
    static var number: String { VTRuntimeVersion.text }

    /// The version of the Swift compiler, as far as conditional compilation can determine it.
    static var swift: String {
        #if compiler(>=6.5)
            "Swift 6.5 or later"
        #elseif compiler(>=6.4)
            "Swift 6.4"
        #elseif compiler(>=6.3)
            "Swift 6.3"
        #else
            "Swift 6.2"
        #endif
    }

    /// The line of `vtlua -v`.
    ///
    /// Programs that check an interpreter's version search it for `Lua 5.4`, and for `PUC-Rio` at
    /// its end. It begins with `VTLua`, so that bug reports show which program ran.
    static var line: String { "VTLua \(number) (\(LuaRelease.name))  \(LuaRelease.copyright)" }
}
