// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    private static let resume = """
        function M:resume(inputs, handle) return { y = 1 } end

        """

    /// In modules whose work goes on after the run, and in commands for it.
    static let inSuspension: [Mistake] = [
        Mistake(
            "a module that suspends itself without resume",
            compute: """
                function M:compute(inputs) self:suspend("job") end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  the module suspends itself, but it has no method `resume`; write function \
                M:resume(inputs, handle)
                  placed  flow.lua:2

                """),
        Mistake(
            "a module that suspends itself without a store",
            compute: """
                function M:compute(inputs) self:suspend("job") end
                \(resume)
                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  self:suspend needs a store; run without --store off and --no-cache
                  placed  flow.lua:2

                """),
        Mistake(
            "self.suspend with a dot",
            compute: """
                function M:compute(inputs) self.suspend("job") end
                \(resume)
                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:5: self.suspend is called with ':'; write self:suspend(...)
                      4 |
                   >  5 | function M:compute(inputs) self.suspend("job") end
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "suspending without a handle",
            compute: """
                function M:compute(inputs) self:suspend() end
                \(resume)
                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:5: self:suspend: the handle must be a string, a number or a \
                table of data, got nil
                      4 |
                   >  5 | function M:compute(inputs) self:suspend() end
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a function in a handle",
            compute: """
                function M:compute(inputs) self:suspend { look = function() end } end
                \(resume)
                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:5: self:suspend: the handle cannot be kept: .look is a function
                      4 |
                   >  5 | function M:compute(inputs) self:suspend { look = function() end...
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "suspending outside of a computation",
            compute: """
                M:suspend("job")

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  modules/bad.lua:5: `self:suspend` works only while a module computes in a run
                      4 |
                   >  5 | M:suspend("job")
                  called  flow.lua:2

                """),
        Mistake(
            "a sweep at a place that does not exist",
            run: ["sweep", "flow.lua", "-p", "x=1,2", "--on", "clusters"], flow: runsBad,
            exits: 2,
            says: """
                error: --on must be processes or cluster, got clusters; did you mean `cluster`?
                  See 'vtlua sweep --help' for more information.

                """),
        Mistake(
            "cancelling without a workflow", run: ["cancel"],
            exits: 2,
            says: """
                error: Missing expected argument '<flow.lua>'
                  <flow.lua>  The workflow's script.
                  See 'vtlua cancel --help' for more information.

                """),
        Mistake(
            "cancelling without a store", run: ["cancel", "flow.lua"],
            flow: """
                return vt.workflow { name = "f" }:outputs {}

                """,
            exits: 4, says: "error: this command needs a store, got --store off\n"),
        Mistake(
            "cancelling where nothing has run",
            run: ["cancel", "flow.lua", "--store", "store"],
            flow: """
                return vt.workflow { name = "f" }:outputs {}

                """,
            exits: 4,
            says: """
                error: there is no store in 'store'; run the workflow, or give the store's \
                directory with --store

                """),
    ]
}
