// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTLuaBridge
import Testing
import VTRuntime
import VTWorkflow

/// A type of Swift that scripts get.
private struct Celsius: LuaObject {
    var degrees: Double

    static let luaClass = LuaClass<Celsius>("Celsius") { type in
        type.constructor { (degrees: Double) in Celsius(degrees: degrees) }
        type.property("degrees", \.degrees)
        type.property("fahrenheit") { $0.degrees * 9 / 5 + 32 }
    }
}

/// Endless loops call a C function: the ThreadSanitizer holds signals back until one is called.
@Suite struct WorkflowRunTests {
    static let prelude = """
        local function module(name, inputs, outputs, compute)
          local M = vt.module { name = name, inputs = inputs, outputs = outputs }
          M.compute = compute
          return M
        end
        local twice = module("twice", { x = "number" }, { y = "number" }, function(self, inputs)
          print("twice " .. inputs.x)
          return { y = 2 * inputs.x }
        end)
        local forever = module("forever", {}, { v = "any" }, function(self)
          self:progress(0, "begins")
          while true do pcall(function() while true do string.format("%d", 1) end end) end
        end)
        local flow = vt.workflow { name = "w", params = { x = { "number", default = 1 } } }

        """

    private let folder = Folder()

    private func start(
        _ script: String, parameters: [String: LuaValue] = [:],
        options: WorkflowRun.Options = WorkflowRun.Options(),
        prepare: @escaping @Sendable (borrowing Lua) throws -> Void = { _ in }
    ) -> WorkflowRun {
        folder.write(Self.prelude + script, to: "flow.lua")
        return WorkflowRun(
            file: folder.file("flow.lua"), parameters: parameters, options: options,
            prepare: prepare)
    }

    private static let chain = """
        local a = flow:add("a", twice, { x = flow.params.x })
        local b = flow:add("b", twice, { x = a.y })
        return flow:outputs { first = a.y, last = b.y }
        """

