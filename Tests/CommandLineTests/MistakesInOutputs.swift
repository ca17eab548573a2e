// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In what `compute` returns.
    static let inOutputs: [Mistake] = [
        Mistake(
            "no compute",
            compute: "",
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  modules/bad.lua:1: module `bad` has no method `compute`; write function \
                M:compute(inputs)
                   >  1 | local M = vt.module {

                """),
        Mistake(
            "compute that is misspelt",
            compute: """
                function M:comptue(inputs)
                  return { y = 1 }
                end

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  modules/bad.lua:1: module `bad` has no method `compute`, but `comptue`; write \
                function M:compute(inputs)
                   >  1 | local M = vt.module {

                """),
        Mistake(
            "compute that is no function",
            compute: """
                M.compute = 3

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  modules/bad.lua:1: module `bad` has no method `compute`; write function \
                M:compute(inputs)
                   >  1 | local M = vt.module {

                """),
        Mistake(
            "compute with a dot",
            compute: """
                function M.compute(inputs)
                  return { y = inputs.x[1] }
                end

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  modules/bad.lua:1: module `bad` has a `compute` without `self`; write function \
                M:compute(inputs)
                   >  1 | local M = vt.module {

                """),
        Mistake(
            "compute returns nothing",
            compute: """
                function M:compute(inputs)
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in its outputs               run RRRR, 0 of 1 done
                  modules/bad.lua:5: compute returned nothing; end it with return { y = value }
                      4 |
                   >  5 | function M:compute(inputs)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "compute returns a number",
            compute: """
                function M:compute(inputs)
                  return 42
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in its outputs               run RRRR, 0 of 1 done
                  modules/bad.lua:5: compute returned a number; a table of outputs expected, such \
                as { y = value }
                      4 |
                   >  5 | function M:compute(inputs)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an output is missing",
            compute: """
                function M:compute(inputs)
                  return { y = nil }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in its outputs               run RRRR, 0 of 1 done
                  modules/bad.lua:5: output `y` (number) is nil; give it a value, or declare it \
                with optional = true
                      4 |
                   >  5 | function M:compute(inputs)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an output that was not declared",
            compute: """
                function M:compute(inputs)
                  return { y = 1, yy = 2 }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in its outputs               run RRRR, 0 of 1 done
                  modules/bad.lua:5: compute returned `yy`, which is not among the outputs; did \
                you mean `y`?
                      4 |
                   >  5 | function M:compute(inputs)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an output of another name",
            compute: """
                function M:compute(inputs)
                  return { result = 1 }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in its outputs               run RRRR, 0 of 1 done
                  modules/bad.lua:5: compute returned `result`, which is not among the outputs; \
                there is y
                      4 |
                   >  5 | function M:compute(inputs)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a misspelt output",
            compute: """
                function M:compute(inputs)
                  return { Y = 1 }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in its outputs               run RRRR, 0 of 1 done
                  modules/bad.lua:5: compute returned `Y`, which is not among the outputs; did you \
                mean `y`?
                      4 |
                   >  5 | function M:compute(inputs)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an output of the wrong type",
            compute: """
                function M:compute(inputs)
                  return { y = "3" }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in its outputs               run RRRR, 0 of 1 done
                  modules/bad.lua:5: output `y`: number expected, got string
                      4 |
                   >  5 | function M:compute(inputs)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an element of the wrong type",
            compute: """
                function M:compute(inputs)
                  return { y = { 1, 2, false } }
                end

                """,
            outputs: #"{ y = "list<number>" }"#,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in its outputs               run RRRR, 0 of 1 done
                  modules/bad.lua:5: output `y`: element 3: number expected, got boolean
                      4 |
                   >  5 | function M:compute(inputs)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an output with a number as its name",
            compute: """
                function M:compute(inputs)
                  return { y = 1, 2 }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in its outputs               run RRRR, 0 of 1 done
                  modules/bad.lua:5: compute returned the entry [1]; every output must have a name, such as { \
                y = value }
                      4 |
                   >  5 | function M:compute(inputs)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a file that was not written",
            compute: """
                function M:compute(inputs)
                  return { y = "out.csv" }
                end

                """,
            outputs: #"{ y = "file" }"#,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in its outputs               run RRRR, 0 of 1 done
                  modules/bad.lua:5: output `y`: 'out.csv': No such file or directory
                      4 |
                   >  5 | function M:compute(inputs)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
    ]
}
