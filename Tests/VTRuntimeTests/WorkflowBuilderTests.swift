// SPDX-License-Identifier: BSD-3-Clause

import Testing
import VTRuntime

/// Workflows that are described in Swift or given as text.
@Suite struct WorkflowBuilderTests {
    private let folder = Folder()

    init() {
        folder.write(
            """
            local M = vt.module {
              name = "numbers", inputs = { count = { "integer", min = 1 } },
              outputs = { list = "list<number>" },
            }
            function M:compute(inputs)
              local list = {}
              for i = 1, inputs.count do list[i] = i end
              return { list = list }
            end
            return M
            """, to: "numbers.lua")
        folder.write(
            """
            local M = vt.module {
              name = "sum", inputs = { list = "list<number>", more = { "table", optional = true } },
              outputs = { y = "number" },
            }
            function M:compute(inputs)
              local sum = 0
              for _, x in ipairs(inputs.list) do sum = sum + x end
              for _, x in pairs(inputs.more or {}) do sum = sum + x end
              self.log.info("sum of %d", #inputs.list)
              return { y = sum }
            end
            return M
            """, to: "sum.lua")
        folder.write(
            """
            local M = vt.module {
              name = "square", inputs = { x = "number", by = { "number", default = 1 } },
              outputs = { y = "number" },
            }
            function M:compute(inputs) return { y = inputs.x * inputs.x * inputs.by } end
            return M
            """, to: "square.lua")
        folder.write("local M = vt.module { name = 'broken' }\nerror('no')", to: "broken.lua")
    }

    private func builder(_ parameters: [String: PortDeclaration] = [:]) -> WorkflowBuilder {
        WorkflowBuilder("w", parameters: parameters, directory: folder.path)
    }

    /// A workflow of three nodes, whose second has elements.
    private var squares: WorkflowBuilder {
        var flow = builder(["n": .init(.integer, default: .integer(3), minimum: 1)])
        let numbers = flow.add("numbers", "numbers", ["count": flow.parameter("n")])
        let squares = flow.add("squares", "square", ["x": .each(numbers["list"])])
        let sum = flow.add("sum", "sum")
        flow.connect(squares["y"], to: "list", of: sum)
        flow.output("sum", sum["y"])
        flow.output("squares", squares["y"])
        return flow
    }

    @Test func aWorkflowOfSwift() async throws {
        let outputs = try await WorkflowRun(squares, parameters: ["n": .integer(4)]).outcome.outputs
        #expect(outputs["sum"] == .integer(30))
        #expect(try await WorkflowRun(squares).outcome.outputs["sum"] == .integer(14))
    }

    @Test func constantsTablesAndPairs() async throws {
        var flow = builder()
        let one = flow.add("one", "square", ["x": 1.5])
        let pair = WorkflowSource.zip([1, 2, 3], [10, 20, 30])
        let zipped = flow.add("zipped", "square", ["x": pair[0], "by": pair[1]])
        let all = WorkflowSource.cross([1, 2], [3, 5])
        let crossed = flow.add("crossed", "square", ["x": all[0], "by": all[1]])
        let sum = flow.add(
            "sum", "sum", ["list": zipped["y"], "more": ["a": one["y"], "b": 100]])
        flow.output("sum", sum["y"])
        flow.output("crossed", crossed["y"])
        let outputs = try await WorkflowRun(flow).outcome.outputs
        #expect(outputs["sum"] == .number(10 + 80 + 270 + 2.25 + 100))
        guard case .table(let rows) = outputs["crossed"] else {
            Issue.record("\(outputs)")
            return
        }
        #expect(rows.count == 4 || rows.count == 2)
    }

    @Test func aWorkflowAsAModule() async throws {
        var flow = builder()
        let inner = flow.add("inner", squares, ["n": 2])
        var options = NodeOptions()
        options.timeout = .seconds(60)
        options.retries = 1
        let last = flow.add("last", "square", ["x": inner["sum"]], options: options)
        flow.output("y", last["y"])
        let outcome = try await WorkflowRun(flow).outcome
        #expect(outcome.outputs == ["y": .integer(25)])
        #expect(outcome.modules.map(\.node).contains("inner/sum"))
        #expect(outcome.duration > .zero && outcome.modules[0].duration > .zero)
    }

