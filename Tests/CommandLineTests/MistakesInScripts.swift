// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In the Lua of a workflow's script.
    static let inScripts: [Mistake] = [
        Mistake(
            "arithmetic on a port",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double", { x = 1 })
                local b = flow:add("b", "math.double", { x = a.y + 1 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `a.y` is a port, which has no value before the workflow runs; give it to a \
                module, and use the value in its compute
                      2 | local a = flow:add("a", "math.double", { x = 1 })
                   >  3 | local b = flow:add("b", "math.double", { x = a.y + 1 })

                """),
        Mistake(
            "an error in a function of the flow",
            flow: """
                local flow = vt.workflow { name = "f" }
                local function place(n)
                  return n.missing.field
                end
                local function build()
                  place({})
                end
                build()
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: attempt to index a nil value (field 'missing')
                      2 | local function place(n)
                   >  3 |   return n.missing.field
                  called  flow.lua:6 in 'build'
                  called  flow.lua:8

                """),
        Mistake(
            "a syntax error",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "math.double" { x = 1 })
                return flow return

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: ')' expected near '{'
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "math.double" { x = 1 })

                """),
        Mistake(
            "an end that is missing",
            flow: """
                local flow = vt.workflow { name = "f" }
                for i = 1, 3 do
                  flow:add("n" .. i, "math.double", { x = i })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:5: 'end' expected (to close 'for' at line 2) near <eof>
                      4 | return flow
                   >  5 |

                """),
        Mistake(
            "a flow that returns nothing",
            flow: """
                local flow = vt.workflow { name = "f" }
                flow:add("a", "math.double", { x = 1 })

                """,
            exits: 3,
            says: """
                error: 'flow.lua' returns nothing, not a workflow; end it with `return flow`

                """),
        Mistake(
            "a flow that returns a number",
            flow: """
                return 42

                """,
            exits: 3,
            says: """
                error: 'flow.lua' returns a number, not a workflow; end it with `return flow`

                """),
        Mistake(
            "a flow that returns a module",
            flow: """
                return vt.module { name = "one" }

                """,
            exits: 3,
            says: """
                error: 'flow.lua' returns a vt.module, not a workflow; run a workflow that adds the module: \
                flow:add("name", module, { ... })

                """),
        Mistake(
            "an empty flow",
            flow: "",
            exits: 3,
            says: """
                error: 'flow.lua' returns nothing, not a workflow; end it with `return flow`

                """),
        Mistake(
            "a flow that calls os.exit",
            flow: """
                os.exit(9)

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: os.exit would end vtlua; use error(message), or return the workflow
                   >  1 | os.exit(9)

                """),
        Mistake(
            "a flow that throws nil",
            flow: """
                error(nil)

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: nil was thrown; give error() a message
                   >  1 | error(nil)

                """),
        Mistake(
            "a flow that throws a table",
            flow: """
                error({ code = 3 })

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: a table was thrown: { code = 3 }
                   >  1 | error({ code = 3 })

                """),
        Mistake(
            "a flow that throws a table that prints itself",
            flow: """
                error(setmetatable({}, { __tostring = function() return "out of cheese" end }))

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: out of cheese
                   >  1 | error(setmetatable({}, { __tostring = function() return "out of...

                """),
    ]
}
