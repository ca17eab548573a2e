// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaBridge
import VTStore
import VTSystem

/// `vtlua version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Show the versions of VTLua, Lua, Swift and linked libraries.")

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() {
        let libraries = try? StoreLibraries()
        guard json else {
            let parts =
                Version.names + [Version.swift]
                + (libraries.map { ["SQLite \($0.sqlite)", "sodium \($0.sodium)"] } ?? [])
            StandardStreams.write(
                "vtlua \(Version.number) (\(parts.joined(separator: ", ")))\n")
            return
        }
        // The names and numbers contain no characters that need an escape.
        func quoted(_ text: String?) -> String { text.map { "\"\($0)\"" } ?? "null" }
        StandardStreams.write(
            """
            {"schema":1,"vtlua":\(quoted(Version.number)),"commit":\(quoted(Version.commit)),\
            "lua":\(quoted(number(of: LuaRelease.name))),\
            "swift":\(quoted(number(of: Version.swift))),\
            "sqlite":\(quoted(libraries?.sqlite)),"sodium":\(quoted(libraries?.sodium))}

            """)
    }

    /// `5.4.4` for `Lua 5.4.4`.
    private func number(of release: String) -> String {
        String(release.drop { $0 != " " }.dropFirst())
    }
}
