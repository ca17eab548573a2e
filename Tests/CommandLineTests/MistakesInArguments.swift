// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In the rest of the command line.
    static let inArguments: [Mistake] = [
        Mistake(
            "no flow",
            run: ["run"],
            flow: echo,
            exits: 2,
            says: """
                error: Missing expected argument '<flow.lua>'
                  <flow.lua>  The workflow's script.
                  See 'vtlua run --help' for more information.

                """),
        Mistake(
            "a flow that is not there",
            run: ["run", "missing.lua"],
            flow: echo,
            exits: 2,
            says: """
                error: cannot read 'missing.lua': No such file or directory; scripts in the same directory: \
                flow.lua

                """),
        Mistake(
            "a flow that is not there, but nearly",
            run: ["run", "folw.lua"],
            flow: echo,
            exits: 2,
            says: """
                error: cannot read 'folw.lua': No such file or directory; did you mean 'flow.lua'?

                """),
        Mistake(
            "a directory as a flow",
            run: ["run", "modules"],
            flow: echo,
            directories: ["modules"],
            exits: 2,
            says: """
                error: 'modules' is a directory; give the script in it, such as modules/flow.lua

                """),
        Mistake(
            "a flow in a directory that is not there",
            run: ["run", "nowhere/flow.lua"],
            flow: echo,
            exits: 2,
            says: """
                error: cannot read 'nowhere/flow.lua': No such file or directory

                """),
        Mistake(
            "check of a flow that is not there",
            run: ["check", "missing.lua"],
            flow: echo,
            exits: 2,
            says: """
                error: cannot read 'missing.lua': No such file or directory; scripts in the same directory: \
                flow.lua

                """),
        Mistake(
            "graph of a flow that is not there",
            run: ["graph", "missing.lua"],
            flow: echo,
            exits: 2,
            says: """
                error: cannot read 'missing.lua': No such file or directory; scripts in the same directory: \
                flow.lua

                """),
        Mistake(
            "an unknown format",
            run: ["graph", "flow.lua", "-f", "png"],
            flow: echo,
            exits: 2,
            says: """
                error: The value 'png' is invalid for '-f <format>'. Please provide one of 'dot', \
                'mermaid', 'svg' or 'json'.
                  -f <format>  Select the output format.
                  See 'vtlua graph --help' for more information.

                """),
        Mistake(
            "an unknown subcommand of new",
            run: ["new", "thing", "x"],
            flow: echo,
            exits: 2,
            says: """
                error: 2 unexpected arguments: 'thing', 'x'
                  See 'vtlua new --help' for more information.

                """),
        Mistake(
            "a workflow's name with a dot",
            run: ["new", "flow", "img.soften"],
            flow: echo,
            exits: 2,
            says: """
                error: a workflow's name cannot contain dots, got 'img.soften'
                  See 'vtlua new flow --help' for more information.

                """),
        Mistake(
            "a name that is none",
            run: ["new", "module", "7up"],
            flow: echo,
            exits: 2,
            says: """
                error: '7up' is not a valid name; use letters, digits and _, as in img.blur
                  See 'vtlua new module --help' for more information.

                """),
        Mistake(
            "a name with a part missing",
            run: ["new", "module", "img..blur"],
            flow: echo,
            exits: 2,
            says: """
                error: 'img..blur' is not a valid name; use letters, digits and _, as in img.blur
                  See 'vtlua new module --help' for more information.

                """),
        Mistake(
            "a workflow that is there already",
            run: ["new", "flow", "flow"],
            flow: echo,
            exits: 1,
            says: """
                error: 'flow.lua' already exists; choose another name

                """),
        Mistake(
            "a module where a file is in the way",
            run: ["new", "module", "img.blur"],
            flow: echo,
            files: [
                "modules": """
                a file

                """
            ],
            exits: 1,
            says: """
                error: cannot write 'modules/img/blur.lua': Not a directory

                """),
        Mistake(
            "a check of an invalid flow",
            run: ["check", "flow.lua"],
            flow: """
                local echo = vt.module {
                  name = "echo",
                  inputs = { radius = "number", how = "any", list = "any", on = "any", path = \
                "any", count = "any" },
                  outputs = { radius = "number" },
                }
                function echo:compute(inputs) return { radius = inputs.radius } end
                local flow = vt.workflow {
                  name = "f",
                  params = {
                    radius = { "number", default = 2, min = 0, max = 64 },
                    count = { "integer", default = 3 },
                    how = { "string", default = "low", choices = { "low", "high" } },
                    list = { "list<number>", default = { 1 } },
                    on = { "boolean", default = true },
                    path = { "file", default = "flow.lua" },
                  },
                }
                local p = flow.params
                local a = flow:add("alpha", echo, { radius = p.how, how = p.how, list = p.list, on \
                = p.on, path = p.path, count = p.count })
                return flow:outputs { radius = a.radius }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:19: echo: input `radius` takes number, but parameter `how` is string
                     18 | local p = flow.params
                   > 19 | local a = flow:add("alpha", echo, { radius = p.how, how = p.how...

                """),
        Mistake(
            "a graph of an invalid flow",
            run: ["graph", "flow.lua"],
            flow: """
                local echo = vt.module {
                  name = "echo",
                  inputs = { radius = "number", how = "any", list = "any", on = "any", path = \
                "any", count = "any" },
                  outputs = { radius = "number" },
                }
                function echo:compute(inputs) return { radius = inputs.radius } end
                local flow = vt.workflow {
                  name = "f",
                  params = {
                    radius = { "number", default = 2, min = 0, max = 64 },
                    count = { "integer", default = 3 },
                    how = { "string", default = "low", choices = { "low", "high" } },
                    list = { "list<number>", default = { 1 } },
                    on = { "boolean", default = true },
                    path = { "file", default = "flow.lua" },
                  },
                }
                local p = flow.params
                local a = flow:add("alpha", echo, { radius = p.how, how = p.how, list = p.list, on \
                = p.on, path = p.path, count = p.count })
                return flow:outputs { radius = a.radius }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:19: echo: input `radius` takes number, but parameter `how` is string
                     18 | local p = flow.params
                   > 19 | local a = flow:add("alpha", echo, { radius = p.how, how = p.how...

                """),
        Mistake(
            "bytecode as a flow",
            run: ["run", "flow.lua"],
            flow: Bytes([
                0x1b, 0x4c, 0x75, 0x61, 0x54, 0x00, 0x19, 0x93, 0x0d, 0x0a, 0x1a, 0x0a, 0x04, 0x08,
                0x08,
            ]),
            exits: 3,
            says: """
                error: 'flow.lua' is bytecode; give the script it was made from

                """),
        Mistake(
            "a parameter without a value",
            flow: """
                local echo = vt.module {
                  name = "echo",
                  inputs = { radius = "number", how = "any", list = "any", on = "any", path = \
                "any", count = "any" },
                  outputs = { radius = "number" },
                }
                function echo:compute(inputs) return { radius = inputs.radius } end
                local flow = vt.workflow {
                  name = "f",
                  params = {
                    radius = { "number", min = 0, max = 64 },
                    count = { "integer", default = 3 },
                    how = { "string", default = "low", choices = { "low", "high" } },
                    list = { "list<number>", default = { 1 } },
                    on = { "boolean", default = true },
                    path = { "file", default = "flow.lua" },
                  },
                }
                local p = flow.params
                local a = flow:add("alpha", echo, { radius = p.radius, how = p.how, list = p.list, \
                on = p.on, path = p.path, count = p.count })
                return flow:outputs { radius = a.radius }

                """,
            exits: 2,
            says: """
                error: parameter `radius` (number) has no value; give it with -p radius=...

                """),
        Mistake(
            "a parameter of the command line, and one of the flow",
            run: ["check", "flow.lua", "-p", "colour=red"],
            flow: echo,
            exits: 2,
            says: """
                error: workflow `f` has no parameter `colour`; there are count, how, list, on, \
                path, radius

                """),
    ]
}