    @Test func aStoreKeepsTheResults() async throws {
        var options = WorkflowRun.Options()
        options.store = folder.file("store")
        for expected in [ModuleRecord.Status.computed, .cached] {
            let outcome = try await WorkflowRun(squares, options: options).outcome
            #expect(outcome.modules.allSatisfy { $0.status == expected })
        }
        options.usesCache = false
        let outcome = try await WorkflowRun(squares, options: options).outcome
        #expect(outcome.modules.allSatisfy { $0.status == .computed })
    }

    // MARK: Mistakes

    private typealias Mistake = (message: String, build: @Sendable (inout WorkflowBuilder) -> Void)

    /// The lines that a program would have are given.
    private static let mistakes: [Mistake] = [
        (
            "VTRuntimeTests/WorkflowBuilderTests.swift:7: there is no module `squares`; did you "
                + "mean `square`?",
            { flow in flow.add("a", "squares", line: 7) }
        ),
        (
            "app/main.swift:8: `a` (square) has no input `z`; there are by and x",
            { flow in flow.add("a", "square", ["z": 1], file: "app/main.swift", line: 8) }
        ),
        (
            "m.swift:3: workflow `w` has no parameter `m`; there is n",
            { flow in
                flow.add("a", "square", ["x": flow.parameter("m")], file: "m.swift", line: 3)
            }
        ),
        (
            "m.swift:4: `a` (square) has no output `z`; there is y",
            { flow in
                let a = flow.add("a", "square", ["x": 1])
                flow.output("y", a["z"], file: "m.swift", line: 4)
            }
        ),
        (
            "m.swift:4: square: input `x` takes number, but `a.list` is list<number>",
            { flow in
                let a = flow.add("a", "numbers", ["count": 1])
                flow.add("b", "square", ["x": a["list"]], file: "m.swift", line: 4)
            }
        ),
        (
            "m.swift:4: a node `a` already exists at m.swift:3",
            { flow in
                flow.add("a", "square", ["x": 1], file: "m.swift", line: 3)
                flow.add("a", "square", ["x": 1], file: "m.swift", line: 4)
            }
        ),
        (
            "m.swift:4: output `y` must be an output port of a node; write "
                + "flow.output(\"y\", node[\"port\"])",
            { flow in flow.output("y", 7, file: "m.swift", line: 4) }
        ),
        (
            "m.swift:5: `a` (square): input `x` (number) is missing",
            { flow in flow.add("a", "square", file: "m.swift", line: 5) }
        ),
        (
            "m.swift:6: the port `y` belongs to workflow `other`, not to `w`; pass its value in as a "
                + "parameter",
            { flow in
                var other = WorkflowBuilder("other")
                let foreign = other.add("a", "square", ["x": 1])
                flow.add("b", "square", ["x": foreign["y"]], file: "m.swift", line: 6)
            }
        ),
        (
            "m.swift:9: `b`: `x` is from vt.each and `by` from vt.each; write local x, y = "
                + "vt.zip(p, q) to pair two lists, or vt.cross(p, q) to combine them",
            { flow in
                flow.add(
                    "b", "square", ["x": .each([1, 2]), "by": .each([3])], file: "m.swift", line: 9)
            }
        ),
        ("{folder}/broken.lua:2: no", { flow in flow.add("a", "broken") }),
        ("m.swift:1: workflow `w` has no nodes", { _ in }),
    ]

    @Test func mistakesHaveTheLineOfSwift() async {
        for mistake in Self.mistakes {
            var flow = WorkflowBuilder(
                "w", parameters: ["n": .init(.integer)], directory: folder.path, file: "m.swift",
                line: 1)
            mistake.build(&flow)
            let message: String
            do {
                _ = try await WorkflowRun(flow, parameters: ["n": .integer(1)]).outcome
                message = "no error"
            } catch {
                message = "\(error)"
            }
            #expect(message == mistake.message.replacing("{folder}", with: folder.path))
        }
    }

