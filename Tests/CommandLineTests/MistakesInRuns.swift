// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// Limits, attempts, and what comes after a failure.
    static let inRuns: [Mistake] = [
        Mistake(
            "a module that takes too long",
            compute: """
                function M:compute(inputs)
                  while true do end
                end

                """,
            also: "timeout = 0.2,",
            exits: 6,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: timed out after 0.2 s
                      5 | function M:compute(inputs)
                   >  6 |   while true do end
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a time limit of the command line",
            run: ["run", "--progress", "none", "--timeout", "0.2", "flow.lua"],
            compute: """
                local function spin()
                  local n = 0
                  while true do n = n + 1 end
                end
                function M:compute(inputs)
                  spin()
                end

                """,
            exits: 6,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: timed out after 0.2 s
                      6 |   local n = 0
                   >  7 |   while true do n = n + 1 end
                  called  modules/bad.lua:10
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a module that fails three times",
            compute: """
                function M:compute(inputs)
                  error("no answer from the server")
                end

                """,
            also: "retries = 2,",
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: no answer from the server
                      5 | function M:compute(inputs)
                   >  6 |   error("no answer from the server")
                  inputs  x = list of 3
                  tried   3 times
                  placed  flow.lua:2

                """),
        Mistake(
            "a time limit, again and again",
            run: ["run", "--progress", "none", "--timeout", "0.1", "--retries", "1", "flow.lua"],
            compute: """
                function M:compute(inputs)
                  repeat until false
                end

                """,
            exits: 6,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: timed out after 0.1 s
                      5 | function M:compute(inputs)
                   >  6 |   repeat until false
                  inputs  x = list of 3
                  tried   2 times
                  placed  flow.lua:2

                """),
        Mistake(
            "a failure stops the run",
            flow: """
                local bad = vt.module { name = "bad", inputs = { x = { "any", optional = true } }, \
                outputs = { y = "number" } }
                function bad:compute() error("no luck") end
                local good = vt.module { name = "good", inputs = { x = { "any", optional = true } \
                }, outputs = { y = "number" } }
                function good:compute() return { y = 1 } end
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", bad)
                local b = flow:add("b", good, { x = a.y })
                local c = flow:add("c", good, { x = b.y })
                local d = flow:add("d", good)
                return flow:outputs { c = c.y, d = d.y }

                """,
            exits: 1,
            says: """
                error: `a` (bad 0) failed in compute                     run RRRR, 0 of 4 done
                  flow.lua:2: no luck
                      1 | local bad = vt.module { name = "bad", inputs = { x = { "any", o...
                   >  2 | function bad:compute() error("no luck") end
                  placed  flow.lua:6

                """),
        Mistake(
            "a failure with keep-going",
            run: ["run", "--progress", "none", "-k", "flow.lua"],
            flow: """
                local bad = vt.module { name = "bad", inputs = { x = { "any", optional = true } }, \
                outputs = { y = "number" } }
                function bad:compute() error("no luck") end
                local good = vt.module { name = "good", inputs = { x = { "any", optional = true } \
                }, outputs = { y = "number" } }
                function good:compute() return { y = 1 } end
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", bad)
                local b = flow:add("b", good, { x = a.y })
                local c = flow:add("c", good, { x = b.y })
                local d = flow:add("d", good)
                return flow:outputs { c = c.y, d = d.y }

                """,
            exits: 1,
            prints: """
                d = 1

                """,
            says: """
                error: `a` (bad 0) failed in compute                     run RRRR, 0 of 4 done
                  flow.lua:2: no luck
                      1 | local bad = vt.module { name = "bad", inputs = { x = { "any", o...
                   >  2 | function bad:compute() error("no luck") end
                  placed  flow.lua:6

                """),
        Mistake(
            "two failures with keep-going",
            run: ["run", "--progress", "none", "-k", "flow.lua"],
            flow: """
                local bad = vt.module { name = "bad", inputs = { x = { "any", optional = true } }, \
                outputs = { y = "number" } }
                function bad:compute() error("no luck") end
                local good = vt.module { name = "good", inputs = { x = { "any", optional = true } \
                }, outputs = { y = "number" } }
                function good:compute() return { y = 1 } end
                local flow = vt.workflow { name = "f" }
                local a = flow:add("a", bad)
                local b = flow:add("b", good, { x = a.y })
                local c = flow:add("c", good, { x = b.y })
                local d = flow:add("d", bad)
                return flow:outputs { c = c.y, d = d.y }

                """,
            exits: 1,
            says: """
                error: `a` (bad 0) failed in compute                     run RRRR, 0 of 4 done
                  flow.lua:2: no luck
                      1 | local bad = vt.module { name = "bad", inputs = { x = { "any", o...
                   >  2 | function bad:compute() error("no luck") end
                  placed  flow.lua:6
                error: `d` (bad 0) failed in compute                     run RRRR, 0 of 4 done
                  flow.lua:2: no luck
                      1 | local bad = vt.module { name = "bad", inputs = { x = { "any", o...
                   >  2 | function bad:compute() error("no luck") end
                  placed  flow.lua:9

                """),
    ]
}
