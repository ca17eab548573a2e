-- SPDX-License-Identifier: BSD-3-Clause
--- The end of a pool: finished, stopped, forgotten.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal, range = support.equal, support.range

local function double(x) return 2 * x end
local function forever() while true do end end
--- Keeps a worker busy for a tenth of a second.
local function pause(x)
  local t = vt.now()
  while vt.now() - t < 0.1 do end -- luacheck: ignore 542
  return x
end

--- Each call of a pool, to find all of them refused.
local function calls(pool)
  return {
    function() return pool:apply(double, 1), 1 end,
    function() return pool:apply_async(double, 1), 1 end,
    function() return pool:map(double, { 1 }), 1 end,
    function() return pool:map(double, {}), 1 end,
    function() return pool:map_async(double, { 1 }), 1 end,
    function() return pool:starmap(double, { { 1 } }), 1 end,
    function() return pool:starmap_async(double, { { 1 } }), 1 end,
    function() return pool:imap(double, { 1 }), 1 end,
    function() return pool:imap_unordered(double, { 1 }), 1 end,
    function() pool:push { a = 1 } end,
    function() return pool:pull "a", 1 end,
    function() return pool.a, 1 end,
    function() pool.a = 1 end,
    function() pool.a = nil end,
    function() pool:scatter("a", { 1 }) end,
    function() return pool:gather "a", 1 end,
    function() return pool:execute "return 1", 1 end,
  }
end

local function is_closed(pool, kind)
  for _, call in ipairs(calls(pool)) do
    support.fails("TEST:+0: the pool is closed", kind, call)
  end
  -- Information that needs no workers is still available.
  equal({ pool.kind, pool:status().open, pool:status()[1].state }, { kind, false, "gone" })
  equal(tostring(pool), ("parallel.%s (%d)"):format(kind, #pool))
  pool:close()
  pool:terminate()
  pool:close()
end

support.each_backend(function(make, kind)
  -- close finishes what is queued.
  local pool = make(2)
  local result = pool:map_async(pause, range(4), { chunksize = 1 })
  local last = pool:apply_async(double, 4)
  pool:close()
  equal({ result:ready(), last:ready() }, { true, true })
  equal({ result:get(), last:get() }, { { 1, 2, 3, 4 }, 8 })
  is_closed(pool, kind)

  -- <close>, and an unused pool.
  do
    local inner <close> = make(2)
    pool, result = inner, inner:map_async(double, range(100))
  end
  equal(result:ready(), true)
  is_closed(pool, kind)
  pool = make(2)
  pool:close()
  is_closed(pool, kind)
  pool = make(2)
  pool:terminate()
  is_closed(pool, kind)

  -- terminate after all is done.
  pool = make(2)
  equal(pool:map(double, { 1, 2 }), { 2, 4 })
  result = pool:map_async(double, { 5 })
  result:wait(60)
  pool:terminate()
  equal(result:get(), { 10 })
  is_closed(pool, kind)

  -- An iteration whose pool is closed gives what was under way, and then is refused nothing.
  pool = make(2)
  local iteration = pool:imap(double, { 1, 2, 3 })
  equal({ iteration() }, { 1, 2 })
  pool:terminate()
  iteration:close()
  equal(iteration(), nil)

  -- Forgotten pools go away with what is in them.
  for _ = 1, 3 do
    for _ = 1, 3 do make(1):apply_async(double, 1) end
    collectgarbage()
  end
  result = make(1):apply_async(double, 21)
  collectgarbage()
  equal(result:get(60), 42)
end)

support.each_backend(function(make, kind)
  -- terminate stops what runs, and what waits never starts.
  local pool = make(2)
  local endless = pool:map_async(forever, range(5), { chunksize = 1 })
  local waiting = pool:apply_async(double, 1)
  support.eventually(function() return pool:status().busy == 2 end)
  pool:terminate()
  equal({ endless:ready(), endless:successful() }, { true, false })
  equal({ waiting:ready(), waiting:successful() }, { true, false })
  for _, row in ipairs(endless:metadata()) do equal(row.status, "cancelled") end
  equal(support.failure(waiting.get, waiting).cause, "cancelled")
  is_closed(pool, kind)

  -- So does an error that leaves the pool's block.
  local result
  support.fails("TEST:+3: on its way", kind, function()
    local inner <close> = make(2)
    result = inner:map_async(forever, range(3))
    error "on its way"
  end)
  equal({ result:ready(), result:successful() }, { true, false })

  -- A task that cannot be stopped does not keep the pool.
  pool = make(1)
  local stuck = pool:apply_async(function()
    return (("a"):rep(40)):find(("a*"):rep(40) .. "b")
  end)
  support.eventually(function() return pool:status().busy == 1 end)
  pool:terminate()
  equal({ stuck:wait(60), stuck:successful() }, { true, false })
  equal(support.failure(stuck.get, stuck).cause, "cancelled")

  -- A worker that is still starting is no hindrance either.
  if support.pools[kind] then
    pool = make { n = 2, initializer = function() while true do end end }
    pool:terminate()
    equal(pool:status().open, false)
  end

  -- A collected pool, with an endless task that is not awaited.
  make(1):apply_async(forever):cancel()
  collectgarbage()
end, support.elsewhere)

print("closing_test: ok")
