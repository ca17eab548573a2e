// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTArrays
import VTRuntime

extension Cases {
    struct Number: Codable { var x: Int }
    struct Place: Codable {
        var x: Int
        var process: Int
    }

    /// A module of this program, which reports the process in which it computes.
    static let add = SwiftModule("app.add", version: "1") { (input: Number, context) in
        context.log(.info, "adding to \(input.x)")
        await Task.yield()
        return Place(x: input.x + 1, process: Int(getpid()))
    }

    struct Image: Codable { var pixels: NDArray<Float> }

    /// A module whose ports are arrays.
    static let invert = SwiftModule("app.invert", version: "1") { (input: Image, _) in
        Image(pixels: input.pixels.map { 1 - $0 })
    }

    /// Gives functions to every state of this program.
    static func prepare() {
        WorkerRuntime.prepare(
            modules: [add, invert],
            workerPrepare: { lua in
                try lua.push { (x: Double) in x * x }
                try lua.setGlobal("square")
                try lua.push(async: { (x: Int) in
                    await Task.yield()
                    return x + 1
                })
                try lua.setGlobal("next_number")
            })
    }

    /// Runs modules of Swift, and of Lua that call functions of Swift, on worker processes, twice.
    static func swiftModules() async throws {
        let text = """
            local M = vt.module { name = "m", inputs = { x = "integer" }, outputs = { v = "any" } }
            function M:compute(inputs) return { v = square(next_number(inputs.x)) } end
            local P = vt.module { name = "p", outputs = { v = "any" } }
            function P:compute()
              local pool <close> = parallel.processes(2)
              return { v = pool:map(function(x) return square(next_number(x)) end, { 1, 2, 3 }) }
            end
            local flow = vt.workflow { name = "w" }
            local a = flow:add("a", "app.add", { x = vt.each { 1, 2, 3, 4, 5, 6, 7, 8 } })
            local m = flow:add("m", M, { x = vt.each(a.x) })
            local p = flow:add("p", P)
            local row = vt.each { array.from { 0.25, 1 }:astype "float32", array.zeros(2, "float32") }
            local i = flow:add("i", "app.invert", { pixels = row })
            return flow:outputs { x = a.x, process = a.process, v = m.v, p = p.v, i = i.pixels }
            """
        var options = WorkflowRun.Options()
        options.jobs = 3
        options.store = "store"
        options.runtime.warn = { print("warning: \($0)") }
        let (messages, log) = AsyncStream.makeStream(of: String.self)
        options.log = { log.yield("\($0.node ?? "-"): \($0.text)") }
        for _ in 1...2 {
            let outcome = try await WorkflowRun(source: text, options: options).outcome
            print(outcome.modules.map { "\($0.node) \($0.status) \($0.isKept)" }.sorted())
            for module in outcome.modules {
                if let failure = module.failure { print(failure.message) }
                if let obstacle = module.obstacle { print("\(module.node): \(obstacle)") }
            }
            print(
                list(outcome.outputs["x"]), list(outcome.outputs["v"]),
                list(outcome.outputs["p"]),
                try outcome.outputs["i"]?.decode([[Float]].self) ?? [])
            let own = LuaValue.integer(Int(getpid()))
            if case .table(let pairs) = outcome.outputs["process"] {
                print("elsewhere: \(pairs.allSatisfy { $0.value != own })")
            }
        }
        log.finish()
        var count = 0
        for await message in messages where message.hasPrefix("a[") { count += 1 }
        print("messages: \(count)")
    }

    private static func list(_ value: LuaValue?) -> [Double] {
        guard case .table(let pairs) = value else { return [] }
        return pairs.map {
            switch $0.value {
            case .integer(let number): Double(number)
            case .number(let number): number
            default: -1
            }
        }
    }
}
