// SPDX-License-Identifier: BSD-3-Clause

import Jupyter
import LuaBridge
import Parallel
import Report
import Session
import Shipping
import Store
import System
import VTRuntime
import Workflow

let names = [
    OwnJupyter.name, OwnLuaBridge.name, OwnParallel.name, OwnReport.name, OwnSession.name,
    OwnShipping.name, OwnStore.name, OwnSystem.name, OwnWorkflow.name,
]
print("targets of the host: \(names.joined(separator: " "))")

let run = WorkflowRun(file: CommandLine.arguments[1], parameters: ["count": 3])
let outcome = try await run.outcome
print("\(outcome.status): \(outcome.outputs["sum"] ?? .nil)")

// Starting a cluster is another product's.
let runtime = try Runtime()
let reason = try runtime.run { lua in
    try lua.evaluate(
        "return select(2, parallel.get_client { ask = false, profile = '/nowhere/profile' })",
        as: String.self)
}
print("without a cluster: \(reason)")
