// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In folds and filters.
    static let inFolds: [Mistake] = [
        .control(
            "a fold without inputs",
            """
            flow:add("c", "control.fold", {})
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.fold): input `list` (any) is missing
                  flow.lua:3: `c` (control.fold): input `step` (module) is missing

                """),
        .control(
            "a fold of a number",
            """
            flow:add("c", "control.fold", { list = 5, initial = 0, step = "acc" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.fold): input `list`: a list expected, got number
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.fold", { list = 5, initial = 0, step = "...

                """),
        .control(
            "a fold of a table",
            """
            flow:add("c", "control.fold", { list = { a = 1 }, initial = 0, step = "acc" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.fold): input `list`: a list expected, got a table with \
                the key a
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.fold", { list = { a = 1 }, initial = 0, ...

                """),
        .control(
            "a fold of a boolean at run time",
            """
            flow:add("c", "control.fold", { list = a.y, initial = 0, step = "acc" })
            """,
            exits: 1,
            says: """
                error: `c` (control.fold 1.0.0) failed in its inputs     run RRRR, 1 of 2 done
                  input `list`: a list expected, got boolean
                  inputs  initial = 0   list = true (from a)   step = module acc
                  placed  flow.lua:3

                """),
        .control(
            "a fold with a step without an element",
            """
            flow:add("c", "control.fold", { list = { 1 }, initial = 0, step = "turn" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.fold): `step`: `turn` has no input `element`; its inputs \
                are `by`, `state`, `turn`
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.fold", { list = { 1 }, initial = 0, step...

                """),
        .control(
            "a fold without a first state",
            """
            flow:add("c", "control.fold", { list = { 1 }, step = "acc" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.fold): input `initial` is missing; `acc` takes a state \
                of the type integer
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.fold", { list = { 1 }, step = "acc" })

                """),
        .control(
            "a fold of elements of another type",
            """
            flow:add("c", "control.fold", { list = { 1, "x" }, initial = 0, step = "acc" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.fold): input `list`, element 2: integer expected, got \
                string
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.fold", { list = { 1, "x" }, initial = 0,...

                """),
        .control(
            "a fold with the inputs of a loop",
            """
            flow:add("c", "control.fold", { list = { 1 }, state = 0, step = "acc" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.fold) has no input `state`; did you mean `initial`?
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.fold", { list = { 1 }, state = 0, step =...

                """),
        .control(
            "a fold called reduce",
            """
            flow:add("c", "control.reduce", { list = { 1 }, initial = 0, step = "acc" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: there is no module `control.reduce`; did you mean `control.fold`?
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.reduce", { list = { 1 }, initial = 0, st...

                """),
        .control(
            "a map",
            """
            flow:add("c", "control.map", { list = { 1 }, step = "even" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: there is no module `control.map`; to compute a module for each \
                element of a list, write vt.each(list) as its input
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.map", { list = { 1 }, step = "even" })

                """),
        .control(
            "a filter without inputs",
            """
            flow:add("c", "control.filter", {})
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.filter): input `keep` (module) is missing
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.filter", {})

                """),
        .control(
            "a filter with a function",
            """
            flow:add("c", "control.filter", { list = { 1 }, keep = function(x) return x end })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: control.filter: input `keep`: module expected, got function; write a \
                module's name, a vt.module or a workflow
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.filter", { list = { 1 }, keep = function...

                """),
        .control(
            "a filter with a module of two inputs",
            """
            flow:add("c", "control.filter", { list = { 1 }, keep = "two" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: control.filter: `two` must have one required input, it has `a`, `b`
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.filter", { list = { 1 }, keep = "two" })

                """),
        .control(
            "a filter with a module without a boolean",
            """
            flow:add("c", "control.filter", { list = { 1 }, keep = "odd" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: control.filter: `odd` must have one output of type boolean, it has \
                none
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.filter", { list = { 1 }, keep = "odd" })

                """),
        .control(
            "a filter of a number",
            """
            flow:add("c", "control.filter", { list = 5, keep = "even" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: even: input `n`: a list expected for vt.each, got number
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.filter", { list = 5, keep = "even" })

                """),
        .control(
            "a filter of elements of another type",
            """
            flow:add("c", "control.filter", { list = { 1, "x" }, keep = "even" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: even: input `n`, element 2: integer expected, got string
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.filter", { list = { 1, "x" }, keep = "ev...

                """),
        .control(
            "a filter of a boolean at run time",
            """
            flow:add("c", "control.filter", { list = a.y, keep = "even" })
            """,
            exits: 1,
            says: """
                error: `c/keep` (even 1) failed in its inputs            run RRRR, 1 of 3 done
                  input `n`: a list expected, got boolean
                  placed  flow.lua:3

                """),
        .control(
            "a filter that fails",
            """
            flow:add("c", "control.filter", { list = { 1, 101 }, keep = "even" })
            """,
            exits: 1,
            says: """
                error: `c/keep[2]` (even 1) failed in compute            run RRRR, 1 of 3 done
                  modules/even.lua:5: too large
                      4 | function M:compute(i)
                   >  5 |   if i.n > 100 then error("too large") end
                  inputs  n = 101
                  placed  flow.lua:3

                """),
        .control(
            "a fold with vt.each around its list",
            """
            flow:add("c", "control.fold", { list = vt.each { 1, 2 }, initial = 0, step = "acc" })
            """,
            exits: 1,
            says: """
                error: `c[1]` (control.fold 1.0.0) failed in compute     run RRRR, 1 of 2 done
                  `list` is 1; with vt.each, each element must be a list. To fold the list itself, \
                leave vt.each out
                  inputs  initial = 0   list = 1   step = module acc
                  placed  flow.lua:3

                """),
        .control(
            "a filter with vt.each around its list",
            """
            flow:add("c", "control.filter", { list = vt.each { 1 }, keep = "even" })
            """,
            exits: 1,
            says: """
                error: `c/keep` (even 1) failed in its inputs            run RRRR, 1 of 3 done
                  input `n`: a list expected, got number; each element of the list outside must be \
                a list, too
                  placed  flow.lua:3

                """),
        .control(
            "a filter with the inputs of a fold",
            """
            flow:add("c", "control.filter", { list = { 1 }, step = "even" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.filter) has no input `step`; did you mean `keep`?
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.filter", { list = { 1 }, step = "even" })

                """),
    ]
}