    @Test func aParameterWhoseDefaultDoesNotFit() async {
        let flow = builder(["n": .init(.integer, default: .integer(0), minimum: 1)])
        let message: String
        do {
            _ = try await WorkflowRun(flow).outcome
            message = "no error"
        } catch {
            message = "\(error)"
        }
        #expect(
            message.hasSuffix(
                ": workflow `w`: parameter `n`: the default does not fit: 0 is below the minimum 1")
        )
    }

    // MARK: Text

    private static let text = """
        local flow = vt.workflow { name = "t", params = { n = "integer" } }
        local numbers = flow:add("numbers", "numbers", { count = flow.params.n })
        local sum = flow:add("sum", "sum", { list = numbers.list })
        return flow:outputs { sum = sum.y }
        """

    @Test func aWorkflowFromText() async throws {
        let run = WorkflowRun(
            source: Self.text, directory: folder.path, parameters: ["n": .integer(4)])
        #expect(try await run.outcome.outputs == ["sum": .integer(10)])
    }

    @Test(arguments: [
        ("return flow =", "mine.lua:1: <eof> expected near '='"),
        ("local x\n\nx()", "mine.lua:3: attempt to call a nil value (local 'x')"),
        ("return 7", "'mine.lua' returns a number, not a workflow; end it with `return flow`"),
    ])
    func mistakesInText(text: String, message: String) async {
        await #expect {
            try await WorkflowRun(source: text, name: "mine.lua").outcome
        } throws: {
            "\($0)" == message
        }
    }

    // MARK: Starting and following

    @Test func nothingStartsBeforeItIsAsked() async throws {
        let folder = self.folder
        let marker = folder.file("started")
        let run = WorkflowRun(
            source: "io.open('\(marker)', 'w'):close()\n" + Self.text, directory: folder.path,
            parameters: ["n": .integer(2)])
        #expect(!names(in: folder.path).contains("started"))
        run.start()
        run.start()
        #expect(try await run.outcome.outputs == ["sum": .integer(3)])
        #expect(names(in: folder.path).contains("started"))
    }

    @Test func eventsOfARunThatNothingElseHolds() async throws {
        var count = 0
        for await event in WorkflowRun(squares).events {
            if case .moduleFinished = event { count += 1 }
        }
        #expect(count == 3)
    }

    /// The first loop gets everything, although it begins after the end; another one nothing.
    @Test func loopsOverTheEvents() async throws {
        let run = WorkflowRun(squares)
        _ = try await run.outcome
        var first = 0
        for await _ in run.events { first += 1 }
        #expect(first >= 8)
        for await event in run.events { Issue.record("\(event)") }
    }

    @Test func messagesGoToTheLog() async throws {
        let (lines, log) = AsyncStream.makeStream(of: String.self)
        var options = WorkflowRun.Options()
        options.log = { log.yield("\($0.level.rawValue) \($0.node ?? "-") \($0.text)") }
        var flow = squares
        flow.add("more", "sum", ["list": [1, 2]])
        _ = try await WorkflowRun(flow, options: options) { lua in
            try lua.execute("warn('@on') warn('careful')")
        }.outcome
        log.finish()
        var all: [String] = []
        for await line in lines { all.append(line) }
        #expect(all.sorted() == ["info more sum of 2", "info sum sum of 3", "warn - careful"])
    }

    /// More runs than threads of the pool wait at once; tasks of Swift go on meanwhile.
    @Test func runsBlockNoThreadOfThePool() async throws {
        let text = """
            local M = vt.module { name = "m" }
            function M:compute() self:progress(0) while true do string.format("%d", 1) end end
            local flow = vt.workflow { name = "t" }
            flow:add("m", M)
            return flow
            """
        let runs = (0..<8).map { _ in WorkflowRun(source: text) }
        await withTaskGroup(of: Void.self) { group in
            for run in runs {
                group.addTask { _ = try? await run.outcome }
                group.addTask {
                    for await event in run.events {
                        if case .progress = event { break }
                    }
                }
            }
            // All are computing, and every waiting task has suspended.
            for _ in runs { await group.next() }
            let sum = await Task { (1...10).reduce(0, +) }.value
            #expect(sum == 55)
            for run in runs { run.cancel() }
        }
    }
}
