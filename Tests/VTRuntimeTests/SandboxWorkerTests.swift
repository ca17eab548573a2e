// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing
import VTLuaBridge
import VTWorkflow

@testable import VTRuntime

/// Modules of restricted runtimes on threads. Endless loops call a C function: the ThreadSanitizer holds
/// signals back until one is called.
@Suite struct SandboxWorkerTests {
    private static func options(
        _ libraries: LuaLibraries = .safe, timeLimit: Duration = .seconds(120)
    ) -> WorkflowRun.Options {
        var options = WorkflowRun.Options()
        options.jobs = 2
        options.runtime = SandboxTests.options(libraries, timeLimit: timeLimit)
        return options
    }

    /// The outputs of a workflow by name, as text; or the message of its first failure.
    private static func outcome(_ source: String, _ options: WorkflowRun.Options) async -> String {
        let run = WorkflowRun(source: prelude + source, options: options)
        do {
            let outcome = try await run.outcome
            if let failed = outcome.modules.first(where: { $0.status == .failed }) {
                return "error: \(failed.failure?.message ?? "?")"
            }
            return outcome.outputs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                .joined(separator: " ")
        } catch let error as LuaError {
            return "error: \(error.message)"
        } catch {
            return "error: \(error)"
        }
    }

    /// `where()` is "interpreter" or "worker": workers do not have the globals of a script.
    private static let prelude = """
        _G["mar" .. "k"] = "interpreter"
        local function where() return rawget(_G, "mar" .. "k") or "worker" end
        local function module(name, inputs, outputs, compute)
          local M = vt.module { name = name, inputs = inputs, outputs = outputs }
          M.compute = compute
          return M
        end
        local flow = vt.workflow { name = "w" }

        """

