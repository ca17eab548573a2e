// SPDX-License-Identifier: BSD-3-Clause

import Testing

/// The way to the subcommands, and what the program says of itself.
@Suite struct SubcommandTests {
    @Test func versionIsForPeopleAndPrograms() throws {
        let found = try Program.vtlua.run("version")
        #expect(found.output.text.withoutCommit.hasPrefix("vtlua 0.1.0 (Lua 5.4.4, Swift 6."))
        #expect(found.end == .exit(0))
        let object = try Program.vtlua.run("version", "--json")
        #expect(
            object.output.text.withoutCommit.hasPrefix(
                #"{"schema":1,"vtlua":"0.1.0","commit":null,"lua":"5.4.4","swift":"6."#))
        #expect(object.output.text.hasSuffix("\"}\n"))
    }

    /// `--version` says the commit, too, in a release.
    @Test func versionOptionSaysWhatTheInterpreterSays() throws {
        let long = try Program.vtlua.run("--version")
        let short = try Program.vtlua.run("-v")
        #expect(long.output.text.withoutCommit == short.output.text)
        #expect(long.error == "")
        #expect(long.end == .exit(0))
    }

    @Test(arguments: [["help"], ["--help"], ["version", "--help"]] as [[Bytes]])
    func helpGoesToStandardOutput(_ arguments: [Bytes]) throws {
        let found = try Program.vtlua.run(arguments)
        #expect(found.output.text.contains("USAGE: vtlua"))
        #expect(found.error == "")
        #expect(found.end == .exit(0))
    }

    @Test func wrongUsageIsTwo() throws {
        let found = try Program.vtlua.run("version", "--jsn")
        #expect(found.output == "")
        #expect(found.error.text.contains("Unknown option '--jsn'"))
        #expect(found.end == .exit(2))
    }

    @Test func aMisspeltSubcommandIsAScript() throws {
        let found = try Program.vtlua.run("rum", "flow.lua")
        #expect(
            found.error.text.hasSuffix(
                """
                : cannot open rum: No such file or directory
                did you mean the subcommand: vtlua run?

                """))
        #expect(found.end == .exit(1))
    }
}
