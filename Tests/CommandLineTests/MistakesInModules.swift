// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In what `vt.module` is given.
    static let inModules: [Mistake] = [
        Mistake(
            "vt.module without a table",
            flow: """
                local M = vt.module("one")

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.module: a table expected, got string
                   >  1 | local M = vt.module("one")

                """),
        Mistake(
            "two files for a module",
            flow: """
                local flow = vt.workflow { name = "f" }
                return flow:outputs { y = flow:add("a", "twice", { x = 4 }).y }

                """,
            files: [
                "twice.lua": double, "modules/twice.lua": double, "modules/twice/init.lua": double,
            ],
            exits: 0,
            prints: "y = 8\n",
            says: """
                warning: there are two files for the module `twice`: 'twice.lua' is used, \
                'modules/twice.lua' is not; rename one of them

                """),
        Mistake(
            "vt.module without a name",
            flow: """
                local M = vt.module {
                  outputs = { y = "number" },
                }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.module: `name` is missing; write name = "group.verb"
                   >  1 | local M = vt.module {

                """),
        Mistake(
            "vt.module with an unknown field",
            flow: """
                local M = vt.module {
                  name = "one",
                  ouputs = { y = "number" },
                }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.module: unknown field `ouputs`; did you mean `outputs`?
                   >  1 | local M = vt.module {

                """),
        Mistake(
            "vt.module with an entry that has no name",
            flow: """
                local M = vt.module { "one", outputs = { y = "number" } }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.module: unexpected entry [1]; every field must have a name
                   >  1 | local M = vt.module { "one", outputs = { y = "number" } }

                """),
        Mistake(
            "a name that is no text",
            flow: """
                local M = vt.module { name = {} }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.module: `name`: string expected, got table
                   >  1 | local M = vt.module { name = {} }

                """),
        Mistake(
            "a version that is no text",
            flow: """
                local M = vt.module { name = "one", version = true }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: `version`: string expected, got boolean
                   >  1 | local M = vt.module { name = "one", version = true }

                """),
        Mistake(
            "ports that are no table",
            flow: """
                local M = vt.module { name = "one", inputs = "x" }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: `inputs`: a table of ports expected, got string
                   >  1 | local M = vt.module { name = "one", inputs = "x" }

                """),
        Mistake(
            "ports without names",
            flow: """
                local M = vt.module { name = "one", inputs = { "x", "y" } }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: `inputs`: every port must have a name; write name = { "type" }
                   >  1 | local M = vt.module { name = "one", inputs = { "x", "y" } }

                """),
        Mistake(
            "an unknown port type",
            flow: """
                local M = vt.module {
                  name = "one",
                  inputs = { x = "nubmer" },
                }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: input `x`: `nubmer` is not a port type; did you mean `number`?
                   >  1 | local M = vt.module {

                """),
        Mistake(
            "a list of an unknown port type",
            flow: """
                local M = vt.module {
                  name = "one", outputs = { rows = "list<list<float>>" } }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: output `rows`: `float` is not a port type; did you mean `number`?
                   >  1 | local M = vt.module {

                """),
        Mistake(
            "a port without a type",
            flow: """
                local M = vt.module { name = "one", inputs = { x = { doc = "a number" } } }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: input `x`: no type; write for example { "number", doc = "..." }
                   >  1 | local M = vt.module { name = "one", inputs = { x = { doc = "a n...

                """),
        Mistake(
            "a port with an unknown attribute",
            flow: """
                local M = vt.module {
                  name = "one",
                  inputs = { x = { "number", defualt = 3 } },
                }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: input `x`: unknown attribute `defualt`; did you mean `default`?
                   >  1 | local M = vt.module {

                """),
        Mistake(
            "a port whose type is a function",
            flow: """
                local M = vt.module { name = "one", inputs = { x = math.floor } }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: input `x`: a type must be a string such as "number" or made with \
                vt.type, got a function
                   >  1 | local M = vt.module { name = "one", inputs = { x = math.floor } }

                """),
        Mistake(
            "a port with two types",
            flow: """
                local M = vt.module { name = "one", inputs = { x = { "number", "string" } } }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: input `x`: unexpected entry [2]; a port must have one type
                   >  1 | local M = vt.module { name = "one", inputs = { x = { "number", ...

                """),
        Mistake(
            "a default of the wrong type",
            flow: """
                local M = vt.module {
                  name = "one", inputs = { x = { "integer", default = 1.5 } } }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: input `x`: the default does not fit: integer expected, got the \
                float 1.5
                   >  1 | local M = vt.module {

                """),
        Mistake(
            "a default out of range",
            flow: """
                local M = vt.module {
                  name = "one", inputs = { x = { "integer", default = 70, max = 64 } } }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: input `x`: the default does not fit: 70 is above the maximum 64
                   >  1 | local M = vt.module {

                """),
        Mistake(
            "a default that is no choice",
            flow: """
                local M = vt.module {
                  name = "one", inputs = { how = { "string", default = "mid", choices = { "low", \
                "high" } } } }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: input `how`: the default does not fit: 'mid' is not one of 'low', \
                'high'
                   >  1 | local M = vt.module {

                """),
        Mistake(
            "choices that are no list",
            flow: """
                local M = vt.module {
                  name = "one", inputs = { how = { "string", choices = "low" } } }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: input `how`: `choices`: table expected, got string
                   >  1 | local M = vt.module {

                """),
        Mistake(
            "a minimum that is no number",
            flow: """
                local M = vt.module {
                  name = "one", inputs = { x = { "number", min = "low" } } }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: input `x`: `min`: number expected, got string
                   >  1 | local M = vt.module {

                """),
        Mistake(
            "requires that is no list",
            flow: """
                local M = vt.module { name = "one", requires = "threads" }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: one: `requires`: table expected, got string
                   >  1 | local M = vt.module { name = "one", requires = "threads" }

                """),
    ]
}
