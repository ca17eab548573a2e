// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In loops and the modules of their turns.
    static let inSteps: [Mistake] = [
        .control(
            "a loop without inputs",
            """
            flow:add("c", "control.loop", {})
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.loop): input `state` (any) is missing
                  flow.lua:3: `c` (control.loop): input `step` (module) is missing

                """),
        .control(
            "a loop without a step",
            """
            flow:add("c", "control.loop", { state = 1 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.loop): input `step` (module) is missing
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1 })

                """),
        .control(
            "a loop with the inputs of a fold",
            """
            flow:add("c", "control.loop", { initial = 1, step = "turn" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.loop) has no input `initial`; did you mean `state`?
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { initial = 1, step = "turn" })

                """),
        .control(
            "a loop called while",
            """
            flow:add("c", "control.while", { state = 1, step = "turn" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: there is no module `control.while`; did you mean `control.loop`?
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.while", { state = 1, step = "turn" })

                """),
        .control(
            "a step that is unknown",
            """
            flow:add("c", "control.loop", { state = 1, step = "trun" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: there is no module `trun`; did you mean `turn`?
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = "trun" })

                """),
        .control(
            "a step that is a function",
            """
            flow:add("c", "control.loop", { state = 1, step = function() end })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: control.loop: input `step`: module expected, got function; write a \
                module's name, a vt.module or a workflow
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = function() en...

                """),
        .control(
            "a step that is a node",
            """
            flow:add("c", "control.loop", { state = 1, step = a })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: node `a` is not a value; write a.n, a.y or a.yes
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = a })

                """),
        .control(
            "a step that is a port",
            """
            flow:add("c", "control.loop", { state = 1, step = a.y })
            """,
            exits: 1,
            says: """
                error: `c` (control.loop 1.0.0) failed in its inputs     run RRRR, 1 of 2 done
                  input `step` (from a): module expected, got boolean; write a module's name, a \
                vt.module or a workflow
                  placed  flow.lua:3

                """),
        .control(
            "a step in a table",
            """
            flow:add("c", "control.loop", { state = 1, step = { "turn" } })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c`: a module's name, a vt.module or a workflow expected, got table
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = { "turn" } })

                """),
        .control(
            "steps for each element",
            """
            flow:add("c", "control.loop", { state = 1, step = vt.each { "turn", "turn" } })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: control.loop: input `step` cannot come from vt.each; add a node for \
                each module
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = vt.each { "tu...

                """),
        .control(
            "a step without a state",
            """
            flow:add("c", "control.loop", { state = 1, step = "even" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.loop): `step`: `even` has no input `state`; its inputs \
                are `n`
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = "even" })

                """),
        .control(
            "a step without done",
            """
            flow:add("c", "control.loop", { state = 1, step = "acc" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.loop): `step`: `acc` has no output `done`; its outputs \
                are `state`
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = "acc" })

                """),
        .control(
            "a step whose done is a number",
            """
            flow:add("c", "control.loop", { state = 1, step = "odd" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.loop): `step`: output `done` of `odd` must have the type \
                boolean, not integer
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = "odd" })

                """),
        .control(
            "a first state of another type",
            """
            flow:add("c", "control.loop", { state = "x", step = "turn" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.loop): input `state`: integer expected, got string
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = "x", step = "turn" })

                """),
        .control(
            "a state of another type after a turn",
            """
            flow:add("c", "control.loop", { state = 1, step = "wrong" })
            """,
            exits: 1,
            says: """
                error: `c[2]` (wrong 1) failed in its inputs             run RRRR, 1 of 2 done
                  input `state`: integer expected, got string
                  placed  flow.lua:3

                """),
        .control(
            "a step that gives another type than it takes",
            """
            flow:add("c", "control.loop", { state = 1, step = "text" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.loop): `step`: `text` takes a state of the type integer, \
                and gives one of the type string
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.loop", { state = 1, step = "text" })

                """),
        .control(
            "a first state that is nil",
            """
            local b = flow:add("b", "say", {})
            flow:add("c", "control.loop", { state = b.y, step = "turn" })
            """,
            exits: 1,
            says: """
                error: `c[1]` (turn 1) failed in its inputs              run RRRR, 2 of 3 done
                  input `state`: integer expected, got nil
                  placed  flow.lua:4

                """),
        .control(
            "a turn that fails",
            """
            flow:add("c", "control.loop", { state = 1, step = "broken", inputs = { k = 1 } })
            """,
            exits: 1,
            says: """
                error: `c[1]` (broken 1) failed in compute               run RRRR, 1 of 2 done
                  modules/broken.lua:6: boom
                      5 | function M:compute(i)
                   >  6 |   if i.k == 1 then error("boom") end
                  inputs  k = 1   state = 1
                  placed  flow.lua:3

                """),
    ]
}
