// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In `--params`.
    static let inParameterFiles: [Mistake] = [
        Mistake(
            "a parameter file that is not there",
            run: ["run", "--progress", "none", "flow.lua", "--params", "missing.json"],
            flow: echo,
            exits: 2,
            says: """
                error: --params missing.json: No such file or directory

                """),
        Mistake(
            "a parameter file that does not parse",
            run: ["run", "--progress", "none", "flow.lua", "--params", "p.json"],
            flow: echo,
            files: [
                "p.json": """
                {
                  "radius": 3,
                  "count" 4
                }

                """
            ],
            exits: 2,
            says: """
                error: --params p.json:3:11: expected `:` after a key, got `4`

                """),
        Mistake(
            "a parameter file with an unknown name",
            run: ["run", "--progress", "none", "flow.lua", "--params", "p.json"],
            flow: echo,
            files: [
                "p.json": """
                {"raduis": 3}

                """
            ],
            exits: 2,
            says: """
                error: --params p.json: workflow `f` has no parameter `raduis`; did you mean \
                `radius`?

                """),
        Mistake(
            "a parameter file with a wrong type",
            run: ["run", "--progress", "none", "flow.lua", "--params", "p.json"],
            flow: echo,
            files: [
                "p.json": """
                {"radius": "three"}

                """
            ],
            exits: 2,
            says: """
                error: --params p.json: parameter `radius`: number expected, got string

                """),
        Mistake(
            "a parameter file that is a list",
            run: ["run", "--progress", "none", "flow.lua", "--params", "p.json"],
            flow: echo,
            files: [
                "p.json": """
                [1, 2]

                """
            ],
            exits: 2,
            says: """
                error: --params p.json: it has values without names; write {"name": value}

                """),
        Mistake(
            "a parameter file that is a number",
            run: ["run", "--progress", "none", "flow.lua", "--params", "p.json"],
            flow: echo,
            files: [
                "p.json": """
                7

                """
            ],
            exits: 2,
            says: """
                error: --params p.json: it gives a number; write {"name": value}

                """),
        Mistake(
            "an empty parameter file",
            run: ["run", "--progress", "none", "flow.lua", "--params", "p.json"],
            flow: echo,
            files: [
                "p.json": ""
            ],
            exits: 2,
            says: """
                error: --params p.json:1:1: expected a value, got the end of the text

                """),
        Mistake(
            "a parameter script that does not parse",
            run: ["run", "--progress", "none", "flow.lua", "--params", "p.lua"],
            flow: echo,
            files: [
                "p.lua": """
                return {
                  radius == 3,,
                }

                """
            ],
            exits: 2,
            says: """
                error: --params p.lua:2: unexpected symbol near ','

                """),
        Mistake(
            "a parameter script that fails",
            run: ["run", "--progress", "none", "flow.lua", "--params", "p.lua"],
            flow: echo,
            files: [
                "p.lua": """
                local t = nil
                return { radius = t.x }

                """
            ],
            exits: 2,
            says: """
                error: --params p.lua:2: attempt to index a nil value (local 't')

                """),
        Mistake(
            "a parameter script that returns nothing",
            run: ["run", "--progress", "none", "flow.lua", "--params", "p.lua"],
            flow: echo,
            files: [
                "p.lua": """
                radius = 3

                """
            ],
            exits: 2,
            says: """
                error: --params p.lua: it gives nothing; write return { name = value }

                """),
        Mistake(
            "a parameter script that is not there",
            run: ["run", "--progress", "none", "flow.lua", "--params", "p.lua"],
            flow: echo,
            exits: 2,
            says: """
                error: --params p.lua: No such file or directory

                """),
        Mistake(
            "a parameter file that is a directory",
            run: ["run", "--progress", "none", "flow.lua", "--params", "modules"],
            flow: echo,
            directories: ["modules"],
            exits: 2,
            says: """
                error: --params modules: Is a directory

                """),
    ]
}
