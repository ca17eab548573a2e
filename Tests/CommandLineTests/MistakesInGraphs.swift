// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In what connects the nodes, and in the outputs.
    static let inGraphs: [Mistake] = [
        Mistake(
            "flow:connect to no node",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 })
                flow:connect(a.y, "a", "x")
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: flow:connect: a node expected, got string
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | flow:connect(a.y, "a", "x")

                """),
        Mistake(
            "flow:connect to an input that is not there",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 })
                local b = flow:add("b", "math.double")
                flow:connect(a.y, b, "y")
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: `b` (math.double) has no input `y`; there is x
                      3 | local b = flow:add("b", "math.double")
                   >  4 | flow:connect(a.y, b, "y")

                """),
        Mistake(
            "a cycle",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double")
                local b = flow:add("b", "math.double", { x = a.y })
                local c = flow:add("c", "math.double", { x = b.y })
                flow:connect(c.y, a, "x")
                return flow:outputs { y = c.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: a cycle: `a` -> `b` -> `c` -> `a`
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double")

                """),
        Mistake(
            "a node connected to itself",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double")
                flow:connect(a.y, a, "x")
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: a cycle: `a` -> `a`
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double")

                """),
        Mistake(
            "outputs that are no table",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 })
                return flow:outputs(a.y)

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: flow:outputs: a table expected, got port; write flow:outputs { name \
                = port }
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | return flow:outputs(a.y)

                """),
        Mistake(
            "an output without a name",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 })
                return flow:outputs { a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: flow:outputs: an output has no name; write { name = port }
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | return flow:outputs { a.y }

                """),
        Mistake(
            "an output that is a value",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 })
                return flow:outputs { y = 3 }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: flow:outputs: `y` must be an output port, got a number; write y = node.port
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | return flow:outputs { y = 3 }

                """),
        Mistake(
            "an output that is a node",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 })
                return flow:outputs { y = a }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: flow:outputs: `y` must be an output port, got node `a`; write a.y
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | return flow:outputs { y = a }

                """),
        Mistake(
            "an output named twice",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 })
                flow:outputs { y = a.y }
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: an output `y` already exists
                      3 | flow:outputs { y = a.y }
                   >  4 | return flow:outputs { y = a.y }

                """),
        Mistake(
            "a workflow without nodes",
            flow: """
                local flow = vt.workflow { name = "f" }
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: workflow `f` has no nodes
                   >  1 | local flow = vt.workflow { name = "f" }

                """),
        Mistake(
            "a workflow in itself",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", flow, { x = 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: workflow `f` cannot contain itself
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", flow, { x = 1 })

                """),
        Mistake(
            "a workflow in itself, by way of another",
            flow: """
                local flow = vt.workflow { name = "f" }
                local inner = vt.workflow { name = "inner" }
                inner:add("back", flow)
                flow:add("inner", inner)
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: workflow `f` cannot contain itself
                      3 | inner:add("back", flow)
                   >  4 | flow:add("inner", inner)

                """),
    ]
}
