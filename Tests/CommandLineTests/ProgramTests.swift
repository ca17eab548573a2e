// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing

/// Programs that Lua code starts with `os.execute` and `io.popen`.
@Suite struct ProgramTests {
    /// The results are those of `lua`.
    static let script: Bytes = """
        print(os.execute()) print(os.execute("true")) print(os.execute("exit 3"))
        print(os.execute("kill -9 $$")) print(os.execute("no-such-command 2>/dev/null"))
        local p = io.popen("echo hi; echo there; exit 4")
        print(io.type(p), (tostring(p):gsub("0x%x+", "0x")))
        for line in p:lines() do print(line) end
        print(p:close()) print(io.type(p), tostring(p)) print(pcall(p.read, p))
        local w = io.popen("cat", "w")
        print(w:write("abc\\n") == w, w:setvbuf("full"))
        -- It writes the buffer, so that `cat` prints at any moment from here on.
        local place, reason, number = w:seek()
        print(w:close()) print(place, reason, number)
        print(pcall(io.popen, "x", "rw")) print(pcall(os.execute, {})) print(pcall(io.popen))
        print(io.popen("kill -15 $$"):close())
        for n in io.popen("seq 3"):lines("n") do io.write(n, " ") end print()
        print(io.popen("printf 'a b'"):read(1, "a"))
        do local q <close> = io.popen("true") end
        io.write("x") local r = io.popen("echo y") io.write(r:read("a")) print(r:close())
        local f <close> = io.open("f", "w") f:write("flushed")
        print(io.popen("cat f"):read("a"))
        print(io.popen("cat", "r"):read("a"))

        """

    @Test(.enabled(if: Program.lua.isInstalled)) func behaveAsInLua() throws {
        let folder = try Folder(["s.lua": Self.script])
        var lua = Program.lua
        lua.directory = folder.path
        let expected = try lua.run(["s.lua"], input: "from the input")
        let outcome = try folder.program().run(["s.lua"], input: "from the input")
        #expect(outcome.output == expected.output)
        #expect(outcome.end == .exit(0))
    }

    /// Default actions of signals, none blocked, and no descriptor but the standard ones.
    @Test(arguments: ["os", "serial", "threads", "processes"])
    func startClean(_ kind: String) throws {
        let call = kind == "os" ? "f()" : "local p = parallel.\(kind)(1) p:apply(f)"
        let folder = try Folder([
            "s.lua": Bytes(
                """
                local function f()
                  os.execute("grep -E 'Sig(Blk|Ign)' /proc/self/status > status")
                  os.execute("ls /proc/self/fd > fds")
                  io.popen("(while :; do echo x; done) | head -1 > head"):close()
                end
                local open <close> = io.popen("sleep 1", "w")
                \(call)

                """)
        ])
        #expect(try folder.vtlua("s.lua").end == .exit(0))
        // 32 and 33 are the C library's own.
        #expect(
            folder.text(of: "status")?.replacing("180000000", with: "000000000")
                == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n")
        var shell = folder.program()
        shell.path = "/bin/sh"
        func expected() throws -> String {
            let inherited = try shell.run(["-c", "ls /proc/self/fd"]).output.text
            return kind == "processes" ? "0\n1\n2\n3\n" : inherited
        }
        // Terminals that other tests open can be inherited for a moment.
        var isSame = false
        for _ in 0..<20 where !isSame {
            isSame = try folder.text(of: "fds") == expected()
            if !isSame { _ = try folder.vtlua("s.lua") }
        }
        #expect(isSame)
        #expect(folder.text(of: "head") == "x\n")
    }

    private static func flow(_ compute: String) -> Bytes {
        Bytes(
            """
            local tool = vt.module { name = "tool", version = "1", outputs = { y = "string" } }
            function tool:compute()
              \(compute)
            end
            local flow = vt.workflow { name = "tools" }
            return flow:outputs { y = flow:add("a", tool).y }

            """)
    }

