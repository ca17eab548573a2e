// SPDX-License-Identifier: BSD-3-Clause

import CVTSystem
import VTLuaBridge
import VTRuntime

enum Version {
    static var number: String { VTRuntimeVersion.text }

    /// The commit that the program was built from, abbreviated, with `+` if files had been changed;
    /// nil for a build by `swift build`, or without git.
    static var commit: String? { vty_build_commit().map { String(cString: $0) } }

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
    static var line: String { line(naming: [LuaRelease.name]) }

    /// The line of `vtlua --version`: with the commit.
    static var longLine: String { line(naming: names) }

    /// The names of Lua's release and of the commit.
    static var names: [String] { [LuaRelease.name] + (commit.map { ["commit \($0)"] } ?? []) }

    private static func line(naming names: [String]) -> String {
        "VTLua \(number) (\(names.joined(separator: ", ")))  \(LuaRelease.copyright)"
    }
}
