// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Glibc
import Testing

/// The children of `parallel.processes`, as the system sees them.
@Suite struct WorkerProcessTests {
    /// Prints the numbers of two workers, then keeps them busy with `task`.
    private static func script(_ task: String) -> String {
        """
        local pool = parallel.processes(2)
        pool:execute("started = true")
        for _, worker in pool:each_worker() do io.write("pid ", worker.pid, "\\n") end
        io.write("ready\\n")
        io.stdout:flush()
        pool:map(function() \(task) end, { 1, 2 })
        """
    }

    private static func pids(_ text: String) -> [pid_t] {
        text.split(separator: "\n").filter { $0.hasPrefix("pid ") }
            .compactMap { pid_t($0.dropFirst(4)) }
    }

    private static func isAlive(_ pid: pid_t) -> Bool { kill(pid, 0) == 0 }

    /// Waits until the processes have ended; returns those that do not.
    private static func waitUntilGone(_ pids: [pid_t]) -> [pid_t] {
        _ = eventually { !pids.contains(where: isAlive) }
        return pids.filter(isAlive)
    }

    /// Whatever the child is doing: it is asleep, it loops, it is inside a call of C.
    @Test(arguments: [
        "while true do end", "os.execute('sleep 300')", "io.popen('sleep 300'):read()",
    ])
    func aKilledParentLeavesNoWorker(_ task: String) throws {
        let folder = try Folder(["script.lua": Bytes(Self.script(task))])
        let running = try folder.program().start(["script.lua"])
        let pids = Self.pids(try running.read(until: "ready\n"))
        #expect(pids.count == 2)
        #expect(pids.allSatisfy(Self.isAlive))
        letItBlock()
        running.signal(SIGKILL)
        #expect(try running.end() == .signal(SIGKILL))
        #expect(Self.waitUntilGone(pids) == [])
    }

    /// `os.exit` runs no finalizer of the state's.
    @Test func aParentThatExitsLeavesNoWorker() throws {
        let folder = try Folder([
            "script.lua": Bytes(
                Self.script("while true do end").replacingOccurrences(
                    of: "pool:map(", with: "pool:map_async(") + "\nos.exit(7)")
        ])
        let running = try folder.program().start(["script.lua"])
        let pids = Self.pids(try running.read(until: "ready\n"))
        #expect(try running.end() == .exit(7))
        #expect(pids.count == 2)
        #expect(Self.waitUntilGone(pids) == [])
    }

    /// A program that a task has started ends with the worker that is killed.
    @Test func whatATaskStartedEndsWithIt() throws {
        let folder = try Folder([
            "script.lua": Bytes(
                """
                local pool = parallel.processes(1)
                local ok, err = pcall(pool.map, pool, function()
                  os.execute("echo $$ > started; exec sleep 300")
                end, { 1 }, { timeout = 0.3 })
                print(ok, err.cause)
                """)
        ])
        let outcome = try folder.vtlua(["script.lua"])
        #expect(outcome.output == "false\ttimeout\n")
        let text = try #require(folder.text(of: "started"))
        let pid = try #require(pid_t(text.split(separator: "\n")[0]))
        #expect(Self.waitUntilGone([pid]) == [])
    }

    @Test func theWordForWorkersIsTheProgramsOwn() throws {
        let folder = try Folder()
        let outcome = try folder.vtlua(["--worker", "1", "1"])
        #expect(outcome.end == .exit(2))
        #expect(outcome.error == "vtlua: --worker is for vtlua's own use\n")
    }
}
