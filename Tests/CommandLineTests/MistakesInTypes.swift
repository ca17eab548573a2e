// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In functions of a module's description.
    static let inTypes: [Mistake] = [
        Mistake(
            "a cache function that fails",
            compute: """
                function M:compute(inputs) return { y = 1 } end

                """,
            also: "cache = function(i) return i.x.y.z end",
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in its `cache` function      run RRRR, 0 of 1 done
                  modules/bad.lua:2: attempt to index a nil value (field 'y')
                      1 | local M = vt.module {
                   >  2 |   name = "bad", version = "1.2", inputs = { x = "any" }, output...
                  placed  flow.lua:2

                """),
        Mistake(
            "a value that a type of one's own refuses",
            flow: """
                local positive = vt.type { name = "positive", check = function(v) return type(v) \
                == "number" and v > 0, "must be above 0" end }
                local M = vt.module { name = "root", inputs = { x = positive }, outputs = { y = \
                "number" } }
                function M:compute(inputs) return { y = inputs.x ^ 0.5 } end
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", M, { x = -4 })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:5: root: input `x`: must be above 0
                      4 | local flow = vt.workflow { name = "f" }
                   >  5 | local a = flow:add("a", M, { x = -4 })

                """),
        Mistake(
            "a check that fails",
            flow: """
                local positive = vt.type { name = "positive", check = function(v) return v.n > 0 \
                end }
                local M = vt.module { name = "root", inputs = { x = positive }, outputs = { y = \
                "number" } }
                function M:compute(inputs) return { y = inputs.x ^ 0.5 } end
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", M, { x = -4 })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:5: root: input `x`: the check of `positive` failed: flow.lua:1: attempt \
                to index a number value (local 'v')
                      4 | local flow = vt.workflow { name = "f" }
                   >  5 | local a = flow:add("a", M, { x = -4 })

                """),
        Mistake(
            "a conversion that fails",
            flow: """
                local positive = vt.type { name = "positive", convert = function(v) return v.n end }
                local M = vt.module { name = "root", inputs = { x = positive }, outputs = { y = \
                "number" } }
                function M:compute(inputs) return { y = inputs.x ^ 0.5 } end
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", M, { x = -4 })
                return flow:outputs { y = a.y }

                """,
            exits: 1,
            says: """
                error: `a` (root 0) failed in its input `x`              run RRRR, 0 of 1 done
                  flow.lua:1: attempt to index a number value (local 'v')
                   >  1 | local positive = vt.type { name = "positive", convert = functio...
                  placed  flow.lua:5

                """),
    ]
}
