// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaBridge

/// `vtlua version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Which VTLua, Lua and Swift this is.")

    @Flag(help: "Print an object of JSON.")
    var json = false

    func run() {
        // Names and numbers of our own: nothing in them needs an escape.
        StandardStreams.write(
            json
                ? """
                {"schema":1,"vtlua":"\(Version.number)","lua":"\(number(of: LuaRelease.name))",\
                "swift":"\(number(of: Version.swift))"}

                """
                : "vtlua \(Version.number) (\(LuaRelease.name), \(Version.swift))\n")
    }

    /// "5.4.4" of "Lua 5.4.4".
    private func number(of release: String) -> String {
        String(release.drop { $0 != " " }.dropFirst())
    }
}
