// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In what `vt.each`, `vt.zip` and `vt.cross` get.
    static let inElements: [Mistake] = [
        Mistake(
            "elements of a number",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each(3) })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: vt.each: a list, or a port that gives one, expected, got a number
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.each(3) })

                """),
        Mistake(
            "elements of a variable that is nil",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each(list) })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: vt.each: a list, or a port that gives one, expected, got nil
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.each(list) })

                """),
        Mistake(
            "elements of a string",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each("a,b") })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: vt.each: a list, or a port that gives one, expected, got a string
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.each("a,b") })

                """),
        Mistake(
            "elements of a table with names",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each { low = 1 } })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: vt.each: a list expected, got a table with the key low
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.each { low = 1 ...

                """),
        Mistake(
            "elements of a node",
            flow: """
                local flow = vt.workflow { name = "f" }
                local lists = vt.module { name = "lists", outputs = { n = "number", names = \
                "list<string>", any = "any" } }
                function lists:compute() return { n = 1, names = { "a" }, any = 3 } end
                local s = flow:add("s", lists)
                local a = flow:add("a", "math.double", { x = vt.each(s) })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:5: vt.each: node `s` is not a value; write s.any, s.n or s.names
                      4 | local s = flow:add("s", lists)
                   >  5 | local a = flow:add("a", "math.double", { x = vt.each(s) })

                """),
        Mistake(
            "elements of two lists",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each({ 1 }, { 2 }) })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: vt.each takes one list, got 2 arguments; write vt.zip(a, b) to pair \
                lists, or vt.cross(a, b) to combine them
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.each({ 1 }, { 2...

                """),
        Mistake(
            "vt.zip of one list",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.zip({ 1, 2 }) })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: vt.zip takes two or more lists, got 1; write vt.each(list) for one
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.zip({ 1, 2 }) })

                """),
        Mistake(
            "vt.cross of what is an element",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.cross({ 1 }, vt.each { 2 }) })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: vt.cross: argument 2 is a vt.each already; give the list itself
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.cross({ 1 }, vt...

                """),
        Mistake(
            "vt.zip of a number",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.zip({ 1 }, 2) })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: vt.zip: a list, or a port that gives one, expected, got a number
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.zip({ 1 }, 2) })

                """),
        Mistake(
            "two unrelated lists",
            flow: """
                local flow = vt.workflow { name = "f" }
                local pair = vt.module { name = "pair", inputs = { p = "number", q = "number" }, \
                outputs = { y = "number" } }
                function pair:compute(inputs) return { y = inputs.p + inputs.q } end
                local p = vt.each { 1, 2 }
                local q = vt.each { 3, 4 }
                return flow:outputs { y = flow:add("a", pair, { p = p, q = q }).y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:6: `a`: `p` is from vt.each (flow.lua:4) and `q` from vt.each \
                (flow.lua:5); write local x, y = vt.zip(p, q) to pair two lists, or vt.cross(p, \
                q) to combine them
                      5 | local q = vt.each { 3, 4 }
                   >  6 | return flow:outputs { y = flow:add("a", pair, { p = p, q = q })...

                """),
        Mistake(
            "elements in a table",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = { vt.each { 1 } } })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: vt.each, vt.zip and vt.cross give whole inputs, not values in a \
                table; write for example { x = vt.each(list) }
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = { vt.each { 1 } } })

                """),
        Mistake(
            "elements of a port that gives a number",
            flow: """
                local flow = vt.workflow { name = "f" }
                local lists = vt.module { name = "lists", outputs = { n = "number", names = \
                "list<string>", any = "any" } }
                function lists:compute() return { n = 1, names = { "a" }, any = 3 } end
                local s = flow:add("s", lists)
                local a = flow:add("a", "math.double", { x = vt.each(s.n) })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:5: `a`: input `x` gets elements of a list, but `s.n` is number
                      4 | local s = flow:add("s", lists)
                   >  5 | local a = flow:add("a", "math.double", { x = vt.each(s.n) })

                """),
        Mistake(
            "elements of another type",
            flow: """
                local flow = vt.workflow { name = "f" }
                local lists = vt.module { name = "lists", outputs = { n = "number", names = \
                "list<string>", any = "any" } }
                function lists:compute() return { n = 1, names = { "a" }, any = 3 } end
                local s = flow:add("s", lists)
                local a = flow:add("a", "math.double", { x = vt.each(s.names) })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:5: math.double: input `x` takes number for each element, but `s.names` \
                is list<string>
                      4 | local s = flow:add("s", lists)
                   >  5 | local a = flow:add("a", "math.double", { x = vt.each(s.names) })

                """),
        Mistake(
            "a constant element of another type",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each { 1, "two" } })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: math.double: input `x`, element 2: number expected, got string
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.each { 1, "two"...

                """),
        Mistake(
            "a constant element out of range",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each { 1, -2 } })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: math.double: input `x`, element 2: -2 is below the minimum 0
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.each { 1, -2 } })

                """),
        Mistake(
            "elements that turn out to be no list",
            flow: """
                local flow = vt.workflow { name = "f" }
                local lists = vt.module { name = "lists", outputs = { n = "number", names = \
                "list<string>", any = "any" } }
                function lists:compute() return { n = 1, names = { "a" }, any = 3 } end
                local s = flow:add("s", lists)
                local a = flow:add("a", "math.double", { x = vt.each(s.any) })
                return flow:outputs { y = a.y }

                """,
            exits: 1,
            says: """
                error: `a` (math.double 1.0.0) failed in its inputs      run RRRR, 1 of 2 done
                  input `x`: a list expected, got number
                  placed  flow.lua:5

                """),
        Mistake(
            "a list of results as one value",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each { 1, 2 } })
                local b = flow:add("b", "math.double", { x = a.y })
                return flow:outputs { y = b.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: math.double: input `x` takes number, but `a.y` is list<number>
                      2 | local a = flow:add("a", "math.double", { x = vt.each { 1, 2 } })
                   >  3 | local b = flow:add("b", "math.double", { x = a.y })

                """),
        Mistake(
            "the failures of a node that collects none",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each { 1 } })
                return flow:outputs { y = a.y, errors = a.errors }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `a` (math.double) has no output `errors`; there is y
                      2 | local a = flow:add("a", "math.double", { x = vt.each { 1 } })
                   >  3 | return flow:outputs { y = a.y, errors = a.errors }

                """),
        Mistake(
            "elements as an output",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 })
                return flow:outputs { y = vt.each { 1 } }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: flow:outputs: `y` must be an output port, got vt.each; add a node \
                with it as an input, and write y = node.port
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | return flow:outputs { y = vt.each { 1 } }

                """),
    ]
}
