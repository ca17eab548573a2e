// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing
import VTRuntime

@testable import VTWorkflow

@Suite struct PlanTests {
    private func order(_ script: String, targets: [String] = []) throws -> [String] {
        try Workshop().with(graph: script) { graph, lua in
            try graph.plan(targets: targets, lua).steps.map(\.name)
        }
    }

    private func problems(_ script: String, targets: [String] = []) throws -> [String] {
        try Workshop().with(graph: script) { graph, lua in
            do {
                _ = try graph.plan(targets: targets, lua)
                return []
            } catch let invalid as InvalidWorkflow {
                return invalid.problems.map(\.message)
            }
        }
    }

    @Test func tiesGoByTheOrderOfAdd() throws {
        let names = try order(
            """
            local flow = vt.workflow { name = "w" }
            for _, name in ipairs { "z", "a", "m" } do flow:add(name, one) end
            flow:add("last", add, { a = 1 })
            return flow
            """)
        #expect(names == ["z", "a", "m", "last"])
    }

    @Test func aConnectionMayGoBackwards() throws {
        let names = try order(
            """
            local flow = vt.workflow { name = "w" }
            local first = flow:add("first", add)
            local other = flow:add("other", one)
            local second = flow:add("second", one)
            local third = flow:add("third", add, { a = second.value })
            flow:connect(third.sum, first, "a")
            return flow:outputs { sum = first.sum }
            """)
        #expect(names == ["other", "second", "third", "first"])
    }

    /// Whatever is connected to what: dependencies first, and of those that are ready the one
    /// added first.
    @Test(arguments: 1...40) func everyOrderIsTheSmallestThereIs(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let count = 12
        var script = "local flow = vt.workflow { name = 'w' }\nlocal n = {}\n"
        for node in 1...count { script += "n[\(node)] = flow:add('\(node)', add, { a = 0 })\n" }
        // Edges along a hidden order: no circle.
        let hidden = (1...count).shuffled(using: &random)
        var needs = [Int: Set<Int>]()
        for position in 1..<count {
            for input in ["a", "b"] where Bool.random(using: &random) {
                let from = hidden[Int.random(in: 0..<position, using: &random)]
                needs[hidden[position], default: []].insert(from)
                script += "flow:connect(n[\(from)].sum, n[\(hidden[position])], '\(input)')\n"
                if input == "b" { continue }
            }
        }
        // A later connection to the same input takes the place of an earlier one: count anew.
        var expected: [String] = []
        let actual = try Workshop().with(graph: script + "return flow") { graph, lua in
            var left = Set(1...count)
            let dependencies = graph.nodes.map { node in
                Set(
                    node.inputs.compactMap { source -> Int? in
                        if case .port(let endpoint)? = source { endpoint.node + 1 } else { nil }
                    })
            }
            while !left.isEmpty {
                let next = left.filter { dependencies[$0 - 1].isDisjoint(with: left) }.min()!
                left.remove(next)
                expected.append("\(next)")
            }
            return try graph.plan(lua).steps.map(\.name)
        }
        #expect(actual == expected)
    }

    @Test func targetsBringWhatTheyDependOn() throws {
        let script = """
            local flow = vt.workflow { name = "w" }
            local a = flow:add("a", one)
            local b = flow:add("b", add, { a = a.value })
            local c = flow:add("c", add, { a = b.sum })
            local d = flow:add("d", one)
            return flow:outputs { c = c.sum, d = d.value }
            """
        #expect(try order(script, targets: ["b"]) == ["a", "b"])
        #expect(try order(script, targets: ["d", "b"]) == ["a", "b", "d"])
        let error = #expect(throws: UnknownNode.self) { try order(script, targets: ["cc"]) }
        #expect(error?.description == "there is no node `cc`; did you mean `c`?")
    }

    static let nested = """
        local inner = vt.workflow { name = "inner", params = { x = "number" } }
        local p = inner:add("p", add, { a = inner.params.x })
        local q = inner:add("q", add, { a = p.sum })
        inner:outputs { result = q.sum }
        local middle = vt.workflow { name = "middle", params = { x = "number" } }
        local i = middle:add("i", inner, { x = middle.params.x })
        local j = middle:add("j", inner, { x = i.result })
        middle:outputs { result = j.result }
        local flow = vt.workflow { name = "outer" }
        local s = flow:add("s", one)
        local m = flow:add("m", middle, { x = s.value })
        local t = flow:add("t", add, { a = m.result })
        return flow:outputs { result = t.sum }
        """

