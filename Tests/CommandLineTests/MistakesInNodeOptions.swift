// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In the fourth argument of `flow:add`.
    static let inNodeOptions: [Mistake] = [
        Mistake(
            "on_error without elements",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 }, { on_error = "collect" })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: `on_error` is for nodes with vt.each, vt.zip or \
                vt.cross among their inputs
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = 1 }, { on_error = ...

                """),
        Mistake(
            "an on_error that does not exist",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each { 1 } }, { on_error = "skip" \
                })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: `on_error` must be "stop" or "collect", got "skip"
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.each { 1 } }, {...

                """),
        Mistake(
            "a chunksize of nothing",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each { 1 } }, { chunksize = 0 })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: `chunksize` must be at least 1, got 0
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.each { 1 } }, {...

                """),
        Mistake(
            "a chunksize without elements",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 }, { chunksize = 10 })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: `chunksize` is for nodes with vt.each, vt.zip or \
                vt.cross among their inputs
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = 1 }, { chunksize =...

                """),
        Mistake(
            "a place that does not exist",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 }, { on = "thread" })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: `on` must be "interpreter", "threads", "processes" or \
                "cluster", got "thread"; did you mean `threads`?
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = 1 }, { on = "threa...

                """),
        Mistake(
            "a number as a place",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 }, { on = 2 })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: `on` must be a name such as "processes", or a list of \
                names, got a number
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = 1 }, { on = 2 })

                """),
        Mistake(
            "no place of several",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 }, { on = {} })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: `on` must be "interpreter", "threads", "processes" or \
                "cluster", got an empty list
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = 1 }, { on = {} })

                """),
        Mistake(
            "half a processor",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 }, { cores = 0.5 })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: `cores` must be a whole number, got 0.5
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = 1 }, { cores = 0.5 })

                """),
        Mistake(
            "no processors",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 }, { cores = 0 })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: `cores` must be at least 1, got 0
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = 1 }, { cores = 0 })

                """),
        Mistake(
            "memory in words",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 }, { memory = "lots" })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: `memory` must be a number of bytes, or a text such as \
                "2GiB", got "lots"
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = 1 }, { memory = "l...

                """),
        Mistake(
            "memory below zero",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 }, { memory = -1 })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: `memory` must be a number of bytes, or a text such as \
                "2GiB", got -1
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = 1 }, { memory = -1 })

                """),
        Mistake(
            "half a chunk",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each { 1 } }, { chunksize = 1.5 })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: `chunksize` must be a whole number, got 1.5
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.each { 1 } }, {...

                """),
        Mistake(
            "processors in words",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 }, { cores = "all" })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: `cores` must be a whole number, got "all"
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = 1 }, { cores = "al...

                """),
        Mistake(
            "an element of another level",
            run: ["run", "--progress", "none", "flow.lua", "--force", "a[1][2]"],
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each { 1, 2 } })
                return flow:outputs { y = a.y }

                """,
            exits: 2,
            says: """
                error: there is no `a[1][2]`: `a` has no elements with 2 indices; write `a` for \
                the node

                """),
        Mistake(
            "a field of elements",
            flow: """
                local flow = vt.workflow { name = "f" }
                local list = vt.each { 1, 2 }
                local a = flow:add("a", "math.double", { x = list.first })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: what vt.each returns is an input of a node, and has no value on \
                this line; use the value of an element in the module's compute
                      2 | local list = vt.each { 1, 2 }
                   >  3 | local a = flow:add("a", "math.double", { x = list.first })

                """),
        Mistake(
            "a loop over elements",
            flow: """
                local flow = vt.workflow { name = "f" }
                for i, x in pairs(vt.each { 1, 2 }) do flow:add("a" .. i, "math.double", { x = x \
                }) end
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: what vt.each returns is an input of a node, and has no value on \
                this line; use the value of an element in the module's compute
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | for i, x in pairs(vt.each { 1, 2 }) do flow:add("a" .. i, "math...

                """),
        Mistake(
            "an option with a wrong name",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = vt.each { 1 } }, { chunk_size = 10 })
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: unknown field `chunk_size`; did you mean `chunksize`?
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = vt.each { 1 } }, {...

                """),
        Mistake(
            "a module that must stay on the interpreter",
            flow: """
                local flow = vt.workflow { name = "f" }
                local outer = vt.module { name = "outer", inputs = { x = "number" }, outputs = { \
                y = "number" } }
                function outer:compute(inputs) return { y = vt.compute("math.double", { x = \
                inputs.x }).y } end
                return flow:outputs { y = flow:add("a", outer, { x = vt.each { 1, 2 } }, { on = \
                "threads" }).y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: `a` (outer) cannot compute on "threads": it calls vt.compute, which \
                works on the interpreter only. Write on = "interpreter", or leave `on` out
                      3 | function outer:compute(inputs) return { y = vt.compute("math.do...
                   >  4 | return flow:outputs { y = flow:add("a", outer, { x = vt.each { ...

                """),
    ]
}