    @Test(arguments: [
        "local p = io.popen('echo a; kill -INT $$') return { y = p:read('a') }",
        "local p = io.popen('echo a; kill -INT $$') local y = p:read('a') p:close() return { y = y }",
        "os.execute('echo a; kill -INT $$') return { y = 'a' }",
        "io.popen('echo a; kill -INT $$', 'w'):close() return { y = 'a' }",
    ])
    func aSignalFailsTheModule(_ compute: String) throws {
        let folder = try Folder(["flow.lua": Self.flow(compute)])
        for _ in 1...2 {
            let outcome = try folder.vtlua("run", "flow.lua", "--progress", "none")
            #expect(outcome.end == .exit(1))
            #expect(
                outcome.error.text.contains(
                    "\n  flow.lua:3: the program `echo a; kill -INT $$` was ended by SIGINT; "
                        + "its output may be incomplete\n"))
        }
    }

    /// The module closes the pipe first, as `head` does.
    @Test func aBrokenPipeDoesNotFailTheModule() throws {
        let folder = try Folder([
            "flow.lua": Self.flow(
                "local p = io.popen('yes') local y = p:read() p:close() return { y = y }")
        ])
        let outcome = try folder.vtlua("run", "flow.lua", "--progress", "none")
        #expect(outcome.output == "y = y\n")
    }

    @Test func aTimeLimitEndsTheProgram() throws {
        let folder = try Folder([
            "flow.lua": Self.flow("os.execute('sleep 300 & sleep 300') return { y = 'a' }")
        ])
        let outcome = try folder.vtlua(
            "run", "flow.lua", "--progress", "none", "--timeout", "0.3")
        #expect(outcome.end == .exit(6))
        #expect(outcome.error.text.contains("\n  flow.lua:3: timed out after 0.3 s\n"))
        #expect(try folder.programs() == [])
    }

    /// A program that needs the terminal gets it, and Ctrl-C with it.
    @Test func readsFromTheTerminal() throws {
        let folder = try Folder([
            "s.lua": """
            print(os.execute("read x; echo got $x"))
            local p <close> = io.popen("read x < /dev/tty; echo got $x")
            print(p:read()) p:close()
            print(io.read())
            os.execute("echo ready; read x")
            print("not reached")

            """
        ])
        let running = try folder.program().startOnTerminal(["s.lua"])
        try running.write("one\n")
        _ = try running.read(until: "got one\r\ntrue\texit\t0\r\n")
        try running.write("two\n")
        _ = try running.read(until: "got two\r\n")
        try running.write("three\n")
        _ = try running.read(until: "ready\r\n")
        usleep(200_000)
        try running.write("\u{3}")
        #expect(
            try running.read(until: "the end").replacing("\r\n", with: "\n").hasSuffix(
                ": interrupted!\nstack traceback:\n\ts.lua:6: in main chunk\n\t[C]: in ?\n"))
        #expect(try running.end() == .exit(1))
    }

    /// SIGTERM ends a script as it ends `lua`, and its programs, which are not in its process group.
    @Test(arguments: [SIGTERM, SIGHUP]) func endWithTheScript(_ signal: Int32) throws {
        let folder = try Folder([
            "s.lua":
                "io.popen('sleep 300') print('ready') io.stdout:flush() os.execute('sleep 300')"
        ])
        let running = try folder.program().start(["s.lua"])
        _ = try running.read(until: "ready\n")
        letItBlock()
        running.signal(signal)
        #expect(try running.end() == .signal(signal))
        #expect(try folder.programs() == [])
    }

    @Test func laterRunsRemoveWhatKilledOnesLeave() throws {
        let folder = try Folder([
            "flow.lua": Self.flow(
                """
                io.open(self.scratch .. "/half", "w"):close()
                  io.open("out" .. vt._draft_ending("out"), "w"):close()
                  require("files").write("out", "text")
                  if os.getenv("KILLED") then io.stderr:write("ready\\n") while true do end end
                  return { y = "done" }
                """)
        ])
        try folder.make("temporary")
        let environment = ["TMPDIR": "\(folder.path)/temporary"]
        let run: [Bytes] = ["run", "flow.lua", "--progress", "none"]
        func left() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: folder.path + "/temporary").count
                + folder.names.count { $0.hasSuffix(".tmp") }
        }
        let running = try folder.program(environment.merging(["KILLED": "1"]) { $1 }).start(run)
        #expect(try eventually { try left() == 2 && folder.names.contains("out") })
        #expect(try folder.program(environment).run(run).output == "y = done\n")
        #expect(try left() == 3)  // those of the live run, and the one that the flow makes
        running.signal(SIGKILL)
        #expect(try running.end() == .signal(SIGKILL))
        let last = "require('files').write('out', 'x') return { y = 'b' }"
        try folder.write(Self.flow(last), to: "flow.lua")
        #expect(try folder.program(environment).run(run).output == "y = b\n")
        #expect(try left() == 0)
    }
}
