// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing

/// Ctrl-C and SIGTERM: the run stops soon, and nothing is left behind.
@Suite struct SignalTests {
    private static let command: [Bytes] = ["run", "--progress", "none", "flow.lua", "-p"]

    @Test(
        arguments: [
            "loop", "stubborn", "write", "serial", "threads", "processes", "stubborn_map",
            "command", "programs", "pipe", "started", "command_threads", "command_processes",
        ],
        [
            (SIGINT, "interrupted", 130), (SIGTERM, "terminated", 143),
            (SIGHUP, "terminated", 129),
        ] as [(Int32, String, Int32)])
    func oneStopsTheRun(_ how: String, _ expected: (Int32, String, Int32)) throws {
        let (signal, word, code) = expected
        let folder = try Flows.folder(Flows.busy, ["old/big.txt": "old"])
        // Standard error comes with standard output, where it can be waited for.
        var program = folder.program()
        let vtlua = Bytes(program.path)
        program.path = "/bin/sh"
        let running = try program.start(
            ["-c", "exec \"$0\" \"$@\" 2>&1", vtlua] + Self.command + ["how=\(how)"])
        let scratch = try running.scratchWhenReady()
        #expect(FileManager.default.fileExists(atPath: scratch))
        if how == "write" {
            #expect(eventually { folder.names.contains { $0.hasSuffix(".tmp") } })
        }
        running.signal(signal)
        let said = try running.read(until: "the end")
        #expect(try running.end() == .exit(code))
        #expect(said == "\(word): the run was stopped\n")
        #expect(!FileManager.default.fileExists(atPath: scratch))
        #expect(!folder.names.contains { $0.hasSuffix(".tmp") })
        #expect(try running.companions() == [])
        #expect(try folder.programs() == [])
    }

    @Test(
        arguments: [
            "loop", "command", "programs", "pipe", "threads", "processes", "command_threads",
            "command_processes",
        ])
    func controlCOnATerminal(_ how: String) throws {
        let folder = try Flows.folder(Flows.busy)
        let running = try folder.program(["TERM": "xterm", "NO_COLOR": "1"])
            .startOnTerminal(Self.command + ["how=\(how)"])
        let scratch = try running.scratchWhenReady()
        letItBlock()
        try running.write("\u{3}")
        let said = try running.read(until: "the end")
        #expect(try running.end() == .exit(130))
        #expect(said.hasSuffix("interrupted: the run was stopped\r\n"))
        #expect(!FileManager.default.fileExists(atPath: scratch))
        #expect(try running.companions() == [])
        #expect(try folder.programs() == [])
    }

    /// `timeout` signals the process and then its group.
    @Test func twoSignalsAtOnceAreOneRequest() throws {
        let folder = try Flows.folder(Flows.busy)
        var program = folder.program()
        let vtlua = Bytes(program.path)
        program.path = "/bin/sh"
        let running = try program.start(
            ["-c", "exec \"$0\" \"$@\" 2>&1", vtlua] + Self.command + ["how=programs"])
        let scratch = try running.scratchWhenReady()
        running.signal(SIGTERM)
        running.signal(SIGTERM)
        #expect(try running.end() == .exit(143))
        #expect(!FileManager.default.fileExists(atPath: scratch))
        #expect(try folder.programs() == [])
    }

    /// As in `lua`, Ctrl-C is an error of the line that waits.
    @Test(
        arguments: ["threads", "processes"],
        [
            ("map", "pool:map(task, { 1, 2, 3 })"), ("get", "pool:map_async(task, { 1 }):get()"),
            ("close", "pool:apply_async(task) pool:close()"),
            ("recv", "parallel.channel():recv()"),
        ])
    func aScriptThatWaits(_ kind: String, _ wait: (method: String, code: String)) throws {
        let folder = try Folder([
            "s.lua": """
            local pool = parallel.\(kind)(2)
            local function task() while true do end end
            pool:apply(math.abs, 1)
            io.write("ready /x\\n") io.flush()
            \(wait.code)

            """
        ])
        let running = try folder.program().startOnTerminal(["s.lua"])
        _ = try running.scratchWhenReady()
        #expect(running.waitUntilItSleeps())
        try running.write("\u{3}")
        let said = try running.read(until: "the end")
        #expect(try running.end() == .exit(1))
        #expect(
            said.replacing("\r\n", with: "\n").replacing(#/^.*vtlua: /#, with: "vtlua: ") == """
                vtlua: s.lua:5: interrupted!
                stack traceback:
                \t[C]: in method '\(wait.method)'
                \ts.lua:5: in main chunk
                \t[C]: in ?

                """)
        #expect(try running.companions() == [])
    }

    /// The second comes while the first is still being dealt with: the program ignores SIGTERM.
    @Test func theSecondEndsTheProcess() throws {
        let folder = try Flows.folder(Flows.busy)
        var program = folder.program()
        let vtlua = Bytes(program.path)
        program.path = "/bin/sh"
        let running = try program.start(
            ["-c", "exec \"$0\" \"$@\" 2>&1", vtlua] + Self.command + ["how=programs"])
        let scratch = try running.scratchWhenReady()
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        #expect(running.signalAndWait(SIGTERM))
        usleep(350_000)
        running.signal(SIGTERM)
        #expect(try running.end() == .exit(143))
        #expect(try folder.programs() == [])
    }

    @Test func whileTheFlowIsLoading() throws {
        let folder = try Folder(["flow.lua": "io.stderr:write('ready /x\\n') while true do end\n"])
        let running = try folder.program(["TERM": "xterm"]).startOnTerminal(["run", "flow.lua"])
        _ = try running.scratchWhenReady()
        try running.write("\u{3}")
        #expect(
            try running.read(until: "the end").hasSuffix("interrupted: the run was stopped\r\n"))
        #expect(try running.end() == .exit(130))
    }
}

extension RunningProgram {
    /// The other processes of its group that do not end by themselves soon.
    fileprivate func companions() throws -> [String] {
        var found: [String] = []
        _ = try eventually {
            found = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { name in
                guard Int32(name) != nil, name != "\(pid)",
                    let stat = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8)
                else { return false }
                // After the name in parentheses: state, parent, group.
                let fields = stat.drop { $0 != ")" }.split(separator: " ")
                return fields[1] != "Z" && fields[3] == "\(pid)"
            }
            return found.isEmpty
        }
        return found
    }

    /// Waits until `busy` reports that it is ready; returns its scratch directory.
    fileprivate func scratchWhenReady() throws -> String {
        _ = try read(until: "ready ")
        return String(try read(until: "\n").filter { $0 != "\n" && $0 != "\r" && $0 != "\r\n" })
    }
}

extension Folder {
    /// The processes that run in this folder and do not end by themselves soon.
    func programs() throws -> [String] {
        var found: [String] = []
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/cwd")
        _ = try eventually {
            found = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { name in
                guard Int32(name) != nil,
                    let place = try? FileManager.default.destinationOfSymbolicLink(
                        atPath: "/proc/\(name)/cwd")
                else { return false }
                return place == path && place != own
            }
            return found.isEmpty
        }
        return found
    }
}
