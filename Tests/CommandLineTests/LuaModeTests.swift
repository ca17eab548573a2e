// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Glibc
import Testing

/// The interpreter without a model beside it: what is ours, and what depends on signals.
@Suite struct LuaModeTests {
    private func vtlua(named name: String = "vtlua") -> Program {
        var program = Program.vtlua
        program.name = name
        program.directory = LuaModeScripts.folder.directory
        return program
    }

    @Test func tellsItsVersionInOneLine() throws {
        let found = try vtlua().run("-v", "-e", "print(_VERSION)")
        #expect(
            found.output.text == """
                VTLua 0.1.0 (Lua 5.4.4)  Copyright (C) 1994-2022 Lua.org, PUC-Rio
                Lua 5.4

                """)
        #expect(found.end == .exit(0))
    }

    @Test func nameOfTheProgramIsInFrontOfItsMessages() throws {
        #expect(
            try vtlua(named: "/some/where/vt").run("error.lua").error.text == """
                /some/where/vt: error.lua:1: attempt to index a nil value (field 'y')
                stack traceback:
                \terror.lua:1: in upvalue 'f'
                \terror.lua:2: in local 'g'
                \terror.lua:4: in main chunk
                \t[C]: in ?

                """)
        #expect(try vtlua(named: "").run("number.lua").error.text.hasPrefix("vtlua: 42\n"))
    }

    @Test func scriptOfASubcommandsNameNeedsAPath() throws {
        let folder = Scripts(["run": "print('a script', ...)"])
        var program = vtlua()
        program.directory = folder.directory
        #expect(try program.run("./run", "x").output == "a script\tx\n")
        #expect(try program.run("--", "run").output == "a script\n")
        #expect(try program.run("run").output != "a script\n")
    }

    @Test func aWorkflowIsNotRun() throws {
        let flow: Bytes = """
            local flow = vt.workflow { name = "f" }
            local one = vt.module { name = "one", outputs = { y = "integer" } }
            function one:compute() return { y = 1 } end
            flow:add("one", one)
            if ... then flow:run() end
            return flow
            """
        let folder = Scripts(["f.lua": flow])
        var program = vtlua()
        program.directory = folder.directory
        let found = try program.run("f.lua")
        #expect(
            found.error
                == "'f.lua' defines a workflow but does not run it; run: vtlua run f.lua\n")
        #expect(found.end == .exit(0))
        #expect(try program.run("f.lua", "x").error == "")
    }

    @Test func unfinishedLastStatementIsReported() throws {
        // lua5.4 has lost the message by then and says "(null)".
        let found = try vtlua().run("-i", input: "x = (")
        #expect(found.error == "stdin:1: unexpected symbol near <eof>\n")
    }

    @Test func limitsOfTheMachineAreReported() throws {
        let code: Bytes = "a = {} for i = 1, 1e9 do a[i] = {} end"
        let found = try Program("/bin/sh").run(
            "-c", "ulimit -v 400000; exec '\(Program.vtlua.path)' -e '\(code)'")
        #expect(found.error.text.hasSuffix("vtlua: not enough memory\n"))
        #expect(found.end == .exit(1))
    }

    @Test func closedOutputEndsIt() throws {
        let found = try Program("/bin/sh").run(
            "-c", "'\(Program.vtlua.path)' -e 'while true do print(1) end' | head -n 1")
        #expect(found.output == "1\n")
        #expect(found.error == "")
    }
}

/// Ctrl-C while Lua runs.
@Suite struct LuaInterruptTests {
    /// Starts the code, which calls `ready` where it is to be interrupted: a function in C, for
    /// the signal may come before it returns.
    private func start(_ code: Bytes) throws -> RunningProgram {
        var program = Program.vtlua
        program.name = "vtlua"
        let ready: Bytes = "io.stdout:setvbuf 'no' ready = io.write"
        let running = try program.start(["-e", ready, "-e", code])
        #expect(try running.read(until: "ready\n") == "ready\n")
        return running
    }

    @Test func stopsTheScript() throws {
        let running = try start("ready 'ready\\n' while true do end")
        running.signal(SIGINT)
        let found = try running.finish()
        #expect(
            found.error.text == """
                vtlua: interrupted!
                stack traceback:
                \t(command line):1: in main chunk
                \t[C]: in ?

                """)
        #expect(found.end == .exit(1))
    }

    @Test func isAnErrorLikeAnyOther() throws {
        let running = try start(
            "print(pcall(function() ready 'ready\\n' while true do end end)) print 'on'")
        running.signal(SIGINT)
        let found = try running.finish()
        #expect(found.output == "false\tinterrupted!\non\n")
        #expect(found.end == .exit(0))
    }

    /// lua5.4 would go on until the second one.
    @Test(
        arguments: [
            "coroutine.wrap(function() ready 'ready\\n' while true do end end)()",
            """
            local co = coroutine.create(function() ready 'ready\\n' while true do end end)
            while true do coroutine.resume(co) end
            """,
            """
            coroutine.wrap(function()
              coroutine.wrap(function() ready 'ready\\n' while true do end end)()
            end)()
            """,
        ] as [Bytes])
    func stopsCoroutines(_ code: Bytes) throws {
        let running = try start(code)
        running.signal(SIGINT)
        let found = try running.finish()
        #expect(found.error.text.contains("interrupted!\nstack traceback:\n"))
        #expect(found.end == .exit(1))
    }

    @Test func secondOneKills() throws {
        // Neither of them finds Lua code to stop: the search takes hours.
        let running = try start("ready 'ready\\n' string.find(string.rep('a', 100000), '.*.*b')")
        letItBlock()
        // The first one makes the second one deadly.
        #expect(running.signalAndWait(SIGINT))
        letItBlock()
        running.signal(SIGINT)
        let end = try running.end()
        #expect(end == .signal(SIGINT))
    }

    @Test func endsABlockingRead() throws {
        let running = try start("ready 'ready\\n' print(io.read()) print 'not reached'")
        #expect(running.waitUntilItSleeps())
        running.signal(SIGINT)
        let error = try running.read(until: "\n")
        #expect(!error.contains("not reached"))
        #expect(try running.end() == .exit(1))
    }

    @Test func nextOneCountsAgainAtThePrompt() throws {
        var program = Program.vtlua
        program.name = "vtlua"
        let running = try program.start(["-i"])
        for _ in 1...3 {
            try running.write("print 'go' io.stdout:flush() while true do end\n")
            // Once as the echo of the line, once from the script.
            _ = try running.read(until: "\ngo\n")
            running.signal(SIGINT)
        }
        let found = try running.finish(input: "print 'still here'\n")
        #expect(found.output.text.contains("still here\n"))
        #expect(found.error.text.components(separatedBy: "interrupted!").count == 4)
        #expect(found.end == .exit(0))
    }
}
