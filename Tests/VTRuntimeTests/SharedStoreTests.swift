// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Testing
import VTLuaBridge
import VTRuntime
import VTWorkflow

/// Runs of one process, each on a thread of its own, that share a store.
@Suite struct SharedStoreTests {
    private let folder = Folder()

    init() { write(seconds: 0.3) }

    /// Writes the workflow, whose module takes `seconds`, and another time when it has computed before.
    private func write(seconds: Double, again: Double? = nil) {
        let log = folder.file("log")
        // The log is written by a program: a file that the module appends to would keep its result
        // out of the store.
        let script = """
            local M = vt.module { name = "m", outputs = { n = "integer" } }
            function M:compute()
              os.execute("[ -e '\(log)' ] && t=\(again ?? seconds) || t=\(seconds); echo started >> '\(log)'; sleep $t")
              return { n = 5 }
            end
            local flow = vt.workflow { name = "w" }
            return flow:outputs { n = flow:add("m", M).n }
            """
        folder.write(script, to: "flow.lua")
    }

    private func start() -> WorkflowRun {
        var options = WorkflowRun.Options()
        options.store = folder.file("store")
        return WorkflowRun(file: folder.file("flow.lua"), options: options)
    }

    private var log: [String] {
        guard let file = fopen(folder.file("log"), "rb") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map {
            String($0)
        }
    }

    /// Runs that start together compute a key once: one computes, and the others wait for it.
    @Test func eachKeyIsComputedOnce() async throws {
        let runs = (0..<3).map { _ in start() }
        var states: [ModuleRecord.Status] = []
        for run in runs {
            let outcome = try await run.outcome
            #expect(outcome.outputs == ["n": .integer(5)])
            states += outcome.modules.map(\.status)
        }
        #expect(states.count { $0 == .computed } == 1)
        #expect(states.count { $0 == .cached } == 2)
        #expect(log == ["started"])
    }

    /// A run that is stopped while it computes gives its lease to a run that waits.
    @Test func stoppedRunDoesNotBlockOthers() async throws {
        // The first computation ends only because it is stopped.
        write(seconds: 300, again: 0.1)
        let first = start()
        first.start()
        while log.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        let second = start()
        second.start()
        first.cancel()
        _ = try? await first.outcome
        let outcome = try await second.outcome
        #expect(outcome.outputs == ["n": .integer(5)])
        #expect(outcome.modules.map(\.status) == [.computed])
    }
}
