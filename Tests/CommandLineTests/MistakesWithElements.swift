// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In what is done with elements.
    static let withElements: [Mistake] = [
        Mistake(
            "arithmetic with elements",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each { 1 } + 1 })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: what vt.each returns is an input of a node, and has no value on \
                this line; use the value of an element in the module's compute
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.each { 1 } + 1 })

                """),
        Mistake(
            "an index of elements",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each({ 1 })[1] })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: what vt.each returns is an input of a node, and has no value on \
                this line; use the value of an element in the module's compute
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.each({ 1 })[1] })

                """),
        Mistake(
            "the length of elements",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = #vt.each { 1 } })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: what vt.each returns is an input of a node, and has no value on \
                this line; use the value of an element in the module's compute
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = #vt.each { 1 } })

                """),
        Mistake(
            "elements that are connected afterwards",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 })
                flow:connect(vt.each { 1, 2 }, a, "x")
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: flow:connect cannot connect vt.each; give it to flow:add as the \
                input `x`
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | flow:connect(vt.each { 1, 2 }, a, "x")

                """),
        Mistake(
            "elements for vt.compute",
            flow: """
                print(vt.compute("math.double", { x = vt.each { 1 } }).y)
                return vt.workflow { name = "f" }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.compute computes once, and input `x` is from vt.each; call \
                vt.compute for each element, or add a node to a workflow
                   >  1 | print(vt.compute("math.double", { x = vt.each { 1 } }).y)

                """),
        Mistake(
            "lists of different lengths",
            flow: """
                local flow = vt.workflow { name = "f" }
                local pair = vt.module { name = "pair", inputs = { p = "number", q = "number" }, \
                outputs = { y = "number" } }
                function pair:compute(inputs) return { y = inputs.p + inputs.q } end
                local p, q = vt.zip({ 1, 2 }, { 3, 4, 5 })
                return flow:outputs { y = flow:add("a", pair, { p = p, q = q }).y }

                """,
            exits: 1,
            says: """
                error: `a` (pair 0) failed in its inputs                 run RRRR, 0 of 1 done
                  vt.zip: `p` has 2 elements and `q` has 3; lists of the same length are paired
                  placed  flow.lua:5

                """),
        Mistake(
            "an element that fails",
            flow: """
                local flow = vt.workflow { name = "f" }
                local odd = vt.module { name = "odd", inputs = { x = "number" }, outputs = { y = \
                "number" } }
                function odd:compute(inputs)
                  if inputs.x % 2 == 0 then error("even: " .. inputs.x) end
                  return { y = 1 }
                end
                return flow:outputs { y = flow:add("a", odd, { x = vt.each { 1, 3, 4 } }).y }

                """,
            exits: 1,
            says: """
                error: `a[3]` (odd 0) failed in compute                  run RRRR, 0 of 1 done
                  flow.lua:4: even: 4
                      3 | function odd:compute(inputs)
                   >  4 |   if inputs.x % 2 == 0 then error("even: " .. inputs.x) end
                  inputs  x = 4
                  placed  flow.lua:7

                """),
        Mistake(
            "an element that gives nothing",
            flow: """
                local flow = vt.workflow { name = "f" }
                local some = vt.module { name = "some", inputs = { x = "number" }, outputs = { y \
                = { "number", optional = true } } }
                function some:compute(inputs) if inputs.x < 2 then return { y = 1 } end end
                return flow:outputs { y = flow:add("a", some, { x = vt.each { 1, 2 } }).y }

                """,
            exits: 1,
            says: """
                error: `a[2]` (some 0) failed in its outputs             run RRRR, 0 of 1 done
                  output `y` is nil; each element of a list must have a value
                  inputs  x = 2
                  placed  flow.lua:4

                """),
        Mistake(
            "a target that is no element",
            run: ["run", "--progress", "none", "flow.lua", "-t", "a[3]"],
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each { 1, 2 } })
                return flow:outputs { y = a.y }

                """,
            exits: 1,
            says: """
                error: `a` (math.double 1.0.0) failed in its inputs      run RRRR, 0 of 1 done
                  there is no element a[3]: the node has 2 elements
                  placed  flow.lua:2

                """),
        Mistake(
            "an element of a node without elements",
            run: ["run", "--progress", "none", "flow.lua", "-t", "a[1]"],
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 })
                return flow:outputs { y = a.y }

                """,
            exits: 2,
            says: """
                error: there is no `a[1]`: `a` has no elements with one index; write `a` for the \
                node

                """),
        Mistake(
            "an element to be computed again that is not there",
            run: ["run", "--progress", "none", "flow.lua", "--force", "a[1]"],
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 })
                return flow:outputs { y = a.y }

                """,
            exits: 2,
            says: """
                error: there is no `a[1]`: `a` has no elements with one index; write `a` for the \
                node

                """),
    ]
}
