// SPDX-License-Identifier: BSD-3-Clause
//
// words [-n COUNT] [-j JOBS] [-v] [--flow FILE] FILE...

import Foundation
import VTRuntime

WorkerRuntime.prepare(modules: [count, top])  // first: worker processes start the program again

var files: [LuaValue] = []
var number = 10
var script: String?
var isVerbose = false
var options = WorkflowRun.Options()
options.store = ".words"

func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("words: \(message)\n".utf8))
    exit(1)
}

var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    switch argument {
    case "-n": number = arguments.popFirst().flatMap(Int.init) ?? 10
    case "-j": options.jobs = arguments.popFirst().flatMap(Int.init) ?? 1
    case "-v": isVerbose = true
    case "--flow": script = arguments.popFirst()
    default: files.append(LuaValue(argument))
    }
}
if files.isEmpty { fail("no files; usage: words [-n COUNT] [-j JOBS] [-v] [--flow FILE] FILE...") }

/// The tool's own workflow: `words.count` for each file, and `words.top` of all counts.
func workflow() -> WorkflowBuilder {
    var flow = WorkflowBuilder(
        "words", parameters: ["files": .init(.list(.file)), "n": .init(.integer)])
    let counts = flow.add("count", count, ["file": .each(flow.parameter("files"))])
    let words = flow.add("top", top, ["counts": counts["counts"], "n": flow.parameter("n")])
    flow.output("words", words["words"])
    return flow
}

let parameters: [String: LuaValue] = ["files": LuaValue(files), "n": .integer(number)]
let run =
    if let script {
        WorkflowRun(file: script, parameters: parameters, options: options)
    } else {
        WorkflowRun(workflow(), parameters: parameters, options: options)
    }
do {
    let outcome = try await run.outcome
    for module in outcome.modules {
        if isVerbose { print("\(module.node): \(module.status)") }
        if let failure = module.failure { fail("\(module.node): \(failure.message)") }
    }
    for word in try outcome.outputs["words"]?.decode([Word].self) ?? [] {
        print(word.count, word.word)
    }
} catch {
    fail("\(error)")
}
