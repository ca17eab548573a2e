// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In the name and the module of a node.
    static let inNodes: [Mistake] = [
        Mistake(
            "flow:add without a name",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add(nil, "math.double", { x = 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: bad argument #1 to 'add' (string expected, got nil)
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add(nil, "math.double", { x = 1 })

                """),
        Mistake(
            "a node without a name",
            flow: """
                local flow = vt.workflow { name = "f" }
                flow:add(vt.module { name = "m" }, { x = 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: flow:add: the first argument is the node's name, a string; got \
                vt.module: write flow:add("name", module, { ... })
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | flow:add(vt.module { name = "m" }, { x = 1 })

                """),
        Mistake(
            "a variable in quotes",
            flow: """
                local flow = vt.workflow { name = "f" }
                local twice = vt.module { name = "twice" }
                flow:add("a", "twice", { x = 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: there is no file of the module `twice`; for the vt.module of that name, \
                give the variable that holds it, without quotes
                      2 | local twice = vt.module { name = "twice" }
                   >  3 | flow:add("a", "twice", { x = 1 })

                """),
        Mistake(
            "a missing comma",
            flow: """
                local flow = vt.workflow { name = "f" }
                local twice = vt.module { name = "twice" }
                flow:add("a", twice { x = 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: attempt to call a vt.module value (local 'twice'); it is not a function: \
                in a list of arguments, write a comma after it
                      2 | local twice = vt.module { name = "twice" }
                   >  3 | flow:add("a", twice { x = 1 })

                """),
        Mistake(
            "flow.add with a dot",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow.add("a", "math.double", { x = 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: bad argument #1 to 'add' (workflow expected, got string; is the call \
                written with ':'?)
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow.add("a", "math.double", { x = 1 })

                """),
        Mistake(
            "a node with an empty name",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("", "math.double", { x = 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: the name of a node must not be empty; write flow:add("name", ...)
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("", "math.double", { x = 1 })

                """),
        Mistake(
            "a node with a slash in its name",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a/b", "math.double", { x = 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a/b` is not a valid node name: '/' is reserved for nested workflows
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a/b", "math.double", { x = 1 })

                """),
        Mistake(
            "two nodes of one name",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 })
                local b = flow:add("a", "math.double", { x = a.y })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: a node `a` already exists at flow.lua:2
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | local b = flow:add("a", "math.double", { x = a.y })

                """),
        Mistake(
            "a module that is not there",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.dubble", { x = 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: there is no module `math.dubble`; did you mean `math.double`?
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.dubble", { x = 1 })

                """),
        Mistake(
            "a module that nothing resembles",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "galaxy", { x = 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: there is no module `galaxy`; looked in here, 'modules', the library \
                and package.path
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "galaxy", { x = 1 })

                """),
        Mistake(
            "a number as a module",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", 7, { x = 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: a module's name, a vt.module or a workflow expected, got number
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", 7, { x = 1 })

                """),
        Mistake(
            "a module left out",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a")
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: a module's name, a vt.module or a workflow expected, got nil
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a")

                """),
        Mistake(
            "a plain table as a module",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", { name = "x" }, { x = 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: a module's name, a vt.module or a workflow expected, got table
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", { name = "x" }, { x = 1 })

                """),
        Mistake(
            "a module that returns nothing",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "empty", { x = 1 })
                return flow

                """,
            files: [
                "modules/empty.lua": """
                local M = vt.module { name = "empty" }

                """
            ],
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: module `empty` ('modules/empty.lua') returns nothing; end it \
                with `return M`
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "empty", { x = 1 })

                """),
        Mistake(
            "a module that returns a plain table",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "plain", { x = 1 })
                return flow

                """,
            files: [
                "modules/plain.lua": """
                return { compute = function() end }

                """
            ],
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: module `plain` ('modules/plain.lua') returns a table that is \
                not of vt.module; begin it with local M = vt.module { ... }
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "plain", { x = 1 })

                """),
        Mistake(
            "a module that does not parse",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "broken", { x = 1 })
                return flow

                """,
            files: [
                "modules/broken.lua": """
                local M = vt.module { name = "broken" }
                function M:compute(inputs
                  return {}
                end
                return M

                """
            ],
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  modules/broken.lua:3: ')' expected near 'return'
                      2 | function M:compute(inputs
                   >  3 |   return {}
                  called  flow.lua:2

                """),
        Mistake(
            "a module that fails to load",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "broken", { x = 1 })
                return flow

                """,
            files: [
                "modules/broken.lua": """
                local limits = nil
                local M = vt.module { name = "broken", timeout = limits.seconds }
                return M

                """
            ],
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  modules/broken.lua:2: attempt to index a nil value (local 'limits')
                      1 | local limits = nil
                   >  2 | local M = vt.module { name = "broken", timeout = limits.seconds }
                  called  flow.lua:2

                """),
        Mistake(
            "a module with a wrong port",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "broken", { x = 1 })
                return flow

                """,
            files: [
                "modules/broken.lua": """
                -- a comment
                local M = vt.module { name = "broken", inputs = { x = "nubmer" } }
                return M

                """
            ],
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  modules/broken.lua:2: broken: input `x`: `nubmer` is not a port type; did you mean \
                `number`?
                      1 | -- a comment
                   >  2 | local M = vt.module { name = "broken", inputs = { x = "nubmer" } }
                  called  flow.lua:2

                """),
        Mistake(
            "a module that requires a broken one",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "outer", { x = 1 })
                return flow

                """,
            files: [
                "modules/outer.lua": """
                local inner = require "inner"
                return inner

                """,
                "modules/inner.lua": """
                local a = 1 +
                return a

                """,
            ],
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  modules/inner.lua:2: unexpected symbol near 'return'
                      1 | local a = 1 +
                   >  2 | return a
                  called  modules/outer.lua:1
                  called  flow.lua:2

                """),
        Mistake(
            "a module that requires one that is not there",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "outer", { x = 1 })
                return flow

                """,
            files: [
                "modules/outer.lua": """
                local inner = require "innner"
                return inner

                """,
                "modules/inner.lua": """
                return 1

                """,
            ],
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  modules/outer.lua:1: there is no module `innner`; did you mean `inner`?
                   >  1 | local inner = require "innner"
                  called  flow.lua:2

                """),
        Mistake(
            "modules that require each other",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "ping", { x = 1 })
                return flow

                """,
            files: [
                "modules/ping.lua": """
                local pong = require "pong"
                return pong

                """,
                "modules/pong.lua": """
                local ping = require "ping"
                return ping

                """,
            ],
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  modules/pong.lua:1: module `ping` is required while it is being loaded; modules \
                cannot require each other
                   >  1 | local ping = require "ping"
                  called  modules/ping.lua:1
                  called  flow.lua:2

                """),
        Mistake(
            "require of a module that is not there",
            flow: """
                local flow = vt.workflow { name = "f" }
                local helper = require "helpers.shape"
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: there is no module `helpers.shape`; looked in here, 'modules', the \
                library and package.path
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local helper = require "helpers.shape"

                """),
    ]
}
