// SPDX-License-Identifier: BSD-3-Clause

import VTArrays
import VTRuntime

let flow = #filePath.replacing("main.swift", with: "flow.lua")
let run = WorkflowRun(file: flow, parameters: ["count": .integer(1_000_000_000)]) { lua in
    try lua.push { (x: Double) in x * x }  // a Swift function with typed arguments
    try lua.setGlobal("square")
    try lua.push(NDArray<Double>([1, 4, 9]))  // Lua reads the memory of the Swift array
    try lua.setGlobal("first_squares")
}
for await event in run.events {
    switch event {
    case .printed(let node, let text): print("\(node): \(text)", terminator: "")
    case .progress(_, _, "three squares"): run.cancel()
    case .runFinished(_, let status, _): print(status)
    default: break
    }
}
