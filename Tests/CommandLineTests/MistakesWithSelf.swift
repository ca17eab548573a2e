// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// With `self`.
    static let withSelf: [Mistake] = [
        Mistake(
            "self:fail",
            compute: """
                function M:compute(inputs)
                  self:fail("the station %d has no data for %s; choose another year", 7, "2020")
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  the station 7 has no data for 2020; choose another year
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "self.fail with a dot",
            compute: """
                function M:compute(inputs)
                  self.fail("no data")
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: self.fail is called with ':'; write self:fail(...)
                      5 | function M:compute(inputs)
                   >  6 |   self.fail("no data")
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a misspelt function of vt in a module",
            compute: """
                function M:compute(inputs)
                  vt.mkdri("out")
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: attempt to call a nil value (field 'mkdri'); did you mean \
                `mkdir`?
                      5 | function M:compute(inputs)
                   >  6 |   vt.mkdri("out")
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "self:fail with a wrong format",
            compute: """
                function M:compute(inputs)
                  self:fail("station %d", "seven")
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: bad argument #2 to 'string.format' (number expected, got \
                string)
                      5 | function M:compute(inputs)
                   >  6 |   self:fail("station %d", "seven")
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "self:fail in a helper",
            compute: """
                local function check(self, n)
                  if n > 2 then self:fail("at most 2 stations") end
                end
                function M:compute(inputs)
                  check(self, #inputs.x)
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  at most 2 stations
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "self:fail that pcall catches",
            compute: """
                function M:compute(inputs)
                  local ok, why = pcall(self.fail, self, "no data")
                  error(why, 0)
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  no data
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "self:get_input of what is not there",
            compute: """
                function M:compute(inputs)
                  return { y = self:get_input("xx") }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: bad has no input `xx`; did you mean `x`?
                      5 | function M:compute(inputs)
                   >  6 |   return { y = self:get_input("xx") }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "self.get_input with a dot",
            compute: """
                function M:compute(inputs)
                  return { y = self.get_input("x") }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: self.get_input is called with ':'; write self:get_input(...)
                      5 | function M:compute(inputs)
                   >  6 |   return { y = self.get_input("x") }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "self:set_output of what is not there",
            compute: """
                function M:compute(inputs)
                  self:set_output("z", 1)
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: bad has no output `z`; there is y
                      5 | function M:compute(inputs)
                   >  6 |   self:set_output("z", 1)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "self:progress of a text",
            compute: """
                function M:compute(inputs)
                  self:progress("half")
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: bad argument #1 to 'progress' (number expected, got string)
                      5 | function M:compute(inputs)
                   >  6 |   self:progress("half")
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "self:annotate of a text",
            compute: """
                function M:compute(inputs)
                  self:annotate("note")
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: bad argument #1 to 'annotate' (table expected, got string)
                      5 | function M:compute(inputs)
                   >  6 |   self:annotate("note")
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a misspelt method of self",
            compute: """
                function M:compute(inputs)
                  self:progres(0.5)
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: attempt to call a nil value (method 'progres'); did you mean \
                `progress`?
                      5 | function M:compute(inputs)
                   >  6 |   self:progres(0.5)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
    ]
}
