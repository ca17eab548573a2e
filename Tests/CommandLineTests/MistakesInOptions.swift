// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In the options of the subcommands.
    static let inOptions: [Mistake] = [
        Mistake(
            "a node that is not there",
            run: ["run", "--progress", "none", "flow.lua", "-t", "alhpa"],
            flow: echo,
            exits: 2,
            says: """
                error: there is no node `alhpa`; did you mean `alpha`?

                """),
        Mistake(
            "a node that nothing resembles",
            run: ["run", "--progress", "none", "flow.lua", "-t", "zebra"],
            flow: echo,
            exits: 2,
            says: """
                error: there is no node `zebra`; there is alpha

                """),
        Mistake(
            "a time limit of nothing",
            run: ["run", "--progress", "none", "flow.lua", "--timeout", "0"],
            flow: echo,
            exits: 2,
            says: """
                error: --timeout must be positive, got 0.0
                  See 'vtlua run --help' for more information.

                """),
        Mistake(
            "a time limit that is no number",
            run: ["run", "--progress", "none", "flow.lua", "--timeout", "soon"],
            flow: echo,
            exits: 2,
            says: """
                error: The value 'soon' is invalid for '--timeout <s>'
                  --timeout <s>  Limit modules that set no timeout to S seconds.
                  See 'vtlua run --help' for more information.

                """),
        Mistake(
            "retries below zero",
            run: ["run", "--progress", "none", "flow.lua", "--retries=-1"],
            flow: echo,
            exits: 2,
            says: """
                error: --retries must be at least 0, got -1
                  See 'vtlua run --help' for more information.

                """),
        Mistake(
            "an unknown option",
            run: ["run", "--progress", "none", "flow.lua", "--keepgoing"],
            flow: echo,
            exits: 2,
            says: """
                error: Unknown option '--keepgoing'. Did you mean '--keep-going'?
                  See 'vtlua run --help' for more information.

                """),
        Mistake(
            "an unknown way to show progress",
            run: ["run", "flow.lua", "--progress", "fancy"],
            flow: echo,
            exits: 2,
            says: """
                error: The value 'fancy' is invalid for '--progress <progress>'. Please provide \
                one of 'auto', 'bar', 'plain', 'json' or 'none'.
                  --progress <progress>  Select the form of progress on standard error.
                  See 'vtlua run --help' for more information.

                """),
        Mistake(
            "two flows",
            run: ["run", "flow.lua", "other.lua"],
            flow: echo,
            exits: 2,
            says: """
                error: Unexpected argument 'other.lua'
                  See 'vtlua run --help' for more information.

                """),
        Mistake(
            "a parameter without its option",
            run: ["run", "flow.lua", "radius=3"],
            flow: echo,
            exits: 2,
            says: """
                error: Unexpected argument 'radius=3'; to set a parameter, write -p 'radius=3'
                  See 'vtlua run --help' for more information.

                """),
        Mistake(
            "a range without quotes",
            run: ["sweep", "flow.lua", "-p", "radius=1..3", "step", "2"],
            flow: echo,
            exits: 2,
            says: """
                error: 2 unexpected arguments: 'step', '2'; quote a range with a step: \
                -p 'x=0..1 step 0.25'
                  See 'vtlua sweep --help' for more information.

                """),
    ]
}
