// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing
import VTFoundation
import VTRuntime
import VTSystem

/// Modules whose code is Swift. Those on worker processes: `swift-modules` in Tests/Cases.
@Suite struct SwiftModuleTests {
    enum Edge: String, Codable, CaseIterable { case wrap, clamp }

    struct Blur: Codable {
        struct Style: Codable { var name: String }
        var image: [Double]
        var radius: Int
        var edge: Edge?
        var style: Style?
        var labels: [String: Int]?
    }

    struct Blurred: Codable {
        var image: [Double]
        var note: String?
    }

    /// Adds the radius to each value.
    static func blur(_ version: String = "1") -> SwiftModule {
        SwiftModule(
            "app.blur", version: version,
            inputs: ["radius": .init(.integer, default: .integer(1), minimum: 0)]
        ) { (input: Blur, context) in
            context.progress(0.5, "half")
            context.log(.info, "edge \(input.edge?.rawValue ?? "none")")
            await Task.yield()
            context.annotate("radius", .integer(input.radius))
            return Blurred(
                image: input.image.map { $0 + Double(input.radius) }, note: input.style?.name)
        }
    }

    struct Number: Codable { var x: Int }
    struct Small: Codable { var x: UInt8 }
    struct Nothing: Codable {}

    private let folder = Folder()

    private func run(
        _ text: String, _ modules: [SwiftModule], store: Bool = false,
        _ change: (inout WorkflowRun.Options) -> Void = { _ in }
    ) -> WorkflowRun {
        var options = WorkflowRun.Options()
        options.runtime.modules = modules
        if store { options.store = folder.file("store") }
        change(&options)
        return WorkflowRun(source: text, directory: folder.path, options: options)
    }

    private static let flow = """
        local flow = vt.workflow { name = "w" }
        local a = flow:add("a", "app.blur", { image = { 1, 2 }, radius = 3, edge = "clamp" })
        local b = flow:add("b", "app.blur", { image = a.image, style = { name = "soft" } })
        return flow:outputs { image = b.image, note = b.note }
        """