    @Test func modulesComputeOnThreads() async {
        let source = """
            local place = module("place", { x = "any" }, { v = "string" }, function(_, inputs)
              return { v = where() .. tostring(io) .. tostring(debug) .. require("tool").twice(inputs.x)
                .. require("json").encode { inputs.x } }
            end)
            local at = {}
            for _, on in ipairs { "threads", "processes" } do
              at[on] = flow:add(on, place, { x = 1 }, { on = on }).v
            end
            at.none = flow:add("none", place, { x = 2 }).v
            at.interpreter = flow:add("interpreter", place, { x = 3 }, { on = "interpreter" }).v
            return flow:outputs(at)
            """
        var options = Self.options()
        let tool = "return { twice = function(x) return 2 * x end }"
        options.runtime.loader = .memory(["tool": tool])
        let found = await Self.outcome(source, options)
        #expect(
            found
                == "interpreter=interpreternilnil6[3] none=workernilnil4[2] "
                + "processes=workernilnil2[1] threads=workernilnil2[1]")
    }

    /// Elements, turns of loops, sweeps and modules in Swift.
    @Test func allKindsOfModules() async {
        struct Number: Codable { var x: Int }
        let source = """
            local square = module("square", { x = "number" }, { y = "number", at = "string" },
              function(_, inputs) return { y = inputs.x ^ 2, at = where() } end)
            local squares = flow:add("squares", square, { x = vt.each { 1, 2, 3 } })
            local turn = module("turn", { state = "list<any>" },
              { state = "list<any>", done = "boolean" }, function(_, inputs)
                local n = inputs.state[1] * 2
                return { state = { n, where() }, done = n > 10 }
              end)
            local loop = flow:add("loop", "control.loop", { state = { 1 }, step = turn },
              { on = "threads" })
            local added = flow:add("added", "app.add", { x = vt.each { 1, 2, 3 } }, { on = "threads" })
            local function join(name)
              return module(name, { list = "list<any>" }, { text = "string" }, function(_, inputs)
                local text = {}
                for i, value in ipairs(inputs.list) do text[i] = tostring(value) end
                return { text = table.concat(text, " ") }
              end)
            end
            return flow:outputs {
              squares = flow:add("a", join "a", { list = squares.y }).text,
              at = flow:add("b", join "b", { list = squares.at }).text,
              added = flow:add("c", join "c", { list = added.x }).text,
              state = flow:add("d", join "d", { list = loop.state }).text,
            }
            """
        var options = Self.options()
        options.runtime.modules = [
            SwiftModule("app.add", version: "1") { (input: Number, _) in Number(x: input.x + 1) }
        ]
        let found = await Self.outcome(source, options)
        #expect(
            found
                == "added=2 3 4 at=worker worker worker squares=1.0 4.0 9.0 state=16 worker")
    }

    @Test func memoryOfAWorkerFailsItsTask() async throws {
        let source = """
            local fill = module("fill", { n = "integer" }, { n = "integer" }, function(_, inputs)
              return { n = #("x"):rep(inputs.n) }
            end)
            local large = flow:add("large", fill, { n = 1 << 30 })
            local small = flow:add("small", fill, { n = 10 })
            return flow:outputs { large = large.n, small = small.n }
            """
        var options = Self.options()
        options.keepGoing = true
        let outcome = try await WorkflowRun(source: Self.prelude + source, options: options).outcome
        #expect(outcome.status == .failed)
        let failed = try #require(outcome.modules.first { $0.node == "large" })
        #expect(failed.failure?.message == "not enough memory")
        #expect(outcome.outputs == ["small": .integer(10)])
    }

    @Test func timeLimitsReachWorkers() async {
        let source = """
            local wait = module("wait", { s = "string" }, { n = "any" }, function(_, inputs)
              while true do pcall(string.find, inputs.s, ("a-"):rep(12) .. "b") end
            end)
            flow:add("wait", wait, { s = ("a"):rep(30000) }, { on = "threads" })
            return flow
            """
        let options = Self.options(timeLimit: .seconds(1))
        #expect(await Self.outcome(source, options) == "error: timed out")
        var modules = Self.options()
        modules.timeout = .milliseconds(200)
        #expect(await Self.outcome(source, modules) == "error: timed out after 0.2 s")
        // The host goes on.
        #expect(await Self.outcome(Self.sum, Self.options()) == "n=3")
    }

    /// While a worker computes, the interpreter uses up the time.
    @Test func timeLimitOfTheInterpreterEndsWorkers() async {
        let source = """
            local forever = module("forever", { k = "integer" }, { n = "any" }, function()
              while true do pcall(string.format, "%d", 1) end
            end)
            flow:add("there", forever, { k = 1 }, { on = "threads" })
            flow:add("here", forever, { k = 2 }, { on = "interpreter" })
            return flow
            """
        let options = Self.options(timeLimit: .seconds(1))
        #expect(await Self.outcome(source, options) == "error: timed out")
    }

    private static let sum = """
        local sum = module("sum", { a = "integer", b = "integer" }, { n = "integer" },
          function(_, inputs) return { n = inputs.a + inputs.b } end)
        return flow:outputs { n = flow:add("sum", sum, { a = 1, b = 2 }, { on = "threads" }).n }
        """

    @Test func cancellationReachesWorkers() async throws {
        let source = """
            local forever = module("forever", {}, { n = "any" }, function()
              while true do pcall(function() while true do string.format("%d", 1) end end) end
            end)
            flow:add("there", forever, {}, { on = "threads" })
            return flow
            """
        let options = Self.options(timeLimit: .seconds(3600))
        let run = WorkflowRun(source: Self.prelude + source, options: options)
        for await event in run.events {
            if case .moduleStarted = event { run.cancel() }
        }
        let error = await #expect(throws: LuaError.self) { _ = try await run.outcome }
        #expect(error?.code == .cancelled)
        #expect(await Self.outcome(Self.sum, Self.options()) == "n=3")
    }

    /// A result of a worker depends on the code that the loader has served there.
    @Test func servedModulesAreInKeysOfWorkers() throws {
        let folder = Folder()
        func run(_ kernel: String) throws -> String {
            var options = Self.options(.io).runtime
            options.loader = .memory(["kernel": "return \(kernel)"])
            return try SandboxTests.outcome(
                """
                local M = vt.module { name = "m", outputs = { y = "number" } }
                function M:compute() return { y = require "kernel" } end
                local f = vt.workflow { name = "w" }
                f:outputs { y = f:add("m", M, {}, { on = "threads" }).y }
                local r = f:run { store = "\(folder.path)/store", jobs = 2 }
                return r.outputs.y, r.nodes.m.status
                """, options)
        }
        #expect(try run("1") == "1, computed")
        #expect(try run("1") == "1, cached")
        #expect(try run("2") == "2, computed")
    }

    // MARK: Output

    /// The output of modules counts on the interpreter and on workers, printed and logged.
    @Test(arguments: ["interpreter", "threads"], ["print", "self.log.info"])
    func outputIsLimited(_ place: String, _ function: String) async throws {
        let source = """
            local talk = module("talk", { text = "string" }, { n = "integer" }, function(self, inputs)
              for _ = 1, 100 do \(function)(inputs.text) end
              return { n = 1 }
            end)
            return flow:outputs {
              n = flow:add("talk", talk, { text = ("x"):rep(1000) }, { on = "\(place)" }).n,
            }
            """
        var options = Self.options()
        options.runtime.outputLimit = 50_000
        #expect(
            await Self.outcome(source, options)
                == "error: the modules of the run have printed and logged more than 50000 bytes; "
                + "a larger `outputLimit` allows more")
        options.runtime.outputLimit = 200_000
        #expect(await Self.outcome(source, options) == "n=1")
        #expect(await Self.outcome(Self.sum, Self.options()) == "n=3")
    }

    /// Events that nothing reads take a bounded amount of memory.
    @Test func earlyEventsAreBounded() async throws {
        let source = """
            local talk = module("talk", { text = "string" }, { n = "integer" }, function(self, inputs)
              for i = 1, 100 do self.log.info(i .. inputs.text) end
              return { n = 1 }
            end)
            return flow:outputs { n = flow:add("talk", talk, { text = ("x"):rep(1 << 20) }).n }
            """
        var options = Self.options()
        options.jobs = 1
        let run = WorkflowRun(source: Self.prelude + source, options: options)
        _ = try await run.outcome
        var messages: [String] = []
        for await event in run.events {
            if case .logged(_, _, let message) = event { messages.append(message) }
        }
        #expect((8...16).contains(messages.count))
        #expect(messages.last?.hasPrefix("100x") == true)
    }

    // MARK: Attempts

    /// Each attempt of attempts.lua, in a module on a worker.
    @Test func attemptsToEscapeOnWorkers() async throws {
        for attempt in try SandboxTests.attempts() {
            let runs = """
                local run = module("run", { code = "string" }, { v = "any" }, function(_, inputs)
                  local chunk, problem = load(inputs.code, "=attempt")
                  local found = table.pack(assert(chunk, problem)())
                  for i = 1, found.n do found[i] = tostring(found[i]) end
                  return { v = where() .. ": " .. table.concat(found, ", ") }
                end)
                local code = [==[\(attempt[1])]==]
                return flow:outputs { v = flow:add("run", run, { code = code }, { on = "threads" }).v }
                """
            let expected = attempt.count > 3 ? attempt[3] : attempt[2]
            let limit = SandboxTests.timeLimit(for: expected)
            let found = await Self.outcome(runs, Self.options(timeLimit: limit))
            #expect(
                found == (expected.hasPrefix("error: ") ? expected : "v=worker: \(expected)"),
                "\(attempt[0])")
        }
    }

    /// The bytes of a module hold bytecode.
    @Test func bytesOfScriptsAreRefused() throws {
        let options = Self.options([.safe, .workers]).runtime
        let code = """
            local pool <close> = parallel.threads(1)
            local function try(...) return select(2, pcall(vt._compute, ...)) end
            return pool:apply(try, {}, "x", "y"), pool:apply(try, {}, ("x"):rep(99), ("y"):rep(32)),
              pool:apply(try), select(2, pcall(pool.apply, pool, vt._compute, {}, "x", "y"))
            """
        let refusal = "vt._compute is the runtime's own"
        let found = try SandboxTests.outcome(code, options)
        #expect(
            found
                == "\(refusal), \(refusal), \(refusal), \(refusal)\ntask 1, threads worker 1")
    }

    @Test func permits() throws {
        let budget = WorkerBudget(2)
        let first = try budget.take()
        var second: WorkerPermit? = try budget.take()
        let error = #expect(throws: LuaError.self) { _ = try budget.take() }
        #expect(
            error?.message
                == "this sandbox has its 2 workers already; close pools that are not needed with "
                + "pool:close()")
        second = nil
        second = try budget.take()
        withExtendedLifetime((first, second)) {}
    }

    @Test func theNumberOfWorkersIsLimited() throws {
        var options = Self.options([.safe, .workers]).runtime
        options.workerLimit = 3
        let code = """
            local pools, broken = {}, 0
            for i = 1, 6 do pools[i] = parallel.threads(64) end
            for _, pool in ipairs(pools) do
              for number = 1, #pool do
                while pool:status()[number].state == "starting" do end
                if pool:status()[number].state == "broken" then broken = broken + 1 end
              end
            end
            return #pools[1], broken
            """
        let found = try SandboxTests.outcome(code, options)
        #expect(found == "3, 2")
    }
}