    @Test func eventsAndOutcome() async throws {
        let run = start(Self.chain, parameters: ["x": .integer(3)])
        var lines: [String] = []
        for await event in run.events {
            switch event {
            case .runStarted(_, let workflow, let modules, _):
                lines.append("run \(workflow) \(modules)")
            case .moduleStarted(let node, let module, _): lines.append("start \(node) \(module)")
            case .printed(let node, let text): lines.append("\(node) \(text)")
            case .moduleFinished(let record): lines.append("\(record.status) \(record.node)")
            case .runFinished(_, let status, _): lines.append("run \(status)")
            default: Issue.record("\(event)")
            }
        }
        #expect(
            lines == [
                "run w 2", "start a twice 0", "a twice 3\n", "computed a", "start b twice 0",
                "b twice 6\n", "computed b", "run done",
            ])
        let outcome = try await run.outcome
        #expect(outcome.status == .done)
        #expect(outcome.outputs == ["first": .integer(6), "last": .integer(12)])
        #expect(outcome.modules.map(\.printed) == ["twice 3\n", "twice 6\n"])
    }

    /// Parallel calls are told of as they go, and are in the record with their tasks; what a module
    /// took is expected of it in the next run.
    @Test func parallelCallsAndWhatIsExpected() async throws {
        let script = """
            local M = module("m", {}, { n = "integer" }, function(self)
              local pool <close> = parallel.threads(2)
              return { n = #pool:map(function(x) return x end, { 1, 2, 3 }, { label = "items" }) }
            end)
            return flow:outputs { n = flow:add("m", M).n }
            """
        var options = WorkflowRun.Options()
        options.store = folder.file("store")
        for expected in [0, 1] {
            let run = start(script, options: options)
            var calls: [CallProgress] = []
            var known = -1
            var estimate = RunEstimate()
            for await event in run.events {
                estimate.take(event)
                if case .runStarted(_, _, _, let expected) = event { known = expected.count }
                if case .tasks("m", let call) = event { calls.append(call) }
            }
            #expect(known == expected)
            #expect(estimate.remaining == nil)
            let record = try #require(try await run.outcome.modules.first)
            #expect(record.status == (expected == 0 ? .computed : .cached))
            #expect(record.isKept)
            guard expected == 0 else { continue }
            let last = try #require(calls.last)
            #expect([last.call, last.done, last.total, last.workers] == [1, 3, 3, 2])
            #expect(last.label == "items")
            #expect(record.calls.map(\.backend) == [.threads])
            #expect(record.calls[0].tasks.map(\.index) == [1, 2, 3])
            #expect(record.calls[0].tasks.allSatisfy { $0.outcome == .done && $0.attempts == 1 })
        }
    }

    @Test func nobodyNeedsToListen() async throws {
        #expect(try await start(Self.chain).outcome.outputs["last"] == .integer(4))
    }

    @Test func functionsAndTypesOfSwift() async throws {
        let run = start(
            """
            local M = module("m", {}, { v = "number", w = "string" }, function()
              local water = Celsius(99)
              water.degrees = water.degrees + 1
              return { v = water.fahrenheit, w = shout("boiling") }
            end)
            local m = flow:add("m", M)
            return flow:outputs { v = m.v, w = m.w }
            """
        ) { lua in
            try lua.register(Celsius.luaClass)
            try lua.push { (text: String) in text.uppercased() + "!" }
            try lua.setGlobal("shout")
        }
        let outputs = try await run.outcome.outputs
        #expect(outputs == ["v": .number(212), "w": .string(LuaBytes("BOILING!"))])
    }

    private struct Refused: Error, Equatable {}

    @Test func whatPrepareThrowsIsTheOutcome() async {
        let run = start(Self.chain) { _ in throw Refused() }
        await #expect(throws: Refused()) { try await run.outcome }
        for await event in run.events { Issue.record("\(event)") }
    }

    @Test func anErrorOfASwiftFunction() async throws {
        let run = start(
            """
            return flow:outputs { v = flow:add("m", module("m", {}, { v = "any" }, function()
              return { v = refuse() }
            end)).v }
            """
        ) { lua in
            try lua.push { () throws -> Int in throw Refused() }
            try lua.setGlobal("refuse")
        }
        let outcome = try await run.outcome
        #expect(outcome.status == .failed)
        #expect(outcome.modules[0].failure?.message == "Refused()")
        #expect(outcome.outputs == [:])
    }

    @Test func keepGoingAndTargets() async throws {
        let script = """
            local bad = flow:add("bad", module("bad", {}, { v = "any" }, function() error("no") end))
            local a = flow:add("a", twice, { x = 1 })
            return flow:outputs { v = bad.v, y = a.y }
            """
        var options = WorkflowRun.Options()
        let stopped = try await start(script, options: options).outcome
        #expect(stopped.modules.map(\.status) == [.failed, .skipped])
        options.keepGoing = true
        let went = try await start(script, options: options).outcome
        #expect(went.modules.map(\.status) == [.failed, .computed])
        #expect(went.outputs == ["y": .integer(2)])
        options.targets = ["a"]
        let one = try await start(script, options: options).outcome
        #expect(one.status == .done)
        #expect(one.modules.map(\.node) == ["a"])
    }

    // MARK: What is wrong before anything runs

    @Test(arguments: [
        (
            "return flow + 1",
            "{flow}:15: attempt to perform arithmetic on a workflow value (local 'flow')"
        ),
        ("return 7", "'{flow}' returns a number, not a workflow; end it with `return flow`"),
        ("return flow", "{flow}:14: workflow `w` has no nodes"),
        ("return flow =", "{flow}:15: <eof> expected near '='"),
        (
            "flow:add('a', twice)\nreturn flow",
            "{flow}:15: `a` (twice): input `x` (number) is missing"
        ),
        (
            "return vt.workflow { name = 'b', build = function() error('no data') end }",
            "{flow}:15: no data"
        ),
        (
            "return vt.workflow { name = 'b', build = function() end }",
            "{flow}:15: `build` of workflow `b` does not set outputs; end it with "
                + "flow:outputs { name = node.port }"
        ),
        (
            """
            return vt.workflow {
              name = "b", params = { n = "integer" }, build = function(flow, p) return p.n end,
            }
            """,
            "{flow}:15: parameter `n` (integer) has no value; give it in the `parameters` of the run"
        ),
    ])
    func invalid(script: String, message: String) async {
        let run = start(script)
        let expected = message.replacing("{flow}", with: folder.file("flow.lua"))
        await #expect {
            try await run.outcome
        } throws: {
            ($0 as? InvalidWorkflow)?.description == expected
        }
    }

    /// The program that runs the tests does not call `WorkerRuntime.prepare`.
    @Test func processesNeedAProgramThatCanBeAWorker() async {
        let run = start(
            """
            local M = vt.module { name = "m", requires = { "threads", "processes" } }
            function M:compute() end
            flow:add("a", M)
            return flow
            """)
        await #expect {
            try await run.outcome
        } throws: {
            ($0 as? InvalidWorkflow)?.problems.map(\.message) == [
                "`a` (m) requires `processes`, but this program cannot be started as a worker; call "
                    + "WorkerRuntime.prepare() first thing in main, or set VTLUA_WORKER to the path "
                    + "of vtlua"
            ]
        }
    }

    @Test func aFailedTaskIsInTheRecord() async throws {
        let run = start(
            """
            local bad = module("bad", {}, { y = "any" }, function()
              local pool <close> = parallel.threads(1)
              return { y = pool:map(function(x) error({ code = x }) end, { 4, 5 }) }
            end)
            flow:add("a", bad)
            return flow
            """)
        let failure = try #require(try await run.outcome.modules.first?.failure)
        let task = try #require(failure.task)
        #expect(failure.message == "a table was thrown: { code = 4 }")
        #expect(task.index == 1 && task.total == 2 && task.worker == 1)
        #expect(task.kind == .threads && task.cause == .error)
        #expect(task.traceback.first { $0.line != nil }?.file == folder.file("flow.lua"))
        #expect(failure.location?.file == folder.file("flow.lua"))
    }

    @Test func aFileThatIsNotThere() async {
        await #expect(
            throws: InvalidWorkflow(problems: [
                WorkflowError("cannot read '/none/flow.lua': No such file or directory")
            ])
        ) {
            try await WorkflowRun(file: "/none/flow.lua").outcome
        }
    }

    @Test func aParameterThatIsNotThere() async {
        let run = start(Self.chain, parameters: ["z": .integer(1)])
        await #expect(
            throws: InvalidWorkflow(problems: [
                WorkflowError("workflow `w` has no parameter `z`; there is x")
            ])
        ) { try await run.outcome }
        let other = start(Self.chain, parameters: ["x": .boolean(true)])
        await #expect {
            try await other.outcome
        } throws: { error in
            (error as? InvalidWorkflow)?.problems.first?.message
                == "parameter `x`: number expected, got boolean"
        }
    }

    @Test func aTargetThatIsNotThere() async {
        var options = WorkflowRun.Options()
        options.targets = ["aa"]
        let run = start(Self.chain, options: options)
        await #expect(
            throws: InvalidWorkflow(problems: [
                WorkflowError("there is no node `aa`; did you mean `a`?")
            ])
        ) { try await run.outcome }
    }

    // MARK: Cancelling

    private static let endless = "flow:add('f', forever)\nreturn flow"

    private func expectCancelled(_ run: WorkflowRun) async {
        await #expect {
            try await run.outcome
        } throws: {
            ($0 as? LuaError)?.code == .cancelled
        }
    }

    @Test func cancelWhileAModuleComputes() async {
        let run = start(Self.endless)
        var last: RunEvent?
        for await event in run.events {
            last = event
            if case .progress = event { run.cancel() }
        }
        guard case .runFinished(_, .cancelled, _) = last else {
            Issue.record("\(String(describing: last))")
            return
        }
        await expectCancelled(run)
    }

    @Test func cancelBeforeItBegins() async {
        let run = start(Self.endless)
        run.cancel()
        run.cancel()
        await expectCancelled(run)
    }

    @Test func cancelWhileTheScriptLoads() async {
        let (loading, begun) = AsyncStream.makeStream(of: Void.self)
        let run = start("loading() while true do string.format('%d', 1) end") { lua in
            try lua.push { () in
                begun.yield()
                begun.finish()
            }
            try lua.setGlobal("loading")
        }
        run.start()
        for await _ in loading { run.cancel() }
        await expectCancelled(run)
    }

    @Test func cancelTheTaskThatWaits() async {
        let run = start(Self.endless)
        let waiting = Task { try await run.outcome }
        for await event in run.events {
            if case .progress = event { waiting.cancel() }
        }
        await #expect {
            try await waiting.value
        } throws: {
            ($0 as? LuaError)?.code == .cancelled
        }
    }

    @Test func cancelAfterTheEnd() async throws {
        let run = start(Self.chain)
        #expect(try await run.outcome.status == .done)
        run.cancel()
        #expect(try await run.outcome.status == .done)
    }

    // MARK: Many at once

    /// Each run has a state of its own; some are cancelled meanwhile.
    @Test func eightAtOnce() async throws {
        let script = """
            count = (count or 0) + 1
            assert(count == 1)
            local M = module("m", { x = "number" }, { v = "number" }, function(self, inputs)
              local sum = 0
              for i = 1, 20000 do
                sum = sum + inputs.x
                if i % 1000 == 0 then self:progress(i / 20000) print(i) end
              end
              return { v = sum }
            end)
            local port = flow.params.x
            for i = 1, 5 do port = flow:add("n" .. i, M, { x = port }).v end
            if flow.params.x then flow:outputs { v = port } end
            return flow
            """
        folder.write(Self.prelude + script, to: "many.lua")
        folder.write(Self.prelude + Self.endless, to: "endless.lua")
        let file = folder.file("many.lua")
        let endless = folder.file("endless.lua")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...8 {
                group.addTask {
                    let run = WorkflowRun(file: file, parameters: ["x": .integer(number)])
                    var events = 0
                    for await _ in run.events { events += 1 }
                    #expect(events == 1 + 5 * (1 + 20 + 20 + 1) + 1)
                    let sum = number * 20_000 * 20_000 * 20_000 * 20_000
                    let outputs = try await run.outcome.outputs
                    #expect(outputs == ["v": .integer(sum &* 20_000)])
                }
            }
            for _ in 1...4 {
                group.addTask {
                    let run = WorkflowRun(file: endless)
                    for await event in run.events {
                        if case .progress = event { run.cancel() }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
