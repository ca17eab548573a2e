// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In the bytes and the paths of scripts.
    static let inFiles: [Mistake] = [
        Mistake(
            "a module's name that is no text",
            flow: Bytes([
                0x6c, 0x6f, 0x63, 0x61, 0x6c, 0x20, 0x66, 0x6c, 0x6f, 0x77, 0x20, 0x3d, 0x20, 0x76,
                0x74, 0x2e, 0x77, 0x6f, 0x72, 0x6b, 0x66, 0x6c, 0x6f, 0x77, 0x20, 0x7b, 0x20, 0x6e,
                0x61, 0x6d, 0x65, 0x20, 0x3d, 0x20, 0x22, 0x66, 0x22, 0x20, 0x7d, 0x0a, 0x66, 0x6c,
                0x6f, 0x77, 0x3a, 0x61, 0x64, 0x64, 0x28, 0x22, 0x61, 0x22, 0x2c, 0x20, 0x22, 0x63,
                0x61, 0x66, 0xe9, 0x22, 0x29, 0x0a, 0x72, 0x65, 0x74, 0x75, 0x72, 0x6e, 0x20, 0x66,
                0x6c, 0x6f, 0x77, 0x0a,
            ]),
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: the module's name is not UTF-8; save the script as UTF-8
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | flow:add("a", "caf�")

                """),
        Mistake(
            "a node's name that is no text",
            flow: Bytes([
                0x6c, 0x6f, 0x63, 0x61, 0x6c, 0x20, 0x66, 0x6c, 0x6f, 0x77, 0x20, 0x3d, 0x20, 0x76,
                0x74, 0x2e, 0x77, 0x6f, 0x72, 0x6b, 0x66, 0x6c, 0x6f, 0x77, 0x20, 0x7b, 0x20, 0x6e,
                0x61, 0x6d, 0x65, 0x20, 0x3d, 0x20, 0x22, 0x66, 0x22, 0x20, 0x7d, 0x0a, 0x66, 0x6c,
                0x6f, 0x77, 0x3a, 0x61, 0x64, 0x64, 0x28, 0x22, 0x63, 0x61, 0x66, 0xe9, 0x22, 0x2c,
                0x20, 0x22, 0x6d, 0x61, 0x74, 0x68, 0x2e, 0x64, 0x6f, 0x75, 0x62, 0x6c, 0x65, 0x22,
                0x2c, 0x20, 0x7b, 0x20, 0x78, 0x20, 0x3d, 0x20, 0x31, 0x20, 0x7d, 0x29, 0x0a, 0x72,
                0x65, 0x74, 0x75, 0x72, 0x6e, 0x20, 0x66, 0x6c, 0x6f, 0x77, 0x0a,
            ]),
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: bad argument #1 to 'add' (the string is not UTF-8; save the script \
                as UTF-8)
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | flow:add("caf�", "math.double", { x = 1 })

                """),
        Mistake(
            "an input's name that is no text",
            flow: Bytes([
                0x6c, 0x6f, 0x63, 0x61, 0x6c, 0x20, 0x66, 0x6c, 0x6f, 0x77, 0x20, 0x3d, 0x20, 0x76,
                0x74, 0x2e, 0x77, 0x6f, 0x72, 0x6b, 0x66, 0x6c, 0x6f, 0x77, 0x20, 0x7b, 0x20, 0x6e,
                0x61, 0x6d, 0x65, 0x20, 0x3d, 0x20, 0x22, 0x66, 0x22, 0x20, 0x7d, 0x0a, 0x66, 0x6c,
                0x6f, 0x77, 0x3a, 0x61, 0x64, 0x64, 0x28, 0x22, 0x61, 0x22, 0x2c, 0x20, 0x22, 0x6d,
                0x61, 0x74, 0x68, 0x2e, 0x64, 0x6f, 0x75, 0x62, 0x6c, 0x65, 0x22, 0x2c, 0x20, 0x7b,
                0x20, 0x5b, 0x22, 0x63, 0x61, 0x66, 0xe9, 0x22, 0x5d, 0x20, 0x3d, 0x20, 0x31, 0x20,
                0x7d, 0x29, 0x0a, 0x72, 0x65, 0x74, 0x75, 0x72, 0x6e, 0x20, 0x66, 0x6c, 0x6f, 0x77,
                0x0a,
            ]),
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a`: an input's name is not UTF-8; save the script as UTF-8
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | flow:add("a", "math.double", { ["caf�"] = 1 })

                """),
        Mistake(
            "a byte order mark",
            flow: """
                ﻿local flow = vt.workflow { name = "f" }
                return flow.x

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: a workflow has no `x`; there are add, connect, name, outputs, \
                params, run
                      1 | ﻿local flow = vt.workflow { name = "f" }
                   >  2 | return flow.x

                """),
        Mistake(
            "a line that begins with #",
            flow: """
                #!/usr/bin/env vtlua
                local flow = vt.workflow { name = "f" }
                return flow.x

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: a workflow has no `x`; there are add, connect, name, outputs, \
                params, run
                      2 | local flow = vt.workflow { name = "f" }
                   >  3 | return flow.x

                """),
        Mistake(
            "a module that is bytecode",
            flow: """
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", "broken", { x = 1 })
                return flow

                """,
            files: [
                "modules/broken.lua": Bytes([0x1b, 0x4c, 0x75, 0x61, 0x54, 0x00, 0x19, 0x93])
            ],
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: 'modules/broken.lua' is bytecode; module `broken` must be a script
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "broken", { x = 1 })

                """),
        Mistake(
            "a path with more letters than Lua shows",
            run: ["run", "a-directory-with-a-very-long-name/and-another-one-inside-it/flow.lua"],
            flow: """
                local flow = vt.workflow { name = "f" }
                flow:add()
                return flow

                """,
            files: [
                "a-directory-with-a-very-long-name/and-another-one-inside-it/flow.lua": """
                local flow = vt.workflow { name = 'f' }
                local x = = 1

                """
            ],
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  a-directory-with-a-very-long-name/and-another-one-inside-it/flow.lua:2: \
                unexpected symbol near '='
                      1 | local flow = vt.workflow { name = 'f' }
                   >  2 | local x = = 1

                """),
        Mistake(
            "a module's path with more letters than Lua shows",
            run: ["run", "a-directory-with-a-very-long-name/and-another-one-inside-it/flow.lua"],
            flow: "",
            files: [
                "a-directory-with-a-very-long-name/and-another-one-inside-it/flow.lua": """
                local flow = vt.workflow { name = 'f' }
                flow:add('a', 'late')

                """,
                "a-directory-with-a-very-long-name/and-another-one-inside-it/modules/late.lua": """
                local M = vt.module {
                name = ,
                }

                """,
            ],
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  a-directory-with-a-very-long-name/and-another-one-inside-it/modules/late.lua:2: \
                unexpected symbol near ','
                      1 | local M = vt.module {
                   >  2 | name = ,
                  called  a-directory-with-a-very-long-name/and-another-one-inside-it/flow.lua:2

                """),
        Mistake(
            "an error of the flow in a long path",
            run: ["run", "a-directory-with-a-very-long-name/and-another-one-inside-it/flow.lua"],
            flow: "",
            files: [
                "a-directory-with-a-very-long-name/and-another-one-inside-it/flow.lua": """
                local flow = vt.workflow { name = 'f' }
                flow:add('a', nil)

                """
            ],
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  a-directory-with-a-very-long-name/and-another-one-inside-it/flow.lua:2: `a`: a \
                module's name, a vt.module or a workflow expected, got nil
                      1 | local flow = vt.workflow { name = 'f' }
                   >  2 | flow:add('a', nil)

                """),
        Mistake(
            "bytes that are no text in a flow",
            flow: Bytes([
                0x6c, 0x6f, 0x63, 0x61, 0x6c, 0x20, 0x66, 0x6c, 0x6f, 0x77, 0x20, 0x3d, 0x20, 0x76,
                0x74, 0x2e, 0x77, 0x6f, 0x72, 0x6b, 0x66, 0x6c, 0x6f, 0x77, 0x20, 0x7b, 0x20, 0x6e,
                0x61, 0x6d, 0x65, 0x20, 0x3d, 0x20, 0x22, 0x63, 0x61, 0x66, 0xe9, 0x22, 0x20, 0x7d,
                0x0a, 0x66, 0x6c, 0x6f, 0x77, 0x3a, 0x61, 0x64, 0x64, 0x28, 0x22, 0x61, 0x22, 0x2c,
                0x20, 0x22, 0x6d, 0x61, 0x74, 0x68, 0x2e, 0x64, 0x75, 0x62, 0x6c, 0x65, 0xff, 0x22,
                0x2c, 0x20, 0x7b, 0x7d, 0x29, 0x0a, 0x72, 0x65, 0x74, 0x75, 0x72, 0x6e, 0x20, 0x66,
                0x6c, 0x6f, 0x77, 0x0a,
            ]),
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: vt.workflow: `name`: the string is not UTF-8; save the script as UTF-8
                   >  1 | local flow = vt.workflow { name = "caf�" }

                """),
        Mistake(
            "bytes that are no text where they are not allowed",
            flow: Bytes([
                0x6c, 0x6f, 0x63, 0x61, 0x6c, 0x20, 0x66, 0x6c, 0x6f, 0x77, 0x20, 0x3d, 0x20, 0xff,
                0xfe, 0x0a,
            ]),
            exits: 3,
            says: #"""
                error: the workflow is invalid                                     nothing ran
                  flow.lua:1: unexpected symbol near '<\255>'
                   >  1 | local flow = ��

                """#),
        Mistake(
            "nothing to run in a nested workflow",
            flow: """
                local flow = vt.workflow { name = "f" }
                local inner = vt.workflow { name = "inner", params = { x = "number" } }
                inner:add("core", "math.double")
                flow:add("group", inner, { x = 2 })
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `group/core` (math.double): input `x` (number) is missing
                      2 | local inner = vt.workflow { name = "inner", params = { x = "num...
                   >  3 | inner:add("core", "math.double")

                """),
        Mistake(
            "a nested workflow without its parameter",
            flow: """
                local flow = vt.workflow { name = "f" }
                local inner = vt.workflow { name = "inner", params = { x = "number" } }
                inner:add("core", "math.double", { x = inner.params.x })
                flow:add("group", inner)
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: `group` (inner): input `x` (number) is missing
                      3 | inner:add("core", "math.double", { x = inner.params.x })
                   >  4 | flow:add("group", inner)

                """),
    ]
}
