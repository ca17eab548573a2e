// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing
import VTRuntime

@testable import VTWorkflow

@Suite struct RunTests {
    @Test func eventsComeInOrder() throws {
        let shop = try Workshop()
        let script = """
            local flow = vt.workflow { name = "w" }
            local a = flow:add("a", one)
            local b = flow:add("b", add, { a = a.value })
            return flow
            """
        let expected = [
            "run w, 2 modules", "start 0 a (one 0)", "computed a", "start 1 b (add 0)",
            "computed b", "run done",
        ]
        _ = try shop.compute(script)
        #expect(shop.takeEvents() == expected)
        // The script described the same modules anew: they are known by what they are.
        _ = try shop.compute(script)
        #expect(shop.takeEvents() == expected.map { $0.replacing("computed", with: "cached") })
    }

    private static let branches = """
        local flow = vt.workflow { name = "w" }
        local a = flow:add("a", one)
        local bad = flow:add("bad", broken, { value = a.value })
        local after = flow:add("after", add, { a = bad.value })
        local last = flow:add("last", add, { a = after.sum, b = a.value })
        local good = flow:add("good", add, { a = a.value })
        return flow:outputs { good = good.sum, last = last.sum }
        """

    @Test func aFailureStopsTheRun() throws {
        let shop = try Workshop()
        let result = try shop.compute(Self.branches)
        #expect(result.status == .failed)
        #expect(
            shop.takeEvents() == [
                "run w, 5 modules", "start 0 a (one 0)", "computed a", "start 1 bad (broken 0)",
                "failed bad", "skipped after because of bad", "skipped last because of bad",
                "skipped good because of bad", "run failed",
            ])
        #expect(result.outputs.map { $0.value == nil } == [true, true])
    }

    @Test func keepGoingSkipsOnlyWhatDepends() throws {
        let shop = try Workshop()
        let result = try shop.compute(Self.branches) { $0.keepGoing = true }
        #expect(result.status == .failed)
        #expect(
            shop.takeEvents() == [
                "run w, 5 modules", "start 0 a (one 0)", "computed a", "start 1 bad (broken 0)",
                "failed bad", "skipped after because of bad", "skipped last because of bad",
                "start 4 good (add 0)", "computed good", "run failed",
            ])
        #expect(result.outputs.map(\.name) == ["good", "last"])
        #expect(result.outputs.map { $0.value == nil } == [false, true])
    }

    @Test func aFailureTellsWhatAPersonNeeds() throws {
        let shop = try Workshop(files: [
            "bad.lua": """
            local M = vt.module {
              name = "bad", version = "1.2.0",
              inputs = { rows = "list", name = { "string", default = "x" }, n = "number" },
              outputs = { v = "any" },
            }
            local function inner(rows)
              local first = rows[1] .. nil
              return first
            end
            function M:compute(inputs)
              local value = inner(inputs.rows)
              return { v = value }
            end
            return M
            """
        ])
        let result = try shop.compute(
            """
            local flow = vt.workflow { name = "w" }
            local a = flow:add("a", one)
            flow:add("b", "bad", { rows = { 1, 2, 3 }, n = a.value }, { retries = 2 })
            return flow
            """)
        let failure = try #require(result.failure)
        #expect(failure.node == "b")
        #expect(failure.module == "bad")
        #expect(failure.version == "1.2.0")
        #expect(failure.run == result.run)
        #expect(failure.stage == .compute)
        #expect(failure.message == "attempt to concatenate a nil value")
        #expect(failure.location == SourceLocation(file: shop.path("bad.lua"), line: 7))
        #expect(
            failure.traceback.map { "\($0.name ?? "-") \($0.line ?? 0)" } == [
                "inner 7", "- 11",
            ])
        #expect(failure.traceback.allSatisfy { $0.file == shop.path("bad.lua") })
        #expect(
            failure.inputs.map { "\($0.name) = \($0.value) \($0.origin ?? "-")" } == [
                "n = 1 a", "name = \"x\" -", "rows = list of 3 -",
            ])
        #expect(failure.placed == SourceLocation(file: shop.path("flow.lua"), line: 3))
        #expect([failure.done, failure.total, failure.attempts] == [1, 2, 3])
        #expect(!failure.timedOut)
        #expect(result.modules[1].attempts == 3)
    }

    @Test func anotherAttemptMaySucceed() throws {
        let shop = try Workshop()
        let script = """
            local flow = vt.workflow { name = "w" }
            local tries = 0
            flow:add("a", module("m", { outputs = { v = "number" }, retries = 3 }, function()
              tries = tries + 1
              print("try " .. tries)
              if tries < 3 then error("not yet") end
              return { v = tries }
            end))
            return flow
            """
        let result = try shop.compute(script)
        #expect(result.modules[0].attempts == 3)
        #expect(result.modules[0].printed == "try 3\n")
        #expect(shop.takeEvents().count { $0.hasPrefix("printed") } == 3)
    }

    @Test func aTimeLimit() throws {
        let shop = try Workshop()
        let result = try shop.compute(
            """
            local flow = vt.workflow { name = "w" }
            local forever = module("forever", { outputs = { v = "any" } }, function()
              while true do pcall(function() while true do end end) end
            end)
            flow:add("a", forever, {}, { timeout = 0.05, retries = 1 })
            flow:add("b", one)
            return flow
            """
        ) { $0.keepGoing = true }
        let failure = try #require(result.failure)
        #expect(failure.message == "timed out after 0.05 s")
        #expect(failure.timedOut)
        #expect(failure.attempts == 2)
        #expect(failure.location?.line == 3)
        #expect(result.modules.map(\.status) == [.failed, .computed])
    }

    @Test func inputsFromOtherNodesAreCheckedWhenTheyCome() throws {
        let shop = try Workshop()
        let result = try shop.compute(
            """
            local flow = vt.workflow { name = "w" }
            local any = module("any", { outputs = { v = "any" } }, function() return { v = "x" } end)
            local a = flow:add("a", any)
            flow:add("b", add, { a = a.v })
            return flow
            """)
        let failure = try #require(result.failure)
        #expect(failure.stage == .inputs)
        #expect(failure.message == "input `a` (from a): number expected, got string")
    }

    @Test func parametersOfInnerWorkflowsAreCheckedWhenValuesCome() throws {
        let shop = try Workshop()
        let result = try shop.compute(
            """
            local inner = vt.workflow { name = "inner", params = { x = { "number", max = 0 } } }
            inner:outputs { result = inner:add("p", add, { a = inner.params.x }).sum }
            local flow = vt.workflow { name = "outer" }
            local a = flow:add("a", one)
            flow:add("i", inner, { x = a.value })
            return flow
            """)
        let failure = try #require(result.failure)
        #expect(failure.node == "i/p")
        #expect(failure.message == "parameter `x` of inner: 1 is above the maximum 0")
    }

    @Test func anOptionalOutputThatIsNotThere() throws {
        let shop = try Workshop()
        let result = try shop.compute(
            """
            local flow = vt.workflow { name = "w" }
            local maybe = module("maybe", { outputs = { v = { "number", optional = true } } },
              function() return {} end)
            local m = flow:add("m", maybe)
            flow:add("default", add, { a = 1, b = m.v })
            local takes = module("takes", {
              inputs = { x = { "number", optional = true } }, outputs = { v = "boolean" },
            }, function(self, inputs) return { v = inputs.x == nil and not self:has_input("x") } end)
            flow:add("optional", takes, { x = m.v })
            flow:add("needs", add, { a = m.v })
            return flow
            """
        ) { $0.keepGoing = true }
        #expect(result.modules.map(\.status) == [.computed, .computed, .computed, .failed])
        #expect(result.failure?.message == "input `a` (from m): number expected, got nil")
    }

    @Test func aTypeOfOnesOwnChecksAndConverts() throws {
        let shop = try Workshop()
        let script = """
            local date = vt.type {
              name = "date",
              check = function(text)
                if text == "crash" then error("in the check") end
                return type(text) == "string" and text:find("^%d+%-%d+$") ~= nil, "not a date"
              end,
              convert = function(text) return { year = math.tointeger(text:match("^%d+")) } end,
            }
            local M = module("m", { inputs = { on = date }, outputs = { v = "integer" } },
              function(self, inputs) return { v = inputs.on.year } end)
            local any = module("any", { outputs = { v = "any" } }, function() return { v = VALUE } end)
            local flow = vt.workflow { name = "w" }
            local a = flow:add("a", any)
            flow:add("b", M, { on = a.v })
            flow:add("c", M, { on = "1999-1" })
            return flow
            """
        func outcome(_ value: String) throws -> String {
            let result = try shop.compute("local VALUE = \(value)\n" + script)
            return result.failure?.message ?? result.status.rawValue
        }
        #expect(try outcome("'2020-2'") == "done")
        #expect(try outcome("'x'") == "input `on` (from a): not a date")
        #expect(
            try outcome("'crash'")
                == "input `on` (from a): the check of `date` failed: \(shop.path("flow.lua")):5: in the check"
        )
    }

    @Test func aDeepWorkflowFails() throws {
        let shop = try Workshop()
        #expect(
            shop.failure(
                of: """
                    local flow = vt.workflow { name = "w0" }
                    flow:outputs { v = flow:add("n", one).value }
                    for i = 1, 300 do
                      local outer = vt.workflow { name = "w" .. i }
                      outer:outputs { v = outer:add("n", flow).v }
                      flow = outer
                    end
                    """)
                == "flow:5: workflow `w100` nests workflows more than 100 levels deep")
    }
}
