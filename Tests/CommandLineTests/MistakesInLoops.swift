// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In limits and further inputs of loops.
    static let inLoops: [Mistake] = [
        .control(
            "a turn without done",
            """
            flow:add("c", "control.loop", { state = 1, step = "broken", inputs = { k = 2 } })
            """,
            exits: 1,
            says: """
                error: `c[1]` (broken 1) failed in its outputs           run RRRR, 1 of 2 done
                  modules/broken.lua:5: output `done` (boolean) is nil; give it a value, or declare \
                it with optional = true
                      4 | }
                   >  5 | function M:compute(i)
                  inputs  k = 2   state = 1
                  placed  flow.lua:3

                """),
        .control(
            "a loop that reaches its limit",
            """
            flow:add("c", "control.loop", { state = 1, step = "turn", limit = 2 })
            """,
            exits: 1,
            says: """
                error: `c` (control.loop 1.0.0) failed in compute        run RRRR, 1 of 2 done
                  not done after 2 turns; the last state is 3. Let `turn` set `done`, or give a \
                larger `limit`
                  placed  flow.lua:3

                """),
        .control(
            "a loop for each element that reaches its limit",
            """
            flow:add("c", "control.loop", { state = vt.each { 1, 5 }, step = "turn", limit = 2 \
            })
            """,
            exits: 1,
            says: """
                error: `c[1]` (control.loop 1.0.0) failed in compute     run RRRR, 1 of 2 done
                  not done after 2 turns; the last state is 3. Let `turn` set `done`, or give a \
                larger `limit`
                  inputs  limit = 2   state = 1   step = module turn
                  placed  flow.lua:3

                """),
        .control(
            "a limit of 0",
            """
            flow:add("c", "control.loop", { state = 1, step = "turn", limit = 0 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: control.loop: input `limit`: 0 is below the minimum 1
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = "turn", limit...

                """),
        .control(
            "a limit that is a text",
            """
            flow:add("c", "control.loop", { state = 1, step = "turn", limit = "5" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: control.loop: input `limit`: integer expected, got string
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = "turn", limit...

                """),
        .control(
            "further inputs that are no table",
            """
            flow:add("c", "control.loop", { state = 1, step = "turn", inputs = 5 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: control.loop: input `inputs`: table expected, got number
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = "turn", input...

                """),
        .control(
            "a further input that is unknown",
            """
            flow:add("c", "control.loop", { state = 1, step = "turn", inputs = { bye = 5 } })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.loop): `inputs` has `bye`, but `turn` has no such input; \
                did you mean `by`?
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = "turn", input...

                """),
        .control(
            "a further input of another type",
            """
            flow:add("c", "control.loop", { state = 1, step = "turn", inputs = { by = "x" } })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.loop): `inputs.by`: integer expected, got string
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = "turn", input...

                """),
        .control(
            "a further input of another type at run time",
            """
            flow:add("c", "control.loop", { state = 1, step = "turn", inputs = { by = a.y } })
            """,
            exits: 1,
            says: """
                error: `c` (control.loop 1.0.0) failed in its inputs     run RRRR, 1 of 2 done
                  `inputs.by`: integer expected, got boolean
                  inputs  inputs = table of 1   limit = 10000   state = 1   step = module turn
                  placed  flow.lua:3

                """),
        .control(
            "a further input that is the turn",
            """
            flow:add("c", "control.loop", { state = 1, step = "turn", inputs = { turn = 5 } })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.loop): `inputs` must not have `turn`: each turn gets \
                another value
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = "turn", input...

                """),
        .control(
            "a further input that is missing",
            """
            flow:add("c", "control.loop", { state = 1, step = "broken" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.loop): `broken` requires the input `k`; give it with \
                inputs = { k = ... }
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = "broken" })

                """),
        .control(
            "a further input beside the others",
            """
            flow:add("c", "control.loop", { state = 1, step = "turn", by = 2 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.loop) has no input `by`; a further input of `step` is \
                written inputs = { by = ... }
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = "turn", by = ...

                """),
        .control(
            "a loop with a condition",
            """
            flow:add("c", "control.loop", { state = 1, step = "turn", ["until"] = true })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.loop) has no input `until`; `step` ends the loop with its \
                output `done`
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = "turn", ["unt...

                """),
        .control(
            "a loop on threads",
            """
            flow:add("c", "control.loop", { state = vt.each { 1 }, step = "turn" }, { on = \
            "threads" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.loop) cannot compute on "threads": its input `step` \
                cannot be sent: it is a module (userdata). Write on = "interpreter", or leave `on` \
                out
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = vt.each { 1 }, step = "...

                """),
    ]
}
