// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaBridge

/// `vtlua version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Show the versions of VTLua, Lua and Swift.")

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() {
        // The names and numbers contain no characters that need an escape.
        StandardStreams.write(
            json
                ? """
                {"schema":1,"vtlua":"\(Version.number)","lua":"\(number(of: LuaRelease.name))",\
                "swift":"\(number(of: Version.swift))"}

                """
                : "vtlua \(Version.number) (\(LuaRelease.name), \(Version.swift))\n")
    }

    /// `5.4.4` for `Lua 5.4.4`.
    private func number(of release: String) -> String {
        String(release.drop { $0 != " " }.dropFirst())
    }
}
