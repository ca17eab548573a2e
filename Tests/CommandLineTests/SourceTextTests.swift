// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Testing

/// Source text of any line end and any bytes, where it is shown, read or edited.
@Suite struct SourceTextTests {
    private static let lineEnds = ["\n", "\r\n", "\r"]

    private func file(_ lines: [String], _ lineEnd: String) -> Bytes {
        Bytes(lines.map { $0 + lineEnd }.joined())
    }

    @Test(arguments: lineEnds)
    func excerptsHaveTheLine(_ lineEnd: String) throws {
        let folder = try Folder([
            "flow.lua": file(
                [
                    "local flow = vt.workflow { name = \"f\" }",
                    "local a = flow:add(\"a\", \"m\")", "return flow:outputs { v = a.zz }",
                ], lineEnd),
            "m.lua": file(
                [
                    "local M = vt.module { name = \"m\", outputs = { v = \"number\" } }",
                    "function M:compute() return { v = 1 } end", "return M",
                ], lineEnd),
            "a_spec.lua": file(
                ["it(\"x\", function()", "  expect(1).to_equal(2)", "end)"], lineEnd),
        ])
        #expect(
            try folder.vtlua("check", "flow.lua").error.text == """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `a` (m) has no output `zz`; there is v
                      2 | local a = flow:add("a", "m")
                   >  3 | return flow:outputs { v = a.zz }

                """)
        #expect(
            try folder.vtlua("test", "a_spec.lua").output.text.contains(
                """
                      expected  2
                        1 | it("x", function()
                     >  2 |   expect(1).to_equal(2)

                """))
    }

    @Test(arguments: lineEnds)
    func questionsAndDocumentationHaveTheSource(_ lineEnd: String) throws {
        let folder = try Folder([
            "f.lua": file(
                [
                    "--- Adds one.", "-- @param x a number", "function addone(x)",
                    "  return x + 1", "end",
                ], lineEnd),
            "lib.lua": file(
                [
                    "--- A library.", "local L = {}", "", "--- Adds one.",
                    "function L.add(x) return x + 1 end", "", "return L",
                ], lineEnd),
        ])
        let found = try folder.program().run(
            "repl", input: file([":load f.lua", "addone??"], lineEnd == "\r" ? "\n" : lineEnd))
        #expect(
            found.output.text == """
                addone(x)
                  Adds one.
                  @param x a number
                  f.lua:3
                function addone(x)
                  return x + 1
                end

                """)
        #expect(
            try folder.vtlua("doc", "lib.lua").output.text == """
                lib: A library.
                lib.lua

                L.add(x)
                    Adds one.

                """)
    }

    /// Bytes that are not UTF-8, the characters that stand for them in the prompt, and a byte order
    /// mark.
    @Test func codeKeepsItsBytes() throws {
        let bytes: [UInt8] = [0xFF, 0xFE, 0xE9, 0xF4, 0x8F, 0xBF, 0xBF, 0xC3, 0xA9]
        let code = Bytes(
            [0xEF, 0xBB, 0xBF] + Array("x = \"".utf8) + bytes
                + Array("\"\nprint(#x, #[[".utf8) + bytes + Array("]])\n".utf8))
        let folder = try Folder(["a.lua": code])
        for (arguments, input): ([Bytes], Bytes) in [
            (["a.lua"], ""), (["repl", "a.lua"], ""), (["repl"], ":load a.lua\n"),
            (["repl"], code),
        ] {
            let found = try folder.program().run(arguments, input: input)
            #expect(found.output.text == "9\t9\n", "\(arguments)")
            #expect(found.error.text == "")
        }
    }

    @Test func equalityShowsBytesThatDiffer() throws {
        let folder = try Folder([
            "b_spec.lua": #"it("bytes", function() expect("caf\xe9é").to_equal("caf\xe8é") end)"#
        ])
        let found = try folder.vtlua("test", "b_spec.lua").output.text
        #expect(
            found.contains(
                """
                      got       "caf\\xE9é"
                      expected  "caf\\xE8é"

                """))
    }

    // MARK: How a session ends

    @Test(arguments: [
        ("print(1)\n", 0), ("error('x')\n", 1), ("error('x')\n:quit\n", 1), (":quit\n", 0),
        ("error('x')\nprint(1)\n", 1), (":load missing.lua\n", 1), ("x = = 1\n", 1),
        (
            "local y <close> = setmetatable({}, { __close = function() error('at end') end })\n",
            1
        ),
    ])
    func aSessionWithAnErrorExitsWith1(_ input: String, _ code: Int32) throws {
        let folder = try Folder()
        let found = try folder.program().run("repl", input: Bytes(input))
        #expect(found.end == .exit(code))
    }

    @Test func fileThatCannotBeReadIsAnError() throws {
        let folder = try Folder(directories: ["d"])
        let directory = try folder.vtlua("repl", "d")
        #expect(
            directory.error.text == """
                error: 'd' is a directory; give the files of scripts
                  See 'vtlua repl --help' for more information.

                """)
        #expect(directory.end == .exit(2))
        let missing = try folder.vtlua("repl", "no.lua")
        #expect(
            missing.error.text == """
                error: cannot read 'no.lua': No such file or directory
                  See 'vtlua repl --help' for more information.

                """)
        #expect(missing.end == .exit(2))
    }

    @Test(arguments: ["dumb", nil])
    func interruptEndsOnlyTheEntry(_ term: String?) throws {
        let folder = try Folder()
        let running = try folder.program(["TERM": term, "VTLUA_HISTORY": "off"])
            .startOnTerminal(["repl"])
        _ = try running.read(until: "1> ")
        // Ctrl-C is not lost when it arrives just before the prompt waits.
        for _ in 0..<3 {
            try running.write("if x then\n")
            #expect(try running.read(until: ".. ") == "if x then\r\n.. ")
            try running.write("\u{3}")
            #expect(try running.read(until: "1> ") == "^C\r\n1> ")
            usleep(1_100_000)  // a second one within a second ends the program
        }
        try running.write("print(40 + 2)\n")
        #expect(try running.read(until: "> ") == "print(40 + 2)\r\n42\r\n2> ")
        try running.write("\u{4}")
        #expect(try running.end() == .exit(0))
    }

    // MARK: Patterns

    @Test(arguments: [
        ("%", "malformed pattern (ends with '%')"),
        ("100%", "malformed pattern (ends with '%')"),
        ("a[b", "malformed pattern (missing ']')"), ("a[]", "malformed pattern (missing ']')"),
        ("a[%", "malformed pattern (missing ']')"), ("x(y", "unfinished capture"),
        ("x)", "invalid pattern capture"),
        ("x%b(", "malformed pattern (missing arguments to '%b')"),
        ("x%fa", "missing '[' after '%f' in pattern"), ("x%1", "invalid capture index %1"),
    ])
    func filterIsCheckedBeforeAnythingRuns(_ pattern: String, _ reason: String) throws {
        let folder = try Folder(["a_spec.lua": "print 'ran' it('a', function() end)"])
        let found = try folder.vtlua("test", "--filter=\(pattern)")
        #expect(
            found.error.text
                == "error: --filter '\(pattern)': \(reason); it is a pattern of Lua, in "
                + "which % before a sign makes it stand for itself\n")
        #expect(found.output.text == "")
        #expect(found.end == .exit(2))
    }

    @Test(arguments: ["a", "[]a]", "[^]]", "(a)", "()a", "%a", "a-", "^a$", "%f[%w]a", ""])
    func validFilterRuns(_ pattern: String) throws {
        let folder = try Folder(["a_spec.lua": "it('a', function() end)"])
        #expect(try folder.vtlua("test", "--filter", pattern).end == .exit(0))
    }
}
