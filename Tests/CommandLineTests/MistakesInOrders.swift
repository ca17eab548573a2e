// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In defaults and orders.
    static let inOrders: [Mistake] = [
        .control(
            "a default without inputs",
            """
            flow:add("c", "control.default", {})
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.default): both inputs are missing; give a port as \
                `value`, and `default`
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.default", {})

                """),
        .control(
            "a default without a default",
            """
            flow:add("c", "control.default", { value = a.y })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.default): input `default` is missing; it is the value in \
                place of nil
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.default", { value = a.y })

                """),
        .control(
            "a default that asks a port for failed",
            """
            flow:add("c", "control.default", { value = a.y, default = 1, failed = a.yes })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.default): `failed` must be true or false, not a port
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.default", { value = a.y, default = 1, fa...

                """),
        .control(
            "a default with a text for failed",
            """
            flow:add("c", "control.default", { value = a.y, default = 1, failed = "yes" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: control.default: input `failed`: boolean expected, got string
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.default", { value = a.y, default = 1, fa...

                """),
        .control(
            "a default with an unknown input",
            """
            flow:add("c", "control.default", { value = a.y, otherwise = 1 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.default) has no input `otherwise`; did you mean `default`?
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.default", { value = a.y, otherwise = 1 })

                """),
        .control(
            "an order without inputs",
            """
            flow:add("c", "control.order", {})
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.order): input `first` is missing; give an output port of \
                a node, or a table of such ports
                  flow.lua:3: `c` (control.order): input `second` is missing; give an output port \
                of a node, or a table of such ports

                """),
        .control(
            "an order without the second",
            """
            flow:add("c", "control.order", { first = a.y })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.order): input `second` is missing; give an output port \
                of a node, or a table of such ports
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.order", { first = a.y })

                """),
        .control(
            "an order with a constant",
            """
            flow:add("c", "control.order", { first = a.y, second = 3 })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.order): input `second` must be an output port of a node, \
                or a table of such ports
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.order", { first = a.y, second = 3 })

                """),
        .control(
            "an order with a parameter",
            """
            flow:add("c", "control.order", { first = flow.params.p, second = a.y })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.order): input `first` must be an output port of a node, \
                or a table of such ports
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.order", { first = flow.params.p, second ...

                """),
        .control(
            "an order with whole nodes",
            """
            flow:add("c", "control.order", { first = a, second = a })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: node `a` is not a value; write a.n, a.y or a.yes
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.order", { first = a, second = a })

                """),
        .control(
            "an order of one node",
            """
            flow:add("c", "control.order", { first = a.y, second = a.n })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.order): `first` and `second` have the same node; a node \
                cannot come before itself
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.order", { first = a.y, second = a.n })

                """),
        .control(
            "an order against a connection",
            """
            local b = flow:add("b", "say", { x = a.y })
            flow:add("c", "control.order", { first = b.y, second = a.y })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: a cycle: `a` -> `b` -> `a`; `c` (control.order) has `b` before `a`
                      3 | local b = flow:add("b", "say", { x = a.y })
                   >  4 | flow:add("c", "control.order", { first = b.y, second = a.y })

                """),
        .control(
            "two orders against each other",
            """
            local b = flow:add("b", "say", {})
            flow:add("c", "control.order", { first = a.y, second = b.y })
            flow:add("d", "control.order", { first = b.y, second = a.y })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:5: a cycle: `a` -> `b` -> `a`; `c` (control.order) has `a` before `b`; \
                `d` (control.order) has `b` before `a`
                      4 | flow:add("c", "control.order", { first = a.y, second = b.y })
                   >  5 | flow:add("d", "control.order", { first = b.y, second = a.y })

                """),
        .control(
            "an output of an order",
            """
            local b = flow:add("b", "say", {})
            flow:add("c", "control.order", { first = a.y, second = b.y })
            local d = flow:add("d", "control.order", { first = b.y, second = a.y }).done
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:5: `d` (control.order) has no output `done`; there are none
                      4 | flow:add("c", "control.order", { first = a.y, second = b.y })
                   >  5 | local d = flow:add("d", "control.order", { first = b.y, second ...

                """),
        .control(
            "an order with an unknown input",
            """
            flow:add("c", "control.order", { first = a.y, after = a.n })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `c` (control.order) has no input `after`; did you mean `second`?
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.order", { first = a.y, after = a.n })

                """),
        .control(
            "an order called depends",
            """
            flow:add("c", "control.depends", { first = a.y, second = a.y })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: there is no module `control.depends`; did you mean `control.order`?
                      2 | local a = flow:add("a", "say", { x = true })
                   >  3 | flow:add("c", "control.depends", { first = a.y, second = a.y })

                """),
    ]
}
