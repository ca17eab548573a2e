// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Testing

/// The plain prompt, on a real terminal on which nothing can be drawn again. Tests/Repl has the
/// other one.
@Suite struct LuaPromptTests {
    private func start(_ arguments: Bytes...) throws -> RunningProgram {
        var program = Program.vtlua
        program.name = "vtlua"
        program.environment = ["TERM": "dumb"]
        return try program.startOnTerminal(arguments)
    }

    @Test func greetsAPersonWithItsVersion() throws {
        let terminal = try start()
        let line = "VTLua 0.1.0 (Lua 5.4.4)  Copyright (C) 1994-2022 Lua.org, PUC-Rio"
        #expect(try terminal.read(until: "> ") == line + "\r\n> ")
        try terminal.write("\u{4}")  // Ctrl-D
        #expect(try terminal.end() == .exit(0))
    }

    @Test func evaluates() throws {
        let terminal = try start()
        _ = try terminal.read(until: "> ")
        try terminal.write("1 + 1, 'x'\n")
        #expect(try terminal.read(until: "> ") == "1 + 1, 'x'\r\n2\tx\r\n> ")
        try terminal.write("for i = 1, 2 do\n")
        #expect(try terminal.read(until: ">> ") == "for i = 1, 2 do\r\n>> ")
        try terminal.write("print(i) end\n")
        #expect(try terminal.read(until: "> ") == "print(i) end\r\n1\r\n2\r\n> ")
        try terminal.write("nonsense here\n")
        #expect(
            try terminal.read(until: "> ")
                == "nonsense here\r\nstdin:1: syntax error near 'here'\r\n> ")
        try terminal.write("os.exit(3)\n")
        #expect(try terminal.end() == .exit(3))
    }

    @Test func keyStopsWhatRunsAndKeepsThePrompt() throws {
        let terminal = try start()
        _ = try terminal.read(until: "> ")
        try terminal.write("x = 5 print 'go' while true do end\n")
        _ = try terminal.read(until: "\r\ngo\r\n")
        try terminal.write("\u{3}")  // Ctrl-C
        #expect(try terminal.read(until: "> ").contains("interrupted!\r\nstack traceback:\r\n"))
        try terminal.write("x\n")
        #expect(try terminal.read(until: "> ") == "x\r\n5\r\n> ")
        try terminal.write("\u{3}")
        #expect(try terminal.end() == .signal(SIGINT))
    }

    @Test func scriptComesBeforeThePrompt() throws {
        let terminal = try start("-i", "-e", "x = 7 _PROMPT = 'lua: '")
        _ = try terminal.read(until: "lua: ")
        try terminal.write("x\n")
        #expect(try terminal.read(until: "lua: ") == "x\r\n7\r\nlua: ")
    }
}
