// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Testing
import VTRuntime

/// Each warning of the library goes to the hook, and nothing to standard error. Each test runs in a
/// process of its own, which prints the warnings.
@Suite struct WarningTests {
    @Test func warnOfLua() async {
        let result = await #expect(
            processExitsWith: .success,
            observing: [\.standardOutputContent, \.standardErrorContent]
        ) {
            try Runtime(.printingWarnings).run { lua in
                try lua.execute("warn('off yet') warn('@on') warn('in ', 'two pieces')")
            }
        }
        #expect(result?.output == "warning: in two pieces\n")
        #expect(result?.error == "")
    }

    @Test func warnOfLuaInWorkers() async {
        let result = await #expect(
            processExitsWith: .success,
            observing: [\.standardOutputContent, \.standardErrorContent]
        ) {
            try Runtime(.printingWarnings).run { lua in
                try lua.execute(
                    """
                    for _, kind in ipairs { "serial", "threads" } do
                      local pool <close> = parallel[kind](1)
                      pool:apply(function(kind) warn("@on") warn("from " .. kind) end, kind)
                    end
                    """)
            }
        }
        #expect(result?.output == "warning: from serial\nwarning: from threads\n")
        #expect(result?.error == "")
    }

    /// An input that a module reads and does not declare.
    @Test func aPlan() async {
        let result = await #expect(
            processExitsWith: .success,
            observing: [\.standardOutputContent, \.standardErrorContent]
        ) {
            let folder = Folder([
                "flow.lua": """
                local M = vt.module { name = "m", inputs = { radius = "any" }, outputs = { v = "any" } }
                function M:compute(inputs) return { v = inputs.height } end
                local flow = vt.workflow { name = "flow" }
                return flow:outputs { v = flow:add("a", M, { radius = 1 }).v }
                """
            ])
            chdir(folder.path)
            var options = WorkflowRun.Options()
            options.runtime = .printingWarnings
            _ = try await WorkflowRun(file: "flow.lua", options: options).outcome
        }
        #expect(
            result?.output
                == "warning: flow.lua:2: module `m` has no input `height`: it is nil here\n")
        #expect(result?.error == "")
    }

    /// A stored result that is damaged is computed again.
    @Test func aDamagedStore() async {
        let result = await #expect(
            processExitsWith: .success,
            observing: [\.standardOutputContent, \.standardErrorContent]
        ) {
            let folder = Folder([
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
            var options = WorkflowRun.Options()
            options.runtime = .printingWarnings
            options.store = folder.file("store")
            for _ in 0..<2 {
                let run = WorkflowRun(file: folder.file("flow.lua"), options: options)
                print(try await run.outcome.modules.map(\.status))
                for part in names(in: folder.file("store/blobs")) {
                    for blob in names(in: folder.file("store/blobs/\(part)")) {
                        folder.write("x", to: "store/blobs/\(part)/\(blob)")
                    }
                }
            }
        }
        let lines = result?.output.split(separator: "\n") ?? []
        #expect(lines.count == 3)
        #expect(lines.dropFirst().first?.hasPrefix("warning: the stored result ") == true)
        #expect(lines.dropFirst().first?.hasSuffix("; computing it again") == true)
        #expect(result?.error == "")
    }

    /// What modules print in a run that nothing observes goes to standard output, as `print` does.
    @Test func aRunThatIsNotObserved() async {
        let result = await #expect(
            processExitsWith: .success,
            observing: [\.standardOutputContent, \.standardErrorContent]
        ) {
            try Runtime(.printingWarnings).run { lua in
                try lua.execute(
                    """
                    local M = vt.module { name = "m", outputs = { v = "any" } }
                    function M:compute() print("one\\ntwo") return { v = 1 } end
                    local flow = vt.workflow { name = "flow" }
                    flow:outputs { v = flow:add("a", M).v }
                    flow:run()
                    """)
            }
        }
        #expect(result?.output == "a | one\na | two\n")
        #expect(result?.error == "")
    }

    /// Without a terminal of the program, progress is not drawn.
    @Test func progressOfACall() async {
        let result = await #expect(
            processExitsWith: .success,
            observing: [\.standardOutputContent, \.standardErrorContent]
        ) {
            try Runtime(.printingWarnings).run { lua in
                try lua.execute(
                    """
                    local pool <close> = parallel.threads(1)
                    pool:map(function(x) return x end, { 1, 2, 3 }, { progress = true })
                    """)
            }
        }
        #expect(result?.output == "")
        #expect(result?.error == "")
    }
}

extension Runtime.Options {
    /// Prints each warning.
    fileprivate static var printingWarnings: Runtime.Options {
        var options = Runtime.Options()
        options.warn = { print("warning: \($0)") }
        return options
    }
}

extension ExitTest.Result {
    fileprivate var output: String { String(decoding: standardOutputContent, as: UTF8.self) }
    fileprivate var error: String { String(decoding: standardErrorContent, as: UTF8.self) }
}
