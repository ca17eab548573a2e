// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In the inputs of a node.
    static let inConnections: [Mistake] = [
        Mistake(
            "an input that is not there",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { z = 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a` (math.double) has no input `z`; there is x
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { z = 1 })

                """),
        Mistake(
            "a misspelt input",
            flow: """
                local scale = vt.module { name = "scale", inputs = { factor = "number" } }
                local flow = vt.workflow { name = "f" }
                flow:add("a", scale, { facter = 2 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `a` (scale) has no input `facter`; did you mean `factor`?
                      2 | local flow = vt.workflow { name = "f" }
                   >  3 | flow:add("a", scale, { facter = 2 })

                """),
        Mistake(
            "an input without a name",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: input [1] has no name; write { name = value }
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { 1 })

                """),
        Mistake(
            "inputs that are no table",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", 1)
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: a table of inputs expected, got number
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", 1)

                """),
        Mistake(
            "an output that is not there",
            flow: """
                local scale = vt.module { name = "img.read", outputs = { image = "list" } }
                local flow = vt.workflow { name = "f" }
                local src = flow:add("src", scale)
                local b = flow:add("b", "math.double", { x = src.imgae })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: `src` (img.read) has no output `imgae`; did you mean `image`?
                      3 | local src = flow:add("src", scale)
                   >  4 | local b = flow:add("b", "math.double", { x = src.imgae })

                """),
        Mistake(
            "a node as an input",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 })
                local b = flow:add("b", "math.double", { x = a })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: node `a` is not a value; write a.y
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | local b = flow:add("b", "math.double", { x = a })

                """),
        Mistake(
            "a text where a number is wanted",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = "three" })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: math.double: input `x`: number expected, got string
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = "three" })

                """),
        Mistake(
            "a constant out of range",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = -1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: math.double: input `x`: -1 is below the minimum 0
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = -1 })

                """),
        Mistake(
            "a port of the wrong type",
            flow: """
                local words = vt.module { name = "words", outputs = { text = "string" } }
                local flow = vt.workflow { name = "f" }
                local w = flow:add("w", words)
                local a = flow:add("a", "math.double", {
                  x = w.text,
                })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: math.double: input `x` takes number, but `w.text` is string
                      3 | local w = flow:add("w", words)
                   >  4 | local a = flow:add("a", "math.double", {

                """),
        Mistake(
            "a parameter of the wrong type",
            flow: """
                local flow = vt.workflow { name = "f", params = { path = "string" } }
                local a = flow:add("a", "math.double", { x = flow.params.path })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: math.double: input `x` takes number, but parameter `path` is string
                      1 | local flow = vt.workflow { name = "f", params = { path = "strin...
                   >  2 | local a = flow:add("a", "math.double", { x = flow.params.path })

                """),
        Mistake(
            "a port of another workflow",
            flow: """
                local flow = vt.workflow { name = "f" }
                local other = vt.workflow { name = "other" }
                local a = other:add("a", "math.double", { x = 1 })
                local b = flow:add("b", "math.double", { x = a.y })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: the value belongs to workflow `other`, not to `f`; pass it in as a \
                parameter
                      3 | local a = other:add("a", "math.double", { x = 1 })
                   >  4 | local b = flow:add("b", "math.double", { x = a.y })

                """),
        Mistake(
            "a missing input",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", {})
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a` (math.double): input `x` (number) is missing
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", {})

                """),
        Mistake(
            "several mistakes at once",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", {})
                local b = flow:add("b", "math.double", {
                  x = -3,
                })
                local c = flow:add("c", "math.double")
                return flow:outputs { y = a.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a` (math.double): input `x` (number) is missing
                  flow.lua:6: `c` (math.double): input `x` (number) is missing

                """),
        Mistake(
            "unknown options of a node",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 }, { timout = 3 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: unknown field `timout`; did you mean `timeout`?
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = 1 }, { timout = 3 })

                """),
        Mistake(
            "a node's timeout below zero",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 }, { timeout = -3 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: options: `timeout` must be positive
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double", { x = 1 }, { timeout = -...

                """),
    ]
}
