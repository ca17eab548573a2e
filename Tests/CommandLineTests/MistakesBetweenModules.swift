// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// Between modules, and in odd places.
    static let betweenModules: [Mistake] = [
        Mistake(
            "an error in a nested workflow",
            flow: """
                local bad = vt.module { name = "bad", inputs = { x = "number" }, outputs = { y = \
                "number" } }
                function bad:compute(inputs) return { y = inputs.x.z } end
                local inner = vt.workflow { name = "inner", params = { x = "number" } }
                local core = inner:add("core", bad, { x = inner.params.x })
                inner:outputs { y = core.y }
                local flow = vt.workflow { name = "outer" }
                local group = flow:add("group", inner, { x = 2 })
                return flow:outputs { y = group.y }

                """,
            exits: 1,
            says: """
                error: `group/core` (bad 0) failed in compute            run RRRR, 0 of 1 done
                  flow.lua:2: attempt to index a number value (field 'x')
                      1 | local bad = vt.module { name = "bad", inputs = { x = "number" }...
                   >  2 | function bad:compute(inputs) return { y = inputs.x.z } end
                  inputs  x = 2
                  placed  flow.lua:4

                """),
        Mistake(
            "a value of the wrong type from a module",
            flow: """
                local words = vt.module { name = "words", outputs = { text = "any" } }
                function words:compute() return { text = "seven" } end
                local half = vt.module { name = "half", inputs = { x = { "number", max = 9 } }, \
                outputs = { y = "number" } }
                function half:compute(inputs) return { y = inputs.x / 2 } end
                local flow = vt.workflow { name = "f" }
                local w = flow:add("w", words)
                local h = flow:add("h", half, { x = w.text })
                return flow:outputs { y = h.y }

                """,
            exits: 1,
            says: """
                error: `h` (half 0) failed in its inputs                 run RRRR, 1 of 2 done
                  input `x` (from w): number expected, got string
                  placed  flow.lua:7

                """),
        Mistake(
            "a value that is missing from a module",
            flow: """
                local words = vt.module { name = "words", outputs = { text = "any" } }
                function words:compute() return {  } end
                local half = vt.module { name = "half", inputs = { x = { "number", max = 9 } }, \
                outputs = { y = "number" } }
                function half:compute(inputs) return { y = inputs.x / 2 } end
                local flow = vt.workflow { name = "f" }
                local w = flow:add("w", words)
                local h = flow:add("h", half, { x = w.text })
                return flow:outputs { y = h.y }

                """,
            exits: 1,
            says: """
                error: `h` (half 0) failed in its inputs                 run RRRR, 1 of 2 done
                  input `x` (from w): number expected, got nil
                  placed  flow.lua:7

                """),
        Mistake(
            "a value out of range from a module",
            flow: """
                local words = vt.module { name = "words", outputs = { text = "any" } }
                function words:compute() return { text = 70 } end
                local half = vt.module { name = "half", inputs = { x = { "number", max = 9 } }, \
                outputs = { y = "number" } }
                function half:compute(inputs) return { y = inputs.x / 2 } end
                local flow = vt.workflow { name = "f" }
                local w = flow:add("w", words)
                local h = flow:add("h", half, { x = w.text })
                return flow:outputs { y = h.y }

                """,
            exits: 1,
            says: """
                error: `h` (half 0) failed in its inputs                 run RRRR, 1 of 2 done
                  input `x` (from w): 70 is above the maximum 9
                  placed  flow.lua:7

                """),
        Mistake(
            "a module that calls os.exit",
            compute: """
                function M:compute(inputs)
                  os.exit(0)
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: os.exit would end the whole run; use self:fail(message) or \
                return
                      5 | function M:compute(inputs)
                   >  6 |   os.exit(0)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a coroutine that fails",
            compute: """
                function M:compute(inputs)
                  local step = coroutine.wrap(function() local t = nil; return t.x end)
                  return { y = step() }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: attempt to index a nil value (local 't')
                      5 | function M:compute(inputs)
                   >  6 |   local step = coroutine.wrap(function() local t = nil; return ...
                  called  modules/bad.lua:7
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an error in a callback of table.sort",
            compute: """
                function M:compute(inputs)
                  table.sort(inputs.x, function(a, b)
                    return a.key < b.key
                  end)
                  return { y = 1 }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: attempt to index a number value (local 'a')
                      6 |   table.sort(inputs.x, function(a, b)
                   >  7 |     return a.key < b.key
                  called  modules/bad.lua:6
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "bytes that are no text in a message",
            compute: #"""
                function M:compute(inputs)
                  error("caf\xe9")
                end

                """#,
            exits: 1,
            says: #"""
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: caf�
                      5 | function M:compute(inputs)
                   >  6 |   error("caf\xe9")
                  inputs  x = list of 3
                  placed  flow.lua:2

                """#),
        Mistake(
            "code in a chunk without a name",
            flow: #"""
                local flow = vt.workflow { name = "f" }
                load("local x = 1\nlocal y = x.y.z")()
                return flow

                """#,
            exits: 3,
            says: #"""
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: [string "local x = 1..."]:2: attempt to index a number value (local \#
                'x')
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | load("local x = 1\nlocal y = x.y.z")()

                """#),
    ]
}
