// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In choices between branches.
    static let inChoices: [Mistake] = [
        .control(
            "a choice without inputs",
            """
            flow:add("c", "control.choose", {})
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.choose): write either `condition` with `yes` and `no`, \
                or `value` with a table `cases`
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.choose", {})

                """),
        .control(
            "a choice without a condition",
            """
            flow:add("c", "control.choose", { yes = a.y, no = 1 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.choose): write either `condition` with `yes` and `no`, \
                or `value` with a table `cases`
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.choose", { yes = a.y, no = 1 })

                """),
        .control(
            "a choice with a condition and a value",
            """
            flow:add("c", "control.choose", { condition = a.yes, value = "a", yes = 1 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.choose): write either `condition` with `yes` and `no`, \
                or `value` with a table `cases`
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.choose", { condition = a.yes, value = "a...

                """),
        .control(
            "a choice without branches",
            """
            flow:add("c", "control.choose", { condition = a.yes })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.choose): both branches are missing; give `yes`, `no` or \
                both
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.choose", { condition = a.yes })

                """),
        .control(
            "a choice with cases for a condition",
            """
            flow:add("c", "control.choose", { condition = a.yes, yes = 1, cases = { 1 } })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.choose): `cases` and `otherwise` belong to `value`; \
                write `yes` and `no`
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.choose", { condition = a.yes, yes = 1, c...

                """),
        .control(
            "a choice with branches for a value",
            """
            flow:add("c", "control.choose", { value = a.y, cases = { 1 }, no = 2 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.choose): `yes` and `no` belong to `condition`; write a \
                table `cases`
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.choose", { value = a.y, cases = { 1 }, n...

                """),
        .control(
            "a choice without cases",
            """
            flow:add("c", "control.choose", { value = a.y })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.choose): `cases` is missing; write cases = { name = \
                port, ... }
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.choose", { value = a.y })

                """),
        .control(
            "a condition that is a text",
            """
            flow:add("c", "control.choose", { condition = "yes", yes = 1, no = 2 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: control.choose: input `condition`: boolean expected, got string
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.choose", { condition = "yes", yes = 1, n...

                """),
        .control(
            "a condition from an output of another type",
            """
            flow:add("c", "control.choose", { condition = a.n, yes = 1, no = 2 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: control.choose: input `condition` takes boolean, but `a.n` is integer
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.choose", { condition = a.n, yes = 1, no ...

                """),
        .control(
            "a condition that is a whole node",
            """
            flow:add("c", "control.choose", { condition = a, yes = 1 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: node `a` is not a value; write a.n, a.y or a.yes
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.choose", { condition = a, yes = 1 })

                """),
        .control(
            "a condition that is a number at run time",
            """
            local b = flow:add("b", "say", { x = 5 })
            flow:add("c", "control.choose", { condition = b.y, yes = 1, no = 2 })
            """,
            exits: 1,
            says: """
                error: `c` (control.choose 1.0.0) failed in its inputs   run RRRR, 2 of 3 done
                  input `condition` (from b): boolean expected, got number
                  placed  flow.lua:4

                """),
        .control(
            "a condition that is nil",
            """
            local b = flow:add("b", "say", {})
            flow:add("c", "control.choose", { condition = b.y, yes = 1, no = 2 })
            """,
            exits: 1,
            says: """
                error: `c` (control.choose 1.0.0) failed in compute      run RRRR, 2 of 3 done
                  `condition` is nil; it must be true or false
                  inputs  condition = nil (from b)
                  placed  flow.lua:4

                """),
        .control(
            "a case that is a boolean",
            """
            flow:add("c", "control.choose", { value = a.y, cases = { 1 } })
            """,
            exits: 1,
            says: """
                error: `c` (control.choose 1.0.0) failed in compute      run RRRR, 1 of 2 done
                  `value` must be a string or an integer, got boolean
                  inputs  cases = list of 1   value = true (from a)
                  placed  flow.lua:3

                """),
        .control(
            "a case that is a float",
            """
            flow:add("c", "control.choose", { value = 1.5, cases = { 1 } })
            """,
            exits: 1,
            says: """
                error: `c` (control.choose 1.0.0) failed in compute      run RRRR, 1 of 2 done
                  `value` must be a string or an integer, got the float 1.5
                  inputs  cases = list of 1   value = 1.5
                  placed  flow.lua:3

                """),
        .control(
            "a case that is missing",
            """
            flow:add("c", "control.choose", { value = "d", cases = { a = 1, b = a.y } })
            """,
            exits: 1,
            says: """
                error: `c` (control.choose 1.0.0) failed in compute      run RRRR, 1 of 2 done
                  `value` is "d", which is not among `cases`; add it, or give `otherwise`
                  inputs  cases = table of 1   value = "d"
                  placed  flow.lua:3

                """),
        .control(
            "cases that are a port of another type",
            """
            flow:add("c", "control.choose", { value = 1, cases = a.n })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: control.choose: input `cases` takes table, but `a.n` is integer
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.choose", { value = 1, cases = a.n })

                """),
        .control(
            "cases from a port that are no table",
            """
            flow:add("c", "control.choose", { value = 1, cases = a.y })
            """,
            exits: 1,
            says: """
                error: `c` (control.choose 1.0.0) failed in its inputs   run RRRR, 1 of 2 done
                  input `cases` (from a): table expected, got boolean
                  placed  flow.lua:3

                """),
        .control(
            "a branch called then",
            """
            flow:add("c", "control.choose", { condition = a.yes, ["then"] = 1 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.choose) has no input `then`; did you mean `yes`?
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.choose", { condition = a.yes, ["then"] =...

                """),
        .control(
            "an output of a choice",
            """
            local c = flow:add("c", "control.choose", { condition = a.yes, yes = 1 })
            flow:add("d", "say", { x = c.yes })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: `c` (control.choose) has no output `yes`; there is value
                      3 | local c = flow:add("c", "control.choose", { condition = a.yes, ...
                   >  4 | flow:add("d", "say", { x = c.yes })

                """),
        .control(
            "a choice called if",
            """
            flow:add("c", "control.if", { condition = a.yes, yes = 1 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: there is no module `control.if`; did you mean `control.choose`?
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.if", { condition = a.yes, yes = 1 })

                """),
        .control(
            "a choice called switch",
            """
            flow:add("c", "switch", { value = 1 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: there is no module `switch`; did you mean `control.choose`?
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "switch", { value = 1 })

                """),
        .control(
            "a choice misspelt",
            """
            flow:add("c", "control.chose", { condition = a.yes, yes = 1 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: there is no module `control.chose`; did you mean `control.choose`?
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.chose", { condition = a.yes, yes = 1 })

                """),
        .control(
            "a choice inside a workflow for each element, without branches",
            """
            local inner = vt.workflow { name = "inner", params = { x = "boolean" } }
            local pick = inner:add("pick", "control.choose", { condition = inner.params.x })
            inner:outputs { y = pick.value }
            flow:add("c", inner, { x = vt.each { true, false } })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: `c/pick` (control.choose): both branches are missing; give `yes`, \
                `no` or both
                      3 | local inner = vt.workflow { name = "inner", params = { x = "boo...
                   >  4 | local pick = inner:add("pick", "control.choose", { condition = ...

                """),
    ]
}