    @Test func workflowsInsideWorkflows() throws {
        let all = ["s", "m/i/p", "m/i/q", "m/j/p", "m/j/q", "t"]
        #expect(try order(Self.nested) == all)
        #expect(try order(Self.nested, targets: ["m/i"]) == ["s", "m/i/p", "m/i/q"])
        #expect(
            try order(Self.nested, targets: ["m"]) == ["s", "m/i/p", "m/i/q", "m/j/p", "m/j/q"])
        let result = try Workshop().compute(Self.nested)
        #expect(result.modules.map(\.status) == Array(repeating: .computed, count: 6))
    }

    @Test func allProblemsAreTold() throws {
        let found = try problems(
            """
            local flow = vt.workflow { name = "w", params = { n = "integer" } }
            flow:add("first", add)
            flow:add("second", add, { a = flow.params.n })
            flow:add("third", add)
            return flow
            """)
        #expect(
            found == [
                "parameter `n` (integer) has no value; give it with -p n=...",
                "`first` (add): input `a` (number) is missing",
                "`third` (add): input `a` (number) is missing",
            ])
    }

    @Test func constantsAreCheckedBeforeAnythingRuns() throws {
        let found = try problems(
            """
            local flow = vt.workflow { name = "w" }
            flow:add("first", add, { a = "1" })
            flow:add("second", add, { a = 1, b = true })
            return flow
            """)
        #expect(
            found == [
                "add: input `a`: number expected, got string",
                "add: input `b`: number expected, got boolean",
            ])
    }

    @Test func theParametersOfAnInnerWorkflowAreChecked() throws {
        let found = try problems(
            """
            local inner = vt.workflow { name = "inner", params = { x = { "number", min = 0 } } }
            inner:outputs { result = inner:add("p", add, { a = inner.params.x }).sum }
            local flow = vt.workflow { name = "outer" }
            flow:add("i", inner, { x = -1 })
            return flow
            """)
        #expect(found == ["inner: input `x`: -1 is below the minimum 0"])
    }

    @Test func aCycle() throws {
        let found = try problems(
            """
            local flow = vt.workflow { name = "w" }
            local a = flow:add("a", add)
            local b = flow:add("b", add, { a = a.sum })
            local c = flow:add("c", add, { a = b.sum })
            flow:connect(c.sum, a, "a")
            return flow
            """)
        #expect(found == ["a cycle: `a` -> `b` -> `c` -> `a`"])
    }

    @Test func nothingToDo() throws {
        #expect(
            try problems("return vt.workflow { name = 'w' }") == ["workflow `w` has no nodes"])
        #expect(
            try problems(
                """
                local M = vt.module { name = "m", requires = { "thredas" } }
                function M:compute() end
                local flow = vt.workflow { name = "w" }
                flow:add("a", M)
                return flow
                """) == [
                    "`a` (m) requires `thredas`, which this vtlua does not have; did you mean "
                        + "`threads`?"
                ])
    }

    /// Forwards it takes one pass, backwards a sort.
    @Test(arguments: [false, true]) func aChainOfTenThousand(backwards: Bool) throws {
        let script = """
            local count, backwards = 10000, \(backwards)
            local flow = vt.workflow { name = "chain" }
            local nodes = {}
            for i = 1, count do nodes[i] = flow:add("n" .. i, add, { a = 0 }) end
            for i = 2, count do
              local from, to = i - 1, i
              if backwards then from, to = to, from end
              flow:connect(nodes[from].sum, nodes[to], "a")
            end
            return flow:outputs { sum = nodes[backwards and 1 or count].sum }
            """
        let shop = try Workshop()
        try shop.with(graph: script) { graph, lua in
            let result = try shop.runtime.workspace.interpreter.run(
                try graph.plan(lua), of: graph.name, lua)
            #expect(result.modules.count == 10_000)
            #expect(result.modules.first?.node == (backwards ? "n10000" : "n1"))
            try lua.push(try #require(result.outputs.first?.value))
            #expect(lua.integer(at: -1) == 10_000)
        }
    }
}

/// A generator whose numbers are the same each time.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
