// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing
import VTRuntime

@testable import VTWorkflow

/// Inputs that `compute` reads by name, and that its module does not declare.
@Suite struct UnknownInputTests {
    /// - Parameter body: of `compute`, from line 3 of the script on.
    private func warnings(_ body: String) throws -> [String] {
        let script = """
            local M = vt.module { name = "m", inputs = { radius = "number", workers = "integer" } }
            function M:compute(inputs)
            \(body)
            end
            local flow = vt.workflow { name = "w" }
            for _, name in ipairs { "a", "b" } do flow:add(name, M, { radius = 1, workers = 2 }) end
            return flow
            """
        return try Workshop().with(graph: script) { graph, lua in
            let first = try graph.plan(lua).warnings
            let again = try graph.plan(lua).warnings
            #expect(again == [])
            return first.map { "\($0.location?.line ?? 0): \($0.message)" }
        }
    }

    private static let typo =
        "module `m` has no input `wrokers`: it is nil here; did you mean `workers`?"

    @Test(arguments: [
        ("local n = inputs.wrokers or 4", ["3: \(typo)"]),
        ("\n\nreturn { n = inputs.radius, m = inputs.wrokers }", ["5: \(typo)"]),
        (
            "print(inputs.zeta)\nprint(inputs.wrokers, inputs.zeta)",
            ["3: module `m` has no input `zeta`: it is nil here", "4: \(typo)"]
        ),
        // In functions inside, however deep.
        ("return function() return inputs.wrokers end", ["3: \(typo)"]),
        ("return function()\nreturn function() return inputs.wrokers end\nend", ["4: \(typo)"]),
        // Far below, where lines are counted in another way.
        (String(repeating: "\n", count: 1000) + "local n = inputs.wrokers", ["1003: \(typo)"]),
        (
            String(repeating: "local function f() end\n", count: 150) + "f(inputs.wrokers)",
            ["153: \(typo)"]
        ),
    ])
    func inputsThatAreNone(body: String, expected: [String]) throws {
        #expect(try warnings(body) == expected)
    }

    @Test(arguments: [
        "local n = inputs.workers + inputs.radius",
        // What it puts there itself.
        "inputs.wrokers = inputs.workers\nprint(inputs.wrokers)",
        "local function f() inputs.wrokers = 1 end f() print(inputs.wrokers)",
        "for name, value in pairs(inputs) do inputs[name:upper()] = value end print(inputs.RADIUS)",
        // Another table of that name.
        "inputs = { wrokers = 1 } print(inputs.wrokers)",
        "local inputs = { wrokers = 1 } print(inputs.wrokers)",
        "local function f() inputs = {} end f() print(inputs.wrokers)",
        "local function f(inputs) return inputs.wrokers end print(f {})",
        "inputs = nil local a, b = inputs and inputs.wrokers",
        // Defaults.
        "setmetatable(inputs, { __index = { wrokers = 1 } }) print(inputs.wrokers)",
        // The same names, of something else.
        "print(self.wrokers, string.wrokers)",
    ])
    func nothingIsOddAbout(body: String) throws {
        #expect(try warnings(body) == [])
    }
}
