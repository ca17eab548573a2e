// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Testing
import VTSystem

/// Each warning of the library goes to the hook, and nothing to standard error. Each test runs in a
/// process of its own, which prints the warnings: Tests/Cases/Cases+Warnings.swift.
@Suite struct WarningTests {
    private struct Result {
        var output: String?
        var error: String?
    }

    private func result(of name: String, _ files: [String: String]) throws -> Result {
        let folder = Folder(files)
        let errors = open(folder.file("errors"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(errors) }
        let programs = try #require(pathOfThisProgram).directoryPart
        var spawn = Spawn("\(programs)/vtlua-test-cases", [name])
        spawn.directory = folder.path
        spawn.errors = errors
        let output = try spawn.output(input: "")
        return Result(output: output, error: File.text(folder.file("errors")))
    }

    private func result(of script: String) throws -> Result {
        try result(of: "lua", ["script.lua": script])
    }

    @Test func warnOfLua() throws {
        let result = try result(of: "warn('off yet') warn('@on') warn('in ', 'two pieces')")
        #expect(result.output == "warning: in two pieces\n")
        #expect(result.error == "")
    }

    @Test func warnOfLuaInWorkers() throws {
        let result = try result(
            of: """
                for _, kind in ipairs { "serial", "threads" } do
                  local pool <close> = parallel[kind](1)
                  pool:apply(function(kind) warn("@on") warn("from " .. kind) end, kind)
                end
                """)
        #expect(result.output == "warning: from serial\nwarning: from threads\n")
        #expect(result.error == "")
    }

    /// An input that a module reads and does not declare.
    @Test func aPlan() throws {
        let result = try result(
            of: "flow",
            [
                "flow.lua": """
                local M = vt.module { name = "m", inputs = { radius = "any" }, outputs = { v = "any" } }
                function M:compute(inputs) return { v = inputs.height } end
                local flow = vt.workflow { name = "flow" }
                return flow:outputs { v = flow:add("a", M, { radius = 1 }).v }
                """
            ])
        #expect(
            result.output
                == "warning: flow.lua:2: module `m` has no input `height`: it is nil here\n")
        #expect(result.error == "")
    }

    /// A stored result that is damaged is computed again.
    @Test func aDamagedStore() throws {
        let result = try result(
            of: "flow-with-damaged-store",
            [
                "flow.lua": """
                local M = vt.module { name = "m", outputs = { v = "string" } }
                function M:compute()
                  local lines = {}
                  for i = 1, 100000 do lines[i] = ("%d %x"):format(i, i * 7919) end
                  return { v = table.concat(lines) }
                end
                local flow = vt.workflow { name = "flow" }
                return flow:outputs { v = flow:add("a", M).v }
                """
            ])
        let lines = (result.output ?? "").split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.dropFirst().first?.hasPrefix("warning: the stored result ") == true)
        #expect(lines.dropFirst().first?.hasSuffix("; computing it again") == true)
        #expect(result.error == "")
    }

    /// What modules print in a run that nothing observes goes to standard output, as `print` does.
    @Test func aRunThatIsNotObserved() throws {
        let result = try result(
            of: """
                local M = vt.module { name = "m", outputs = { v = "any" } }
                function M:compute() print("one\\ntwo") return { v = 1 } end
                local flow = vt.workflow { name = "flow" }
                flow:outputs { v = flow:add("a", M).v }
                flow:run()
                """)
        #expect(result.output == "a | one\na | two\n")
        #expect(result.error == "")
    }

    /// Without a terminal of the program, progress is not drawn.
    @Test func progressOfACall() throws {
        let result = try result(
            of: """
                local pool <close> = parallel.threads(1)
                pool:map(function(x) return x end, { 1, 2, 3 }, { progress = true })
                """)
        #expect(result.output == "")
        #expect(result.error == "")
    }
}
