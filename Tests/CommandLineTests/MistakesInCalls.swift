// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// Errors of what `compute` calls.
    static let inCalls: [Mistake] = [
        Mistake(
            "a message of many lines",
            compute: #"""
                function M:compute(inputs)
                  error("one\ntwo\nthree\nfour\nfive\nsix")
                end

                """#,
            exits: 1,
            says: #"""
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: one
                  two
                  three
                  ... (3 more lines)
                      5 | function M:compute(inputs)
                   >  6 |   error("one\ntwo\nthree\nfour\nfive\nsix")
                  inputs  x = list of 3
                  placed  flow.lua:2

                """#),
        Mistake(
            "a message that is very long",
            compute: """
                function M:compute(inputs)
                  error(("long "):rep(200))
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: long long long long long long long long long long long long \
                long long long long long long long long long long long long long long long long \
                long long long long long long long long long long long long long long long long \
                long long long long ... (1000 letters)
                      5 | function M:compute(inputs)
                   >  6 |   error(("long "):rep(200))
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a line that is very long, with tabs",
            compute: """
                function M:compute(inputs)
                		local y = inputs.x.missing.field	-- and so on and so on and so on and so on and \
                so on and so on and so on and so on and so on and so on and so on and so on and so \
                on and so on and so on and so on and so on and so on and so on and so on\u{20}
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: attempt to index a nil value (field 'missing')
                      5 | function M:compute(inputs)
                   >  6 |     local y = inputs.x.missing.field  -- and so on and so on an...
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "an error in a module of the library",
            compute: """
                local csv = require "csv"
                function M:compute(inputs)
                  local rows = csv.read("missing.csv")
                  return { y = #rows }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: cannot read `missing.csv`: No such file or directory
                      6 | function M:compute(inputs)
                   >  7 |   local rows = csv.read("missing.csv")
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a misspelt function of the library",
            compute: """
                local csv = require "csv"
                function M:compute(inputs)
                  return { y = #csv.raed("rows.csv") }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: attempt to call a nil value (field 'raed'); did you mean `read`?
                      6 | function M:compute(inputs)
                   >  7 |   return { y = #csv.raed("rows.csv") }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a wrong call of the standard library",
            compute: """
                function M:compute(inputs)
                  return { y = string.rep() }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: bad argument #1 to 'rep' (string expected, got no value)
                      5 | function M:compute(inputs)
                   >  6 |   return { y = string.rep() }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a file that is not there",
            compute: """
                function M:compute(inputs)
                  for line in io.lines("missing.txt") do print(line) end
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: cannot open file 'missing.txt' (No such file or directory)
                      5 | function M:compute(inputs)
                   >  6 |   for line in io.lines("missing.txt") do print(line) end
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "assert of io.open",
            compute: """
                function M:compute(inputs)
                  local file = assert(io.open("missing.txt"))
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: missing.txt: No such file or directory
                      5 | function M:compute(inputs)
                   >  6 |   local file = assert(io.open("missing.txt"))
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "require in compute of what is not there",
            compute: """
                function M:compute(inputs)
                  local lib = require "nowhere"
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: there is no module `nowhere`; looked in here, 'modules', the \
                library and package.path
                      5 | function M:compute(inputs)
                   >  6 |   local lib = require "nowhere"
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "endless recursion",
            compute: """
                local function down(n) return 1 + down(n) end
                function M:compute(inputs)
                  return { y = down(1) }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:5: stack overflow
                      4 |
                   >  5 | local function down(n) return 1 + down(n) end
                  called  modules/bad.lua:5 in 'down'
                  called  modules/bad.lua:7
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "too much memory in one string",
            compute: """
                function M:compute(inputs)
                  return { y = ("x"):rep(1 << 50) }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: resulting string too large
                      5 | function M:compute(inputs)
                   >  6 |   return { y = ("x"):rep(1 << 50) }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a fault inside the library",
            compute: """
                local stats = require "stats"
                function M:compute(inputs)
                  return { y = stats.mean(nil) }
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: expected a list of numbers, got nil
                      6 | function M:compute(inputs)
                   >  7 |   return { y = stats.mean(nil) }
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
    ]
}
