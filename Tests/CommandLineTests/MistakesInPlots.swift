// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In what plots are given.
    static let inPlots: [Mistake] = [
        Mistake(
            "a column that the data does not have",
            flow: plot(
                #""plot.points", { data = { temp = { 1 }, rain = { 2 } }, x = "tmp", y = "rain" }"#),
            exits: 1,
            says: """
                error: `p` (plot.points 1.0.0) failed in compute         run RRRR, 0 of 1 done
                  points: `x`: there is no column `tmp`; did you mean `temp`?
                  inputs  data = table of 2   x = "tmp"   y = "rain"
                  placed  flow.lua:2

                """),
        Mistake(
            "a column that was read as text",
            flow: plot(#""plot.histogram", { values = { "3", "4" } }"#),
            exits: 1,
            says: """
                error: `p` (plot.histogram 1.0.0) failed in compute      run RRRR, 0 of 1 done
                  histogram: `values`: expected numbers, got texts that are numbers; read them with \
                the type "number"
                  inputs  values = list of 2
                  placed  flow.lua:2

                """),
        Mistake(
            "bars of rows that were not summed",
            flow: plot(#""plot.bars", { x = { "a", "b", "a" }, y = { 3, 4, 5 } }"#),
            exits: 1,
            says: """
                error: `p` (plot.bars 1.0.0) failed in compute           run RRRR, 0 of 1 done
                  bars: `x` has `a` twice, at 1 and 3; sum or average the values of each first
                  inputs  x = list of 3   y = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a misspelt option of a figure",
            flow: plot(#""plot.lines", { y = { 1, 2 }, figure = { y_axis = { lable = "m" } } }"#),
            exits: 1,
            says: """
                error: `p` (plot.lines 1.1.0) failed in compute          run RRRR, 0 of 1 done
                  y_axis: unknown option `lable`; did you mean `label`?
                  inputs  figure = table of 1   y = list of 2
                  placed  flow.lua:2

                """),
        Mistake(
            "an input beside a figure with series",
            flow: plot(
                #""plot.lines", { x = { 1 }, figure = { series = { { x = { 1 }, y = { 1 } } } } }"#),
            exits: 1,
            says: """
                error: `p` (plot.lines 1.1.0) failed in compute          run RRRR, 0 of 1 done
                  input `x`: `figure` has `series`, whose options these are; give one of them
                  inputs  figure = table of 1   x = list of 1
                  placed  flow.lua:2

                """),
        Mistake(
            "the name of an internal part is not suggested",
            flow: plot(#""plot.image_", { image = { { 1 } } }"#),
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: there is no module `plot.image_`; did you mean `plot.image`?
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local p = flow:add("p", "plot.image_", { image = { { 1 } } })

                """),
    ]

    /// A workflow with one plot.
    private static func plot(_ node: String) -> Bytes {
        Bytes(
            """
            local flow = vt.workflow { name = "f" }
            local p = flow:add("p", \(node))
            return flow:outputs { svg = p.svg }

            """)
    }
}
