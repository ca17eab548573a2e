// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem

extension Cases {
    private static var printingWarnings: Runtime.Options {
        var options = Runtime.Options()
        options.warn = { print("warning: \($0)") }
        return options
    }

    private static var runOptions: WorkflowRun.Options {
        var options = WorkflowRun.Options()
        options.runtime = printingWarnings
        return options
    }

    /// Executes `script.lua`.
    static func script() throws {
        let text = File.text("script.lua") ?? ""
        try Runtime(printingWarnings).run { lua in try lua.execute(text) }
    }

    /// Runs `flow.lua`.
    static func flow() async throws {
        _ = try await WorkflowRun(file: "flow.lua", options: runOptions).outcome
    }

    /// Runs `flow.lua` twice, and damages the stored results in between.
    static func flowWithDamagedStore() async throws {
        var options = runOptions
        options.store = "store"
        for _ in 0..<2 {
            print(
                try await WorkflowRun(file: "flow.lua", options: options).outcome.modules
                    .map(\.status))
            for part in Directory.entries(of: "store/blobs") {
                for blob in Directory.entries(of: "store/blobs/\(part.name)") {
                    try File.replace("store/blobs/\(part.name)/\(blob.name)", by: "x")
                }
            }
        }
    }
}
