// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In `-p`.
    static let inParameters: [Mistake] = [
        Mistake(
            "a parameter that is not there",
            run: ["run", "--progress", "none", "flow.lua", "-p", "raduis=3"],
            flow: echo,
            exits: 2,
            says: """
                error: workflow `f` has no parameter `raduis`; did you mean `radius`?

                """),
        Mistake(
            "a parameter that nothing resembles",
            run: ["run", "--progress", "none", "flow.lua", "-p", "colour=red"],
            flow: echo,
            exits: 2,
            says: """
                error: workflow `f` has no parameter `colour`; there are count, how, list, on, \
                path, radius

                """),
        Mistake(
            "a parameter without =",
            run: ["run", "--progress", "none", "flow.lua", "-p", "radius"],
            flow: echo,
            exits: 2,
            says: """
                error: -p radius: write -p name=value

                """),
        Mistake(
            "a parameter without a name",
            run: ["run", "--progress", "none", "flow.lua", "-p", "=3"],
            flow: echo,
            exits: 2,
            says: """
                error: -p =3: write -p name=value

                """),
        Mistake(
            "a number that is none",
            run: ["run", "--progress", "none", "flow.lua", "-p", "radius=three"],
            flow: echo,
            exits: 2,
            says: """
                error: parameter `radius`: 'three' is not a valid number

                """),
        Mistake(
            "an integer that is none",
            run: ["run", "--progress", "none", "flow.lua", "-p", "count=2.5"],
            flow: echo,
            exits: 2,
            says: """
                error: parameter `count`: '2.5' is not a valid integer

                """),
        Mistake(
            "a boolean that is none",
            run: ["run", "--progress", "none", "flow.lua", "-p", "on=yes"],
            flow: echo,
            exits: 2,
            says: """
                error: parameter `on`: 'yes' is not a valid boolean; write true or false

                """),
        Mistake(
            "a list that is none",
            run: ["run", "--progress", "none", "flow.lua", "-p", "list=1,2"],
            flow: echo,
            exits: 2,
            says: """
                error: parameter `list`: '1,2' is not a valid list<number>; write JSON, such as [1, 2, 3]

                """),
        Mistake(
            "a list with a wrong element",
            run: ["run", "--progress", "none", "flow.lua", "-p", "list=[1, \"two\"]"],
            flow: echo,
            exits: 2,
            says: """
                error: parameter `list`: element 2: number expected, got string

                """),
        Mistake(
            "a number below the minimum",
            run: ["run", "--progress", "none", "flow.lua", "-p", "radius=-1"],
            flow: echo,
            exits: 2,
            says: """
                error: parameter `radius`: -1 is below the minimum 0

                """),
        Mistake(
            "a choice that is none",
            run: ["run", "--progress", "none", "flow.lua", "-p", "how=middle"],
            flow: echo,
            exits: 2,
            says: """
                error: parameter `how`: 'middle' is not one of 'low', 'high'

                """),
        Mistake(
            "a file that is not there",
            run: ["run", "--progress", "none", "flow.lua", "-p", "path=missing.csv"],
            flow: echo,
            exits: 2,
            says: """
                error: parameter `path`: 'missing.csv': No such file or directory

                """),
        Mistake(
            "a file that is not there, but nearly",
            run: ["run", "--progress", "none", "flow.lua", "-p", "path=modules/bda.lua"],
            flow: echo,
            files: ["modules/bad.lua": "return 1"],
            exits: 2,
            says: """
                error: parameter `path`: 'modules/bda.lua': No such file or directory; did you mean \
                'modules/bad.lua'?

                """),
        Mistake(
            "a file in a directory that is not there",
            run: ["run", "--progress", "none", "flow.lua", "-p", "path=absent/rows.csv"],
            flow: echo,
            exits: 2,
            says: """
                error: parameter `path`: 'absent/rows.csv': No such file or directory; there is no \
                directory 'absent'

                """),
        Mistake(
            "a directory where a file is expected",
            run: ["run", "--progress", "none", "flow.lua", "-p", "path=modules"],
            flow: echo,
            directories: ["modules"],
            exits: 2,
            says: """
                error: parameter `path`: 'modules' is a directory; expected a file

                """),
        Mistake(
            "-p without a value",
            run: ["run", "flow.lua", "-p"],
            flow: echo,
            exits: 2,
            says: """
                error: Missing value for '-p <name=value>'
                  -p <name=value>  Set a parameter; `vtlua doc FLOW` lists them.
                  See 'vtlua run --help' for more information.

                """),
    ]
}
