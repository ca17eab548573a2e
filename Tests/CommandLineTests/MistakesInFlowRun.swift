// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In a call of `flow:run`.
    static let inFlowRun: [Mistake] = [
        Mistake(
            "flow:run inside a flow with an unknown option",
            flow: """
                local flow = vt.workflow { name = "f" }
                flow:add("a", "math.double", { x = 1 })
                flow:run { parms = {} }
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: flow:run: unknown field `parms`; did you mean `params`?
                      2 | flow:add("a", "math.double", { x = 1 })
                   >  3 | flow:run { parms = {} }

                """),
        Mistake(
            "flow:run with an unknown parameter",
            flow: """
                local flow = vt.workflow { name = "f", params = { x = "number" } }
                flow:add("a", "math.double", { x = 1 })
                flow:run { params = { xy = 3 } }
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: workflow `f` has no parameter `xy`; did you mean `x`?
                      2 | flow:add("a", "math.double", { x = 1 })
                   >  3 | flow:run { params = { xy = 3 } }

                """),
        Mistake(
            "flow:run with a parameter out of type",
            flow: """
                local flow = vt.workflow { name = "f", params = { x = "number" } }
                flow:add("a", "math.double", { x = flow.params.x })
                flow:run { params = { x = "three" } }
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: parameter `x`: number expected, got string
                      2 | flow:add("a", "math.double", { x = flow.params.x })
                   >  3 | flow:run { params = { x = "three" } }

                """),
        Mistake(
            "flow:run of a module that fails",
            flow: """
                local flow = vt.workflow { name = "f" }
                local M = vt.module { name = "bad" }
                function M:compute() error("no luck") end
                flow:add("a", M)
                flow:run()
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:5: `a` (bad 0) failed in compute: flow.lua:3: no luck
                      4 | flow:add("a", M)
                   >  5 | flow:run()

                """),
        Mistake(
            "flow:run on a target that is not there",
            flow: """
                local flow = vt.workflow { name = "f" }
                flow:add("double", "math.double", { x = 1 })
                flow:run { targets = { "duoble" } }
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: there is no node `duoble`; did you mean `double`?
                      2 | flow:add("double", "math.double", { x = 1 })
                   >  3 | flow:run { targets = { "duoble" } }

                """),
    ]
}
