// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTRuntime

enum Version {
    static var number: String { VTRuntimeVersion.text }

    /// The compiler's version as far as the program can know it.
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
    /// Programs that ask an interpreter for its version look for `Lua 5.4` in it and for
    /// `PUC-Rio` at its end; both are there. It begins with our own name because whoever reads
    /// it in a bug report has to see what ran.
    static var line: String { "VTLua \(number) (\(LuaRelease.name))  \(LuaRelease.copyright)" }
}
