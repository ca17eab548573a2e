// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// A mistake in a task that `compute` of module `bad` sends to a pool of one worker.
    private static func task(
        _ title: String, on pool: String = "threads", task: String, call: String,
        exits code: Int32 = 1, says error: String
    ) -> Mistake {
        Mistake(
            "\(title), on \(pool)",
            compute: """
                \(task)
                function M:compute(inputs)
                  local pool <close> = parallel.\(pool)(1)
                  \(call)
                end

                """,
            exits: code, says: error)
    }

    /// Tasks that a module sends to workers.
    static let inTasks: [Mistake] =
        ["serial", "threads", "processes"].flatMap(failures) + [
            task(
                "five calls deep",
                task: """
                    local function one(x) return x + nil end
                    local function two(x) return (one(x)) end
                    local function three(x) return (two(x)) end
                    local function four(x) return (three(x)) end
                    local function five(x) return (four(x)) end
                    """,
                call: "return { y = pool:map(five, inputs.x) }",
                says: """
                    error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                      modules/bad.lua:5: attempt to perform arithmetic on a nil value
                          4 |
                       >  5 | local function one(x) return x + nil end
                      called  modules/bad.lua:6 in 'two'
                      called  modules/bad.lua:7 in 'three'
                      called  modules/bad.lua:12
                      inputs  x = list of 3
                      in      element 1 of 3, threads worker 1
                      placed  flow.lua:2

                    """),
            task(
                "a message of many lines",
                task: """
                    local function inner(x) error("a\\nb\\nc\\nd\\ne") end
                    local function task(x) inner(x) return 1 end
                    local function outer(x) return (task(x)) end
                    """,
                call: "return { y = pool:map(outer, inputs.x, { label = 'soften' }) }",
                says: """
                    error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                      modules/bad.lua:5: a
                      b
                      c
                      ... (2 more lines)
                          4 |
                       >  5 | local function inner(x) error("a\\nb\\nc\\nd\\ne") end
                      called  modules/bad.lua:6 in 'task'
                      called  modules/bad.lua:7
                      inputs  x = list of 3
                      in      soften, element 1 of 3, threads worker 1
                      placed  flow.lua:2

                    """),
            task(
                "the library, called with something wrong", task: "local stats = require 'stats'",
                call: "return { y = pool:map(stats.mean, inputs.x) }",
                says: """
                    error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                      modules/bad.lua:8: expected a list of numbers, got number
                          7 |   local pool <close> = parallel.threads(1)
                       >  8 |   return { y = pool:map(stats.mean, inputs.x) }
                      inputs  x = list of 3
                      in      element 1 of 3, threads worker 1
                      placed  flow.lua:2

                    """),
            task(
                "self", task: "",
                call: "return { y = pool:map(function() self:progress(1) end, inputs.x) }",
                says: """
                    error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                      modules/bad.lua:8: cannot send function (modules/bad.lua:8): upvalue 'self' is a \
                    vt.self (a table with an unregistered metatable). Pass the values that the task needs as \
                    arguments.
                          7 |   local pool <close> = parallel.threads(1)
                       >  8 |   return { y = pool:map(function() self:progress(1) end, inputs...
                      inputs  x = list of 3
                      placed  flow.lua:2

                    """),
            task(
                "a worker that ends", on: "processes", task: "local function task() os.exit(3) end",
                call: "return { y = pool:map(task, inputs.x) }", exits: 5,
                says: """
                    error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                      modules/bad.lua:8: the worker's process ended with exit code 3 (pid PPPP)
                          7 |   local pool <close> = parallel.processes(1)
                       >  8 |   return { y = pool:map(task, inputs.x) }
                      inputs  x = list of 3
                      in      element 1 of 3, processes worker 1
                      placed  flow.lua:2

                    """),
            task(
                "another global", task: "function helper(x) return x end",
                call: "return { y = pool:map(function(x) return helper(x) end, inputs.x) }",
                says: """
                    error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                      modules/bad.lua:8: attempt to call a nil value (global 'helper')
                      'helper' is a global of the caller, and workers have their own: make it local, \
                    require it in the task, or send it with v:push { helper = helper }
                          7 |   local pool <close> = parallel.threads(1)
                       >  8 |   return { y = pool:map(function(x) return helper(x) end, input...
                      inputs  x = list of 3
                      in      element 1 of 3, threads worker 1
                      placed  flow.lua:2

                    """),
            Mistake(
                "a failed task in flow:run", run: ["flow.lua"],
                flow: """
                    local bad = vt.module { name = "bad", version = "1", outputs = { y = "any" } }
                    function bad:compute()
                      local pool <close> = parallel.threads(1)
                      return { y = pool:map(function(x) return x.n.m end, { {}, {} }) }
                    end
                    local flow = vt.workflow { name = "f" }
                    flow:add("a", bad)
                    print(pcall(flow.run, flow))

                    """,
                exits: 0,
                prints: """
                    false\t`a` (bad 1) failed in compute: flow.lua:4: attempt to index a \
                    nil value (field 'n') (element 1 of 2, threads worker 1)

                    """,
                says: ""),
        ]

    /// What goes wrong on each kind of pool, and is told alike.
    private static func failures(on pool: String) -> [Mistake] {
        [
            task(
                "an error", on: pool, task: "local function task(x) return 1 + x.n end",
                call: "return { y = pool:map(task, inputs.x) }",
                says: """
                    error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                      modules/bad.lua:5: attempt to index a number value (local 'x')
                          4 |
                       >  5 | local function task(x) return 1 + x.n end
                      called  modules/bad.lua:8
                      inputs  x = list of 3
                      in      element 1 of 3, \(pool) worker 1
                      placed  flow.lua:2

                    """),
            task(
                "an error that is a table", on: pool,
                task: "local function task(x) error({ code = 404 }) end",
                call: "return { y = pool:apply(task, 1) }",
                says: """
                    error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                      modules/bad.lua:5: a table was thrown: { code = 404 }
                          4 |
                       >  5 | local function task(x) error({ code = 404 }) end
                      called  modules/bad.lua:8
                      inputs  x = list of 3
                      in      task 1, \(pool) worker 1
                      placed  flow.lua:2

                    """),
            task(
                "a time limit for each task", on: pool,
                task: "local function task() while true do end end",
                call: "return { y = pool:map(task, inputs.x, { timeout = 0.1 }) }",
                says: """
                    error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                      modules/bad.lua:5: timed out after 0.1 s
                          4 |
                       >  5 | local function task() while true do end end
                      called  modules/bad.lua:8
                      inputs  x = list of 3
                      in      element 1 of 3, \(pool) worker 1
                      placed  flow.lua:2

                    """),
            Mistake(
                "a time limit for the module, on \(pool)",
                run: ["run", "--progress", "none", "--timeout", "1", "flow.lua"],
                compute: """
                    local function task() while true do end end
                    function M:compute(inputs)
                      local pool <close> = parallel.\(pool)(1)
                      return { y = pool:map(task, inputs.x) }
                    end

                    """,
                exits: 6,
                says: """
                    error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                      modules/bad.lua:8: timed out after 1 s
                          7 |   local pool <close> = parallel.\(pool)(1)
                       >  8 |   return { y = pool:map(task, inputs.x) }
                      inputs  x = list of 3
                      placed  flow.lua:2

                    """),
            Mistake(
                "a worker that does not start, on \(pool)",
                compute: """
                    local function start() error("no licence", 0) end
                    function M:compute(inputs)
                      local pool <close> = parallel.\(pool) { n = 1, initializer = start }
                      return { y = pool:map(math.abs, inputs.x) }
                    end

                    """,
                exits: 5,
                says: """
                    error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                      modules/bad.lua:5: the initializer failed: no licence
                          4 |
                       >  5 | local function start() error("no licence", 0) end
                      called  modules/bad.lua:8
                      inputs  x = list of 3
                      in      element 1 of 3, \(pool) worker 1
                      placed  flow.lua:2

                    """),
        ]
    }

    /// What modules list under `requires`.
    static let inRequirements: [Mistake] = [
        ("gpu", ", which this vtlua does not have; there are serial, threads, processes, cluster"),
        ("thraeds", ", which this vtlua does not have; did you mean `threads`?"),
    ].map { need, objection in
        Mistake(
            "requires \(need)",
            flow: """
                local M = vt.module { name = "big", requires = { "\(need)" } }
                function M:compute() io.stderr:write("this runs") end
                local flow = vt.workflow { name = "f" }
                flow:add("a", M)
                return flow

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: `a` (big) requires `\(need)`\(objection)
                      3 | local flow = vt.workflow { name = "f" }
                   >  4 | flow:add("a", M)

                """)
    }
}
