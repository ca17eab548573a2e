// SPDX-License-Identifier: BSD-3-Clause

/// Mistakes with arrays in the code of a module: the message names the line of the module.
extension Mistake {
    static let withArrays: [Mistake] = [
        Mistake(
            "a method with NumPy's name",
            compute: """
                function M:compute(inputs)
                  return { y = array.from(inputs.x):cumsum() }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: array has no method 'cumsum'; did you mean 'cumulative_sum'?
                      5 | function M:compute(inputs)
                   >  6 |   return { y = array.from(inputs.x):cumsum() }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a misspelled function of array.linalg",
            compute: """
                function M:compute(inputs)
                  return { y = array.linalg.slove(array.eye(3), inputs.x) }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: array.linalg has no function 'slove'; did you mean 'solve'?
                      5 | function M:compute(inputs)
                   >  6 |   return { y = array.linalg.slove(array.eye(3), inputs.x) }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a function that another function computes: the line is the module's",
            compute: """
                function M:compute(inputs)
                  return { y = array.linalg.matrix_power({ { 0 } }, -1) }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: linalg.inv: the matrix is singular
                      5 | function M:compute(inputs)
                   >  6 |   return { y = array.linalg.matrix_power({ { 0 } }, -1) }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "sums over axes that do not fit",
            compute: """
                function M:compute(inputs)
                  return { y = array.tensordot(inputs.x, array.ones { 2, 2 }, 1) }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: tensordot: shapes (3) and (2, 2) do not fit: axis 1 of a is 3, \
                and axis 1 of b is 2
                      5 | function M:compute(inputs)
                   >  6 |   return { y = array.tensordot(inputs.x, array.ones { 2, 2 }, 1) }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a histogram with NaN",
            compute: """
                function M:compute(inputs)
                  local counts = array.histogram({ 1, 0 / 0, 3 })
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: histogram: the array has nan; leave it out by { skipnan = true \
                }, or give a range: { range = {0, 1} }
                      5 | function M:compute(inputs)
                   >  6 |   local counts = array.histogram({ 1, 0 / 0, 3 })
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
    ]
}
