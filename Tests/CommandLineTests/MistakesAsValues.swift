// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// Objects of a workflow that are given or used as values.
    static let asValues: [Mistake] = [
        Mistake(
            "a node with several ports as an input",
            flow: """
                local two = vt.module { name = "two", outputs = { low = "number", high = \
                "number" } }
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", two)
                flow:add("b", "math.double", { x = a })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: node `a` is not a value; write a.high or a.low
                      3 | local a = flow:add("a", two)
                   >  4 | flow:add("b", "math.double", { x = a })

                """),
        Mistake(
            "a node in a list",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } } }
                local a = flow:add("a", "math.double", { x = 1 })
                flow:add("b", "math.double", { x = { a } })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: node `a` is not a value; write a.y
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | flow:add("b", "math.double", { x = { a } })

                """),
        Mistake(
            "a node without ports as an input",
            flow: """
                local none = vt.module { name = "none" }
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", none)
                flow:add("b", "math.double", { x = a })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: node `a` is not a value; `none` has no outputs
                      3 | local a = flow:add("a", none)
                   >  4 | flow:add("b", "math.double", { x = a })

                """),
        Mistake(
            "a workflow as an input",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } } }
                local a = flow:add("a", "math.double", { x = 1 })
                flow:add("b", "math.double", { x = flow })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: workflow `f` is not a value; add it with flow:add, and give an \
                output of that node
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | flow:add("b", "math.double", { x = flow })

                """),
        Mistake(
            "all parameters as an input",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } } }
                local a = flow:add("a", "math.double", { x = 1 })
                flow:add("b", "math.double", { x = flow.params })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: flow.params is not a value; write flow.params.n
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | flow:add("b", "math.double", { x = flow.params })

                """),
        Mistake(
            "a parameter as an output",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } } }
                local a = flow:add("a", "math.double", { x = 1 })
                return flow:outputs { y = flow.params.n }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: flow:outputs: `y` must be an output port of a node, got \
                flow.params.n; write y = node.port
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | return flow:outputs { y = flow.params.n }

                """),
        Mistake(
            "a calculation with a port",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } } }
                local a = flow:add("a", "math.double", { x = 1 })
                flow:add("b", "math.double", { x = 1 + a.y })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `a.y` is a port, which has no value before the workflow runs; \
                give it to a module, and use the value in its compute
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | flow:add("b", "math.double", { x = 1 + a.y })

                """),
        Mistake(
            "an element of a port",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } } }
                local a = flow:add("a", "math.double", { x = 1 })
                flow:add("b", "math.double", { x = a.y[1] })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `a.y` is a port, which has no value before the workflow runs; \
                give it to a module, and use the value in its compute
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | flow:add("b", "math.double", { x = a.y[1] })

                """),
        Mistake(
            "the length of a port",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } } }
                local a = flow:add("a", "math.double", { x = 1 })
                for i = 1, #a.y do flow:add("b" .. i, "math.double") end
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `a.y` is a port, which has no value before the workflow runs; \
                give it to a module, and use the value in its compute
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | for i = 1, #a.y do flow:add("b" .. i, "math.double") end

                """),
        Mistake(
            "a port in a text",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } } }
                local a = flow:add("a", "math.double", { x = 1 })
                print("y is " .. a.y)
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `a.y` is a port, which has no value before the workflow runs; \
                give it to a module, and use the value in its compute
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | print("y is " .. a.y)

                """),
        Mistake(
            "a port that is compared",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } } }
                local a = flow:add("a", "math.double", { x = 1 })
                if a.y > 3 then print("large") end
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `a.y` is a port, which has no value before the workflow runs; \
                give it to a module, and use the value in its compute
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | if a.y > 3 then print("large") end

                """),
        Mistake(
            "a port that is called",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } } }
                local a = flow:add("a", "math.double", { x = 1 })
                print(a.y())
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `a.y` is a port, which has no value before the workflow runs; \
                give it to a module, and use the value in its compute
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | print(a.y())

                """),
        Mistake(
            "a calculation with a parameter",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } } }
                local a = flow:add("a", "math.double", { x = 1 })
                flow:add("b", "math.double", { x = flow.params.n * 2 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: flow.params.n has no value on this line; write build = \
                function(flow, p) ... end in vt.workflow, and in it p.n
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | flow:add("b", "math.double", { x = flow.params.n * 2 })

                """),
        Mistake(
            "a parameter as the bound of a loop",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } } }
                local a = flow:add("a", "math.double", { x = 1 })
                for i = 1, flow.params.n do flow:add("b" .. i, "math.double", { x = i }) end
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: bad 'for' limit (number expected, got parameter); write build = \
                function(flow, p) ... end in vt.workflow, and in it p.n
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | for i = 1, flow.params.n do flow:add("b" .. i, "math.double", {...

                """),
        Mistake(
            "a parameter that is set",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } } }
                local a = flow:add("a", "math.double", { x = 1 })
                flow.params.n = 3
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: flow.params cannot be set; give a value with -p n=..., or with \
                flow:run { params = { n = ... } }
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | flow.params.n = 3

                """),
        Mistake(
            "a port that is set",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } } }
                local a = flow:add("a", "math.double", { x = 1 })
                a.x = 3
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: the ports of node `a` cannot be set; to connect one of its \
                inputs, write flow:connect(port, node, "x")
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | a.x = 3

                """),
        Mistake(
            "flow.add with a dot",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } } }
                local a = flow:add("a", "math.double", { x = 1 })
                flow.add("b", "math.double", { x = 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: bad argument #1 to 'add' (workflow expected, got string; is the \
                call written with ':'?)
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | flow.add("b", "math.double", { x = 1 })

                """),
    ]
}
