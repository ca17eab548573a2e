// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In the inputs of a node that is a workflow with a `build`.
    static let inShapes: [Mistake] = [
        Mistake(
            "a shape from a parameter of the outer workflow",
            flow: """
                local inner = vt.workflow { name = "inner", params = { n = "integer", list = { \
                "list<number>", optional = true } },
                  build = function(flow, p)
                    local a
                    for i = 1, p.n + #(p.list or {}) do a = flow:add("a" .. i, "math.double", { \
                x = i }) end
                    flow:outputs { y = a.y }
                  end }
                local flow = vt.workflow { name = "outer", params = { k = { "integer", default \
                = 2 } } }
                local b = flow:add("b", inner, { n = flow.params.k })
                return flow:outputs { y = b.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:8: parameter `n` decides the shape of `inner`: it cannot come from a \
                port, and flow.params.k of `outer` has no value on this line; give `outer` a \
                build = function(flow, p) ... end, and in it pass n = p.k
                      7 | local flow = vt.workflow { name = "outer", params = { k = { "in...
                   >  8 | local b = flow:add("b", inner, { n = flow.params.k })

                """),
        Mistake(
            "a shape from a port",
            flow: """
                local inner = vt.workflow { name = "inner", params = { n = "integer", list = { \
                "list<number>", optional = true } },
                  build = function(flow, p)
                    local a
                    for i = 1, p.n + #(p.list or {}) do a = flow:add("a" .. i, "math.double", { \
                x = i }) end
                    flow:outputs { y = a.y }
                  end }
                local count = vt.module { name = "count", outputs = { n = "integer" } }
                local flow = vt.workflow { name = "outer" }
                local c = flow:add("c", count)
                flow:add("b", inner, { n = c.n })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:10: parameter `n` decides the shape of `inner`: it cannot come from \
                a port, and `c.n` has no value before the workflow runs; give `b` a value
                      9 | local c = flow:add("c", count)
                   > 10 | flow:add("b", inner, { n = c.n })

                """),
        Mistake(
            "a shape from a table with a port",
            flow: """
                local inner = vt.workflow { name = "inner", params = { n = "integer", list = { \
                "list<number>", optional = true } },
                  build = function(flow, p)
                    local a
                    for i = 1, p.n + #(p.list or {}) do a = flow:add("a" .. i, "math.double", { \
                x = i }) end
                    flow:outputs { y = a.y }
                  end }
                local flow = vt.workflow { name = "outer" }
                local a = flow:add("a", "math.double", { x = 1 })
                flow:add("b", inner, { n = 1, list = { 2, a.y } })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:9: parameter `list` decides the shape of `inner`: it cannot come \
                from a port, and its table has `a.y` at `list[2]`; give `b` a table of values
                      8 | local a = flow:add("a", "math.double", { x = 1 })
                   >  9 | flow:add("b", inner, { n = 1, list = { 2, a.y } })

                """),
        Mistake(
            "a shape from elements",
            flow: """
                local inner = vt.workflow { name = "inner", params = { n = "integer", list = { \
                "list<number>", optional = true } },
                  build = function(flow, p)
                    local a
                    for i = 1, p.n + #(p.list or {}) do a = flow:add("a" .. i, "math.double", { \
                x = i }) end
                    flow:outputs { y = a.y }
                  end }
                local flow = vt.workflow { name = "outer" }
                flow:add("b", inner, { n = vt.each { 1, 2 } })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:8: parameter `n` decides the shape of `inner`: it cannot come from a \
                port or from vt.each, because all elements have one shape; give `b` a value
                      7 | local flow = vt.workflow { name = "outer" }
                   >  8 | flow:add("b", inner, { n = vt.each { 1, 2 } })

                """),
        Mistake(
            "a shape without its value",
            flow: """
                local inner = vt.workflow { name = "inner", params = { n = "integer", list = { \
                "list<number>", optional = true } },
                  build = function(flow, p)
                    local a
                    for i = 1, p.n + #(p.list or {}) do a = flow:add("a" .. i, "math.double", { \
                x = i }) end
                    flow:outputs { y = a.y }
                  end }
                local flow = vt.workflow { name = "outer" }
                flow:add("b", inner)
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:8: `b` (inner): input `n` (integer) is missing
                      7 | local flow = vt.workflow { name = "outer" }
                   >  8 | flow:add("b", inner)

                """),
        Mistake(
            "a shape with a wrong value",
            flow: """
                local inner = vt.workflow { name = "inner", params = { n = "integer", list = { \
                "list<number>", optional = true } },
                  build = function(flow, p)
                    local a
                    for i = 1, p.n + #(p.list or {}) do a = flow:add("a" .. i, "math.double", { \
                x = i }) end
                    flow:outputs { y = a.y }
                  end }
                local flow = vt.workflow { name = "outer" }
                flow:add("b", inner, { n = 1.5 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:8: inner: input `n`: integer expected, got the float 1.5
                      7 | local flow = vt.workflow { name = "outer" }
                   >  8 | flow:add("b", inner, { n = 1.5 })

                """),
        Mistake(
            "a shape that is connected afterwards",
            flow: """
                local inner = vt.workflow { name = "inner", params = { n = "integer", list = { \
                "list<number>", optional = true } },
                  build = function(flow, p)
                    local a
                    for i = 1, p.n + #(p.list or {}) do a = flow:add("a" .. i, "math.double", { \
                x = i }) end
                    flow:outputs { y = a.y }
                  end }
                local count = vt.module { name = "count", outputs = { n = "integer" } }
                local flow = vt.workflow { name = "outer" }
                local c = flow:add("c", count)
                local b = flow:add("b", inner, { n = 1 })
                flow:connect(c.n, b, "n")
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:11: parameter `n` decides the shape of `inner`: it cannot come from \
                a port; give it to flow:add as a value
                     10 | local b = flow:add("b", inner, { n = 1 })
                   > 11 | flow:connect(c.n, b, "n")

                """),
        Mistake(
            "a build in itself",
            flow: """
                local flow
                flow = vt.workflow { name = "f",
                  build = function(inner) inner:add("a", flow) end }
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: workflow `f` nests workflows more than 100 levels deep
                      2 | flow = vt.workflow { name = "f",
                   >  3 |   build = function(inner) inner:add("a", flow) end }
                  called  flow.lua:3

                """),
    ]
}
