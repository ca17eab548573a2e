// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In the `build` of a workflow.
    static let inBuilds: [Mistake] = [
        Mistake(
            "a build that is no function",
            flow: """
                return vt.workflow { name = "f", build = { "math.double" } }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: f: `build` must be a function, got list of 1; write build = \
                function(flow, p) ... end
                   >  1 | return vt.workflow { name = "f", build = { "math.double" } }

                """),
        Mistake(
            "a misspelt build",
            flow: """
                return vt.workflow { name = "f", built = function() end }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.workflow: unknown field `built`; did you mean `build`?
                   >  1 | return vt.workflow { name = "f", built = function() end }

                """),
        Mistake(
            "a build without outputs",
            flow: """
                return vt.workflow { name = "f",
                  build = function(flow) flow:add("a", "math.double", { x = 1 }) end }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: `build` of workflow `f` does not set outputs; end it with \
                flow:outputs { name = node.port }
                   >  1 | return vt.workflow { name = "f",

                """),
        Mistake(
            "a build that returns its outputs",
            flow: """
                return vt.workflow { name = "f",
                  build = function(flow) return { y = flow:add("a", "math.double", { x = 1 }).y \
                } end }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: `build` of workflow `f` returns a table; it must return nothing, \
                and set the outputs with flow:outputs { name = node.port }
                   >  1 | return vt.workflow { name = "f",

                """),
        Mistake(
            "a node beside build",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } },
                  build = function(flow, p)
                    local a = flow:add("a", "math.double", { x = p.n })
                    
                    flow:outputs { y = a.y }
                  end }
                flow:add("b", "math.double", { x = 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:7: workflow `f` has a `build`: call flow:add in it, on the flow that \
                it gets
                      6 |   end }
                   >  7 | flow:add("b", "math.double", { x = 1 })

                """),
        Mistake(
            "outputs beside build",
            flow: """
                local flow = vt.workflow { name = "f", params = { n = { "integer", default = 2 } },
                  build = function(flow, p)
                    local a = flow:add("a", "math.double", { x = p.n })
                    
                    flow:outputs { y = a.y }
                  end }
                return flow:outputs { }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:7: workflow `f` has a `build`: call flow:outputs in it, on the flow \
                that it gets
                      6 |   end }
                   >  7 | return flow:outputs { }

                """),
        Mistake(
            "a parameter that build does not have",
            flow: """
                return vt.workflow { name = "f", params = { n = { "integer", default = 2 } },
                  build = function(flow, p)
                    local a = flow:add("a", "math.double", { x = p.n })
                    print(p.m)
                    flow:outputs { y = a.y }
                  end }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: workflow `f` has no parameter `m`; there is n
                      3 |     local a = flow:add("a", "math.double", { x = p.n })
                   >  4 |     print(p.m)

                """),
        Mistake(
            "a parameter that build sets",
            flow: """
                return vt.workflow { name = "f", params = { n = { "integer", default = 2 } },
                  build = function(flow, p)
                    local a = flow:add("a", "math.double", { x = p.n })
                    p.n = 3
                    flow:outputs { y = a.y }
                  end }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: the parameters of `build` cannot be set; write local n = ...
                      3 |     local a = flow:add("a", "math.double", { x = p.n })
                   >  4 |     p.n = 3

                """),
        Mistake(
            "the parameters of build as an input",
            flow: """
                return vt.workflow { name = "f", params = { n = { "integer", default = 2 } },
                  build = function(flow, p)
                    local a = flow:add("a", "math.double", { x = p.n })
                    flow:add("b", "math.double", { x = p })
                    flow:outputs { y = a.y }
                  end }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: the parameters of `build` are not a value; write p.n
                      3 |     local a = flow:add("a", "math.double", { x = p.n })
                   >  4 |     flow:add("b", "math.double", { x = p })

                """),
        Mistake(
            "a pool in build",
            flow: """
                return vt.workflow { name = "f", params = { n = { "integer", default = 2 } },
                  build = function(flow, p)
                    local a = flow:add("a", "math.double", { x = p.n })
                    local pool = parallel.threads(2)
                    flow:outputs { y = a.y }
                  end }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: `build` of workflow `f` must not use pools: it runs each time a \
                plan is made; use them in the `compute` of a module
                      3 |     local a = flow:add("a", "math.double", { x = p.n })
                   >  4 |     local pool = parallel.threads(2)

                """),
        Mistake(
            "parallel.map in build",
            flow: """
                return vt.workflow { name = "f", params = { n = { "integer", default = 2 } },
                  build = function(flow, p)
                    local a = flow:add("a", "math.double", { x = p.n })
                    parallel.map(math.sqrt, { 1 })
                    flow:outputs { y = a.y }
                  end }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: `build` of workflow `f` must not use pools: it runs each time a \
                plan is made; use them in the `compute` of a module
                      3 |     local a = flow:add("a", "math.double", { x = p.n })
                   >  4 |     parallel.map(math.sqrt, { 1 })

                """),
        Mistake(
            "an error in build",
            flow: """
                return vt.workflow { name = "f", params = { n = { "integer", default = 2 } },
                  build = function(flow, p)
                    local a = flow:add("a", "math.double", { x = p.n })
                    error("no data for n = " .. p.n)
                    flow:outputs { y = a.y }
                  end }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: no data for n = 2
                      3 |     local a = flow:add("a", "math.double", { x = p.n })
                   >  4 |     error("no data for n = " .. p.n)

                """),
        Mistake(
            "a wrong argument of a build",
            run: ["run", "--progress", "none", "flow.lua", "-p", "n=two"],
            flow: """
                return vt.workflow { name = "f", params = { n = { "integer", default = 2 } },
                  build = function(flow, p)
                    local a = flow:add("a", "math.double", { x = p.n })
                    
                    flow:outputs { y = a.y }
                  end }

                """,
            exits: 2,
            says: """
                error: parameter `n`: 'two' is not a valid integer

                """),
        Mistake(
            "an argument of a build that is missing", run: ["check", "flow.lua"],
            flow: """
                return vt.workflow { name = "f", params = { n = { "integer" } },
                  build = function(flow, p)
                    local a = flow:add("a", "math.double", { x = p.n })
                    
                    flow:outputs { y = a.y }
                  end }

                """,
            exits: 2,
            says: """
                error: parameter `n` (integer) has no value; give it with -p n=...

                """),
        Mistake(
            "a mistake in a node of build",
            flow: """
                return vt.workflow { name = "f", params = { n = { "integer", default = 2 } },
                  build = function(flow, p)
                    local a = flow:add("a", "math.double", { x = p.n })
                    flow:add("b", "math.double", { x = "one" })
                    flow:outputs { y = a.y }
                  end }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: math.double: input `x`: number expected, got string
                      3 |     local a = flow:add("a", "math.double", { x = p.n })
                   >  4 |     flow:add("b", "math.double", { x = "one" })

                """),
    ]
}
