// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// With parameters that are secret.
    static let withSecrets: [Mistake] = [
        Mistake(
            "a secret with a default",
            flow: """
                local flow = vt.workflow { name = "f", params = { token = { "string", secret = \
                true, default = "abcdef" } } }
                local n = flow:add("a", "math.double", { x = 2 })
                return flow:outputs { y = n.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: f: parameter `token`: a secret has no `default`, which would \
                stand in the script; write env = "NAME"
                   >  1 | local flow = vt.workflow { name = "f", params = { token = { "st...

                """),
        Mistake(
            "a secret with choices",
            flow: """
                local flow = vt.workflow { name = "f", params = { token = { "string", secret = \
                true, choices = { "abcdef" } } } }
                local n = flow:add("a", "math.double", { x = 2 })
                return flow:outputs { y = n.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: f: parameter `token`: a secret has no `choices`, which would \
                stand in the script; write env = "NAME"
                   >  1 | local flow = vt.workflow { name = "f", params = { token = { "st...

                """),
        Mistake(
            "a secret number",
            flow: """
                local flow = vt.workflow { name = "f", params = { token = { "integer", secret \
                = true } } }
                local n = flow:add("a", "math.double", { x = 2 })
                return flow:outputs { y = n.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: f: parameter `token`: `secret` applies to strings, not to integer
                   >  1 | local flow = vt.workflow { name = "f", params = { token = { "in...

                """),
        Mistake(
            "a secret that is not a boolean",
            flow: """
                local flow = vt.workflow { name = "f", params = { token = { "string", secret = \
                "yes" } } }
                local n = flow:add("a", "math.double", { x = 2 })
                return flow:outputs { y = n.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: f: parameter `token`: `secret`: boolean expected, got string
                   >  1 | local flow = vt.workflow { name = "f", params = { token = { "st...

                """),
        Mistake(
            "a number from the environment",
            flow: """
                local flow = vt.workflow { name = "f", params = { token = { "integer", env = \
                "N" } } }
                local n = flow:add("a", "math.double", { x = 2 })
                return flow:outputs { y = n.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: f: parameter `token`: `env` applies to strings, not to integer
                   >  1 | local flow = vt.workflow { name = "f", params = { token = { "in...

                """),
        Mistake(
            "an environment variable without a name",
            flow: """
                local flow = vt.workflow { name = "f", params = { token = { "string", env = "" \
                } } }
                local n = flow:add("a", "math.double", { x = 2 })
                return flow:outputs { y = n.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: f: parameter `token`: `env` must be the name of an environment \
                variable, got ''
                   >  1 | local flow = vt.workflow { name = "f", params = { token = { "st...

                """),
        Mistake(
            "a misspelt secret",
            flow: """
                local flow = vt.workflow { name = "f", params = { token = { "string", secert = \
                true } } }
                local n = flow:add("a", "math.double", { x = 2 })
                return flow:outputs { y = n.y }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: f: parameter `token`: unknown attribute `secert`; did you mean \
                `secret`?
                   >  1 | local flow = vt.workflow { name = "f", params = { token = { "st...

                """),
        Mistake(
            "a secret on the command line",
            run: ["run", "--progress", "none", "flow.lua", "-p", "token=hunter2"],
            flow: """
                local flow = vt.workflow { name = "f", params = { token = { "string", secret = \
                true } } }
                local n = flow:add("a", "math.double", { x = 2 })
                return flow:outputs { y = n.y }

                """,
            exits: 2,
            says: """
                error: parameter `token` is secret, and every user can see the command line; \
                write its value to a file, and give -p token=@FILE

                """),
        Mistake(
            "a secret without a value",
            flow: """
                local flow = vt.workflow { name = "f", params = { token = { "string", secret = \
                true } } }
                local n = flow:add("a", "math.double", { x = 2 })
                return flow:outputs { y = n.y }

                """,
            exits: 2,
            says: """
                error: parameter `token` (string) has no value; give it in a file, with \
                --params FILE or -p token=@FILE

                """),
        Mistake(
            "a secret whose variable is not set",
            flow: """
                local flow = vt.workflow { name = "f", params = { token = { "string", secret = \
                true, env = "VTLUA_NO_SUCH" } } }
                local n = flow:add("a", "math.double", { x = 2 })
                return flow:outputs { y = n.y }

                """,
            exits: 2,
            says: """
                error: parameter `token` (string) has no value; set the environment variable \
                VTLUA_NO_SUCH, or give it in a file, with --params FILE or -p token=@FILE

                """),
        Mistake(
            "a secret in a file that is not there",
            run: ["run", "--progress", "none", "flow.lua", "-p", "token=@no.txt"],
            flow: """
                local flow = vt.workflow { name = "f", params = { token = { "string", secret = \
                true } } }
                local n = flow:add("a", "math.double", { x = 2 })
                return flow:outputs { y = n.y }

                """,
            exits: 2,
            says: """
                error: parameter `token`: 'no.txt': No such file or directory

                """),
        Mistake(
            "a secret that is too short",
            run: ["run", "--progress", "none", "flow.lua", "-p", "token=@short.txt"],
            flow: """
                local flow = vt.workflow { name = "f", params = { token = { "string", secret = \
                true } } }
                local n = flow:add("a", "math.double", { x = 2 })
                return flow:outputs { y = n.y }

                """,
            files: ["short.txt": "abc\n"],
            exits: 2,
            says: """
                error: parameter `token`: a secret must have at least 4 characters

                """),
        Mistake(
            "a secret that is a number",
            run: ["run", "--progress", "none", "flow.lua", "--params", "number.json"],
            flow: """
                local flow = vt.workflow { name = "f", params = { token = { "string", secret = \
                true } } }
                local n = flow:add("a", "math.double", { x = 2 })
                return flow:outputs { y = n.y }

                """,
            files: ["number.json": "{\"token\": 12345678}\n"],
            exits: 2,
            says: """
                error: --params number.json: parameter `token`: expected a string, got a number

                """),
        Mistake(
            "a secret input of a module",
            flow: """
                local m = vt.module { name = "m", inputs = { token = { "string", secret = true \
                } } }
                return m

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: m: input `token`: `secret` applies to parameters of workflows
                   >  1 | local m = vt.module { name = "m", inputs = { token = { "string"...

                """),
    ]
}
