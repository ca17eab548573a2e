-- SPDX-License-Identifier: BSD-3-Clause
--- What is set, run and read on every worker, and who they are.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal, range = support.equal, support.range

--- A list with the same value for each worker.
local function each(pool, value)
  local list = {}
  for i = 1, #pool do list[i] = value end
  return list
end

support.each_backend(function(make, kind)
  local pool <close> = make(2)
  equal({ #pool, pool.kind }, { kind == "serial" and 1 or 2, kind })
  equal(tostring(pool), ("parallel.%s (%d)"):format(kind, #pool))

  -- push and pull.
  pool:push { number = 5, text = "t", list = { 1, { 2 } }, f = function(x) return x + 1 end }
  equal({ pool:pull("number", "text", "list") },
    { each(pool, 5), each(pool, "t"), each(pool, { 1, { 2 } }) })
  equal(pool:map(function(x) return f(x) + number end, { 1, 2 }), { 7, 8 }) -- luacheck: ignore 113
  equal({ pool:pull("number", "number", "nothing_at_all") }, { each(pool, 5), each(pool, 5), {} })
  pool:push {}

  -- v[name] reads, assigns and removes.
  equal(pool.number, each(pool, 5))
  pool.number = 6
  equal(pool.number, each(pool, 6))
  equal(pool:apply(function() return number end), 6) -- luacheck: ignore 113
  pool.number = nil
  equal(pool.number, {})
  equal(pool:apply(function() return number == nil end), true) -- luacheck: ignore 113
  pool.number = false
  equal(pool.number, each(pool, false))
  equal(pool.nothing_at_all, {})
  equal(pool[1], nil)
  -- Two names of one table are one on each worker, and none of the caller's.
  local shared = { 1 }
  pool:push { one = shared, two = shared }
  equal(pool:apply(function()
    one[1] = 2 -- luacheck: ignore 112
    return two[1] -- luacheck: ignore 113
  end), 2)
  equal(shared, { 1 })

  -- scatter and gather: neighbours stay together.
  for _, n in ipairs { 0, 1, 2, 5, 100 } do
    pool:scatter("part", range(n))
    equal(pool:gather("part"), range(n))
    local parts = pool.part
    equal(#parts, #pool)
    for i, part in ipairs(parts) do
      local size = n // #pool + (i <= n % #pool and 1 or 0)
      equal(#part, size)
    end
  end
  pool:execute "for i, x in ipairs(part) do part[i] = x * x end"
  equal(pool:gather("part")[100], 10000)
  pool:scatter("part", { "a", { "b" }, false })
  equal(pool:gather("part"), { "a", { "b" }, false })

  -- execute: a chunk on each, its globals stay, its first results come back.
  equal(pool:execute "return 6 * 7, 1", each(pool, 42))
  equal(pool:execute "", {})
  pool:execute "function helper(x) return 10 * x end counter = 0"
  equal(pool:map(function(x) return helper(x) end, { 1, 2 }), { 10, 20 }) -- luacheck: ignore 113
  equal(pool:execute "counter = counter + 1 return counter", each(pool, 1))
  equal(pool:execute "counter = counter + 1 return counter", each(pool, 2))
  equal(pool:execute "local t = {} t[1] = ... return t", each(pool, {}))
  support.fails("execute at TEST:+0:1: unexpected symbol near <eof>\n"
    .. ("worker's traceback:\n\tv:execute:3: in main chunk\ntask 1 of %d, KIND worker N\n")
      :format(#pool)
    .. "sent from TEST:+0", kind, function() return pool:execute "return 1 +", 1 end)
  support.fails("execute at TEST:+0:2: wrong\nworker's traceback:\n"
    .. ("\texecute at TEST:+0:2: in main chunk\ntask 1 of %d, KIND worker N\n"):format(#pool)
    .. "sent from TEST:+0", kind, function() return pool:execute "\nerror 'wrong'", 1 end)
  support.fails(("TEST:+0: v:gather: 'counter' is a number on worker 1; expected a list"), kind,
    function() return pool:gather "counter", 1 end)
  support.fails(("TEST:+0: v:gather: 'no_such' is nil on worker 1; expected a list"), kind,
    function() return pool:gather "no_such", 1 end)

  -- status and each_worker.
  pool:map(function(x) return x end, range(10))
  local status = support.eventually(function()
    local now = pool:status()
    return now.idle == #pool and now
  end)
  equal({ status.kind, status.open, status.workers, status.busy, status.waiting, status.replaced },
    { kind, true, #pool, 0, 0, 0 })
  equal(#status, #pool)
  local tasks, pids, count = 0, {}, 0
  for i, worker in pool:each_worker() do
    count = count + 1
    equal({ i, worker.worker, worker.state }, { count, count, "idle" })
    equal(worker.tasks, status[i].tasks)
    assert(type(worker.host) == "string" and math.type(worker.pid) == "integer")
    tasks, pids[worker.pid] = tasks + worker.tasks, true
    equal(worker.thread, kind == "threads" and "vtlua-" .. i or nil)
  end
  equal(count, #pool)
  assert(tasks == status.tasks and tasks > 0)
  equal(pids[support.own_pid()] == nil, support.apart[kind] or false)
end)

-- A pool of many workers, each of which is reached.
support.each_backend(function(make)
  local pool <close> = make(9)
  equal(#pool, 9)
  pool:scatter("mine", range(20))
  equal(pool:execute "return #mine", { 3, 3, 2, 2, 2, 2, 2, 2, 2 })
  equal(pool:gather "mine", range(20))
  -- While one is busy, what is for all waits for it.
  local result = pool:map_async(function(x)
    local t = vt.now()
    while vt.now() - t < 0.01 do end -- luacheck: ignore 542
    return x
  end, range(18), { chunksize = 1 })
  pool.late = 1
  equal(#pool.late, 9)
  equal(result:get(60), range(18))
end, support.concurrent_pools)

print("workers_test: ok")
