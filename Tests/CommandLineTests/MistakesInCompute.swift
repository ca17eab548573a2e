// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// Errors that `compute` raises.
    static let inCompute: [Mistake] = [
        Mistake(
            "an error in compute",
            compute: """
                function M:compute(inputs)
                  return { y = inputs.x.n + 1 }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: attempt to perform arithmetic on a nil value (field 'n')
                      5 | function M:compute(inputs)
                   >  6 |   return { y = inputs.x.n + 1 }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a function of Python",
            compute: """
                function M:compute(inputs)
                  return { y = len(inputs.x) }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: attempt to call a nil value (global 'len'); in Lua, write #list
                      5 | function M:compute(inputs)
                   >  6 |   return { y = len(inputs.x) }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an error three calls deep",
            compute: """
                local function inner(list)
                  return list[4] * 2
                end

                local function outer(list)
                  local value = inner(list)
                  return value
                end

                function M:compute(inputs)
                  local y = outer(inputs.x)
                  return { y = y }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: attempt to perform arithmetic on a nil value (field 'integer \
                index')
                      5 | local function inner(list)
                   >  6 |   return list[4] * 2
                  called  modules/bad.lua:10 in 'outer'
                  called  modules/bad.lua:15
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an error with a position of its own",
            compute: """
                function M:compute(inputs)
                  error("the station is closed")
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: the station is closed
                      5 | function M:compute(inputs)
                   >  6 |   error("the station is closed")
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an error that blames the caller",
            compute: """
                local function need(n)
                  if n > 2 then error("at most 2 are allowed", 2) end
                end
                function M:compute(inputs)
                  need(#inputs.x)
                  return { y = 1 }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:9: at most 2 are allowed
                      8 | function M:compute(inputs)
                   >  9 |   need(#inputs.x)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an error without a position",
            compute: """
                function M:compute(inputs)
                  error("no luck today", 0)
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: no luck today
                      5 | function M:compute(inputs)
                   >  6 |   error("no luck today", 0)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "error(nil)",
            compute: """
                function M:compute(inputs)
                  error(nil)
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: nil was thrown; give error() a message
                      5 | function M:compute(inputs)
                   >  6 |   error(nil)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an error that is a table",
            compute: """
                function M:compute(inputs)
                  error({ code = 404, why = "gone" })
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: a table was thrown: { code = 404, why = "gone" }
                      5 | function M:compute(inputs)
                   >  6 |   error({ code = 404, why = "gone" })
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an error that is a table and prints itself",
            compute: """
                function M:compute(inputs)
                  error(setmetatable({}, { __tostring = function() return "out of cheese" end }))
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: out of cheese
                      5 | function M:compute(inputs)
                   >  6 |   error(setmetatable({}, { __tostring = function() return "out ...
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an error whose __tostring fails",
            compute: """
                function M:compute(inputs)
                  error(setmetatable({}, { __tostring = function() error("again") end }))
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: an empty table was thrown
                      5 | function M:compute(inputs)
                   >  6 |   error(setmetatable({}, { __tostring = function() error("again...
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
    ]
}