    @Test func aModuleInAFlowOfLua() async throws {
        let run = run(Self.flow, [Self.blur()])
        var events: [String] = []
        for await event in run.events {
            switch event {
            case .progress(let node, let fraction, let note):
                events.append("\(node) \(fraction) \(note ?? "")")
            case .logged(let node, let level, let message):
                events.append("\(node) \(level.rawValue) \(message)")
            case .moduleFinished(let record):
                events.append("\(record.node) \(record.module) \(record.version)")
            default: break
            }
        }
        #expect(
            events == [
                "a 0.5 half", "a info edge clamp", "a app.blur 1", "b 0.5 half",
                "b info edge none", "b app.blur 1",
            ])
        let outcome = try await run.outcome
        #expect(outcome.modules.compactMap { $0.failure?.message } == [])
        #expect(outcome.outputs["note"] == .string(LuaBytes("soft")))
        #expect(
            outcome.outputs["image"]
                == .table([
                    .init(key: .integer(1), value: .number(5)),
                    .init(key: .integer(2), value: .number(6)),
                ]))
        #expect(outcome.modules[0].annotations.map(\.key) == ["radius"])
    }

    @Test func elementsAndWorkersOnThreads() async throws {
        let add = SwiftModule("app.add", version: "1") { (input: Number, _) in
            Number(x: input.x + 1)
        }
        var flow = WorkflowBuilder("w")
        let list = WorkflowSource.each([1, 2, 3, 4])
        var options = NodeOptions()
        let here = flow.add("here", add, ["x": list])
        options.places = [.threads]
        let there = flow.add("there", add, ["x": .each(here["x"])], options: options)
        flow.output("x", there["x"])
        var runOptions = WorkflowRun.Options()
        runOptions.runtime.modules = [add]
        let outputs = try await WorkflowRun(flow, options: runOptions).outcome.outputs
        guard case .table(let pairs) = outputs["x"] else {
            Issue.record("\(outputs)")
            return
        }
        #expect(pairs.map(\.value) == [3, 4, 5, 6].map { LuaValue.integer($0) })
    }

    @Test func theVersionDecidesWhetherAResultIsUsedAgain() async throws {
        for (version, expected) in [
            ("1", ModuleRecord.Status.computed), ("1", .cached), ("2", .computed), ("1", .cached),
        ] {
            let outcome = try await run(Self.flow, [Self.blur(version)], store: true).outcome
            #expect(outcome.modules.map(\.status) == [expected, expected])
            #expect(outcome.modules.allSatisfy { $0.obstacle == nil })
        }
    }

    /// A module of Lua that requires one of the program observes its version.
    @Test func aModuleThatIsRequired() async throws {
        let text = """
            local M = vt.module { name = "m", outputs = { v = "any" } }
            function M:compute()
              return { v = vt.compute("app.blur", { image = { 1 } }).image[1] }
            end
            local flow = vt.workflow { name = "w" }
            return flow:outputs { v = flow:add("m", M).v }
            """
        for (version, expected) in [
            ("1", ModuleRecord.Status.computed), ("1", .cached), ("2", .computed),
        ] {
            let outcome = try await run(text, [Self.blur(version)], store: true).outcome
            #expect(outcome.modules.map(\.status) == [expected])
            #expect(outcome.outputs["v"] == .number(2))
        }
    }

    /// Worker processes have the modules of the program, and its functions; the second run computes
    /// nothing.
    @Test func workerProcesses() throws {
        let folder = Folder()
        let programs = try #require(pathOfThisProgram).directoryPart
        var spawn = Spawn("\(programs)/vtlua-test-cases", ["swift-modules"])
        spawn.directory = folder.path
        let results =
            "[2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0] "
            + "[9.0, 16.0, 25.0, 36.0, 49.0, 64.0, 81.0, 100.0] [4.0, 9.0, 16.0] [[0.75, 0.0], [1.0, 1.0]]\n"
            + "elsewhere: true\n"
        #expect(
            try spawn.output(input: "")
                == "[\"a computed true\", \"i computed true\", \"m computed true\", \"p computed true\"]\n"
                + results
                + "[\"a cached true\", \"i cached true\", \"m cached true\", \"p cached true\"]\n"
                + results
                + "messages: 8\n")
    }

    // MARK: Mistakes

    private func message(_ input: String, _ modules: [SwiftModule]) async -> String {
        let text = """
            local flow = vt.workflow { name = "w" }
            flow:add("a", \(input))
            return flow
            """
        do {
            return try await run(text, modules).outcome.modules[0].failure?.message ?? "none"
        } catch {
            return "\(error)"
        }
    }

    private struct Refused: Error {}
    private struct Odd: Codable {
        enum Kind: Codable { case one, two(Int) }
        var kind: Kind
    }

    @Test func mistakes() async {
        let small = SwiftModule("app.small", version: "1") { (input: Small, _) in input }
        let refuse = SwiftModule("app.refuse", version: "1") { (_: Nothing, _) -> Nothing in
            throw Refused()
        }
        let odd = SwiftModule("app.odd", version: "1") { (input: Odd, _) in input }
        let wrong = SwiftModule(
            "app.wrong", version: "1", inputs: ["y": .init(.integer)]
        ) { (input: Number, _) in input }
        let list = SwiftModule("app.list", version: "1") { (input: [Int], _) in Nothing() }
        let cases = [
            (
                "'app.blurr', {}",
                "flow.lua:2: there is no module `app.blurr`; did you mean `app.blur`?"
            ),
            (
                "'app.blur', { image = 1 }",
                "flow.lua:2: app.blur: input `image`: list<number> expected, got number"
            ),
            (
                "'app.blur', { image = {}, radius = -1 }",
                "flow.lua:2: app.blur: input `radius`: -1 is below the minimum 0"
            ),
            (
                "'app.blur', { image = {}, edge = 'round' }",
                "flow.lua:2: app.blur: input `edge`: 'round' is not one of 'wrap', 'clamp'"
            ),
            ("'app.small', { x = 300 }", "input `x`: 300 does not fit in UInt8"),
            ("'app.refuse'", "Refused()"),
            (
                "'app.odd', {}",
                "flow.lua:2: module `app.odd`: the inputs cannot be derived from Odd: no value of Kind "
                    + "can be made; declare an enumeration CaseIterable"
            ),
            (
                "'app.wrong', {}",
                "flow.lua:2: module `app.wrong`: `inputs` declares `y`, but Number has no such "
                    + "property; there is x"
            ),
            (
                "'app.list', {}",
                "flow.lua:2: module `app.list`: the inputs cannot be derived from Array<Int>: it is "
                    + "not a structure with named properties"
            ),
        ]
        let modules = [Self.blur(), small, refuse, odd, wrong, list]
        for (input, expected) in cases {
            let found = await message(input, modules)
            #expect(found == expected)
        }
        var flow = WorkflowBuilder("w", file: "m.swift", line: 1)
        flow.add("a", Self.blur("1"), ["image": [1.0]], file: "m.swift", line: 2)
        flow.add("b", Self.blur("2"), ["image": [1.0]], file: "m.swift", line: 3)
        await #expect {
            try await WorkflowRun(flow).outcome
        } throws: {
            "\($0)" == "m.swift:3: there are two versions of the module `app.blur`: 1 and 2"
        }
    }

    @Test func aTimeLimitAndACancellation() async throws {
        let wait = SwiftModule("app.wait", version: "1") { (_: Nothing, context) -> Nothing in
            context.progress(0)
            try await Task.sleep(for: .seconds(600))
            return Nothing()
        }
        var flow = WorkflowBuilder("w")
        var options = NodeOptions()
        options.timeout = .milliseconds(50)
        flow.add("a", wait, options: options)
        let outcome = try await WorkflowRun(flow).outcome
        #expect(outcome.modules[0].failure?.timedOut == true)
        #expect(outcome.modules[0].failure?.message == "timed out after 0.05 s")

        var endless = WorkflowBuilder("w")
        endless.add("a", wait)
        let run = WorkflowRun(endless)
        for await event in run.events {
            if case .progress = event { run.cancel() }
        }
        await #expect {
            try await run.outcome
        } throws: {
            ($0 as? LuaError)?.code == .cancelled
        }
    }

    /// The program registers an async function for modules of Lua.
    @Test func anAsyncFunctionInCompute() async throws {
        let text = """
            local M = vt.module { name = "m", inputs = { x = "integer" }, outputs = { v = "any" } }
            function M:compute(inputs) return { v = fetch(inputs.x) } end
            local flow = vt.workflow { name = "w" }
            return flow:outputs { v = flow:add("m", M, { x = vt.each { 1, 2, 3 } }).v }
            """
        let run = WorkflowRun(source: text) { lua in
            try lua.push(async: { (x: Int) in
                try await Task.sleep(for: .milliseconds(1))
                return x * 10
            })
            try lua.setGlobal("fetch")
        }
        guard case .table(let pairs) = try await run.outcome.outputs["v"] else { return }
        #expect(pairs.map(\.value) == [10, 20, 30].map { LuaValue.integer($0) })
    }

    struct Visit: Codable {
        var at: Date
        var body: Data
        var id: UUID
        var link: URL?
        var counts: [Int: Int]
    }

    /// The types of Foundation are numbers and strings, in ports, too.
    @Test func portsOfTypesOfFoundation() async throws {
        let module = SwiftModule("app.visit", version: "1") { (visit: Visit, _) in
            var visit = visit
            visit.at += 1
            visit.body.append(33)
            return visit
        }
        let text = """
            local flow = vt.workflow { name = "w" }
            local a = flow:add("a", "app.visit", {
              at = 1.5, body = "a\\0b", id = "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", counts = { [7] = 1 },
            })
            return flow:outputs { at = a.at, body = a.body, id = a.id, link = a.link, counts = a.counts }
            """
        let outputs = try await run(text, [module]).outcome.outputs
        #expect(
            outputs == [
                "at": 2.5, "body": .string(LuaBytes("a\0b!")),
                "id": "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "counts": [7: 1], "link": nil,
            ])
        let message = await message(
            "'app.visit', { at = 1, body = 2, id = 'x', counts = {} }", [module])
        #expect(message == "flow.lua:2: app.visit: input `body`: string expected, got number")
    }
}
