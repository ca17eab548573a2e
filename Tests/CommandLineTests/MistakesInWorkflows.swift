// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In what else `vt.module`, and `vt.type` and `vt.workflow`, are given.
    static let inWorkflows: [Mistake] = [
        Mistake(
            "cache that is a text",
            flow: """
                local M = vt.module { name = "one", cache = "yes" }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: `cache` must be true, false or a function of the inputs, got a string
                   >  1 | local M = vt.module { name = "one", cache = "yes" }

                """),
        Mistake(
            "a timeout of nothing",
            flow: """
                local M = vt.module { name = "one", timeout = 0 }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: `timeout` must be positive
                   >  1 | local M = vt.module { name = "one", timeout = 0 }

                """),
        Mistake(
            "retries below zero",
            flow: """
                local M = vt.module { name = "one", retries = -1 }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: `retries` must not be negative
                   >  1 | local M = vt.module { name = "one", retries = -1 }

                """),
        Mistake(
            "retries that are half",
            flow: """
                local M = vt.module { name = "one", retries = 0.5 }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: `retries`: number has no integer representation
                   >  1 | local M = vt.module { name = "one", retries = 0.5 }

                """),
        Mistake(
            "vt.type without a table",
            flow: """
                local T = vt.type("positive")

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.type: a table expected, got string
                   >  1 | local T = vt.type("positive")

                """),
        Mistake(
            "vt.type without a name",
            flow: """
                local T = vt.type { check = function(v) return v > 0 end }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.type: `name` is missing; write name = "what it is"
                   >  1 | local T = vt.type { check = function(v) return v > 0 end }

                """),
        Mistake(
            "vt.type with nothing to check by",
            flow: """
                local T = vt.type { name = "positive" }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.type: `positive` needs `check`, `convert` or both
                   >  1 | local T = vt.type { name = "positive" }

                """),
        Mistake(
            "vt.type with a check that is no function",
            flow: """
                local T = vt.type { name = "positive", check = true }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.type: `check` must be a function, got a boolean
                   >  1 | local T = vt.type { name = "positive", check = true }

                """),
        Mistake(
            "vt.type with an unknown field",
            flow: """
                local T = vt.type { name = "positive", chek = math.abs }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.type: unknown field `chek`; did you mean `check`?
                   >  1 | local T = vt.type { name = "positive", chek = math.abs }

                """),
        Mistake(
            "vt.workflow without a table",
            flow: """
                local flow = vt.workflow()
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.workflow: a table expected, got nil
                   >  1 | local flow = vt.workflow()

                """),
        Mistake(
            "vt.workflow without a name",
            flow: """
                local flow = vt.workflow {}
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.workflow: `name` is missing; write name = "what it does"
                   >  1 | local flow = vt.workflow {}

                """),
        Mistake(
            "vt.workflow with an unknown field",
            flow: """
                local flow = vt.workflow {
                  name = "f",
                  parms = { radius = "integer" },
                }
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.workflow: unknown field `parms`; did you mean `params`?
                   >  1 | local flow = vt.workflow {

                """),
        Mistake(
            "a parameter of an unknown type",
            flow: """
                local flow = vt.workflow {
                  name = "f",
                  params = { radius = { "int" } },
                }
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: f: parameter `radius`: `int` is not a port type; did you mean `integer`?
                   >  1 | local flow = vt.workflow {

                """),
        Mistake(
            "a parameter that is not there",
            flow: """
                local flow = vt.workflow { name = "f", params = { radius = "integer" } }
                print(flow.params.raduis)
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: workflow `f` has no parameter `raduis`; did you mean `radius`?
                      1 | local flow = vt.workflow { name = "f", params = { radius = "int...
                   >  2 | print(flow.params.raduis)

                """),
        Mistake(
            "a workflow's misspelt method",
            flow: """
                local flow = vt.workflow { name = "f" }
                flow:output {}
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: a workflow has no `output`; did you mean `outputs`?
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | flow:output {}

                """),
        Mistake(
            "vt's misspelt function",
            flow: """
                local flow = vt.workfow { name = "f" }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: attempt to call a nil value (field 'workfow'); did you mean \
                `workflow`?
                   >  1 | local flow = vt.workfow { name = "f" }

                """),
        Mistake(
            "a field set on a workflow",
            flow: """
                local flow = vt.workflow { name = "f" }
                flow.radius = 3
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: workflow: cannot set field 'radius'
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | flow.radius = 3

                """),
    ]
}
