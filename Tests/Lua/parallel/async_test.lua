-- SPDX-License-Identifier: BSD-3-Clause
--- Calls that do not wait, and the state of their result before and after it is complete.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal = support.equal

local function double(x) return 2 * x end
local function forever() while true do end end

support.each_backend(function(make, kind)
  local pool <close> = make(2)

  -- Done.
  local before = os.time()
  local result = pool:map_async(double, { 1, 2, 3 })
  equal(result:wait(60), true)
  equal({ result:ready(), result:successful(), #result }, { true, true, 3 })
  equal({ result:progress() }, { 3, 3 })
  equal(tostring(result), "parallel.result (3 of 3)")
  equal({ result:get(0), result:get() }, { { 2, 4, 6 }, { 2, 4, 6 } })
  equal(result:stdout(), "")
  assert(result:elapsed() >= 0 and result:elapsed() == result:elapsed(), "it stands still")
  assert(result:serial_time() >= 0 and result:serial_time() <= 3 * result:elapsed())
  local rows = result:metadata()
  equal(#rows, 3)
  for i, row in ipairs(rows) do
    equal({ row.index, row.status, row.attempts }, { i, "done", 1 })
    assert(math.type(row.worker) == "integer" and row.worker >= 1 and row.worker <= #pool)
    assert(math.type(row.pid) == "integer" and row.pid > 0)
    assert(type(row.host) == "string" and row.host ~= "")
    assert(row.queued >= before - 1 and row.queued <= row.started and row.started <= row.ended)
    -- os.time() is the clock at its last tick, without the part of a second.
    assert(row.ended <= os.time() + 2)
    local fields = {}
    for name in pairs(row) do fields[#fields + 1] = name end
    table.sort(fields)
    equal(table.concat(fields, " "), kind == "cluster"
      and "attempts ended engine host id index pid queued started status worker"
      or "attempts ended host index pid queued started status worker")
  end
  equal(rows[1].pid == support.own_pid(), not support.apart[kind])

  -- get gives the same list each time; what is done with it is the caller's.
  local list = result:get()
  list[1] = "changed"
  equal(result:get()[1], "changed")

  -- One call, whose results it gives.
  result = pool:apply_async(function(a, b) return b, a end, 1, 2)
  equal(result:wait(60), true)
  equal({ result:get() }, { 2, 1 })
  equal({ #result, #result:metadata() }, { 1, 1 })
  equal({ pool:apply_async(double, 4):get(60) }, { 8 })

  -- iter: in order, each as soon as it is there; more than once.
  result = pool:starmap_async(math.max, { { 1, 5 }, { 7, 2 }, { 3 } })
  for _ = 1, 2 do
    local got = {}
    for i, value in result:iter() do got[i] = value end
    equal(got, { 5, 7, 3 })
  end
  equal(result:get(60), { 5, 7, 3 })
  local got = {}
  for i, value in pool:map_async(function(x) return x ~= 2 and x or nil end, { 1, 2, 3 }):iter() do
    got[i] = tostring(value)
  end
  equal(got, { "1", "nil", "3" })
  -- Over a task that fails: the error, or with the others.
  result = pool:map_async(function(x)
    if x == 2 then error("second", 0) end
    return x
  end, { 1, 2, 3 })
  got = {}
  local err = support.failure(function() for i, value in result:iter() do got[i] = value end end)
  equal({ err.message, err.index, got }, { "second", 2, { 1 } })

  -- Failed: ready, not successful; get raises the same error each time.
  equal(result:wait(60), true)
  equal({ result:ready(), result:successful() }, { true, false })
  equal(support.failure(result.get, result).message, "second")
  equal(support.failure(result.get, result, 0).message, "second")
  rows = result:metadata()
  equal({ rows[1].status, rows[2].status, rows[2].attempts }, { "done", "failed", 1 })
  -- With errors collected it is ready, and not successful either.
  result = pool:map_async(error, { "a" }, { on_error = "collect" })
  equal({ result:wait(60), result:successful() }, { true, false })
  equal(result:get()[1].message, "a")

  -- A result that is not used does not delay the end of the caller's state.
  pool:map_async(double, support.range(1000))
  collectgarbage()
  equal(pool:apply(double, 3), 6)

  -- A result outlives its pool's name.
  do
    local other <close> = make(1)
    result = other:map_async(double, { 5 })
  end
  equal(result:get(60), { 10 })
end)

-- While tasks run.
support.each_backend(function(make, kind)
  local pool <close> = make(2)
  local result = pool:map_async(forever, { 1, 2, 3, 4 }, { chunksize = 1 })
  equal(result:wait(0), false)
  equal(result:wait(0.02), false)
  equal({ result:ready(), result:progress() }, { false, 0, 4 })
  support.fails("TEST:+0: not ready; call wait() first", kind,
    function() return result:successful(), 1 end)
  support.fails("TEST:+0: not ready after 0.02 s: 0 of 4 tasks are done", kind,
    function() return result:get(0.02), 1 end)
  support.fails("TEST:+0: not ready after 0 s: 0 of 4 tasks are done", kind,
    function() return result:get(0), 1 end)
  local last = result:metadata()[4]
  equal(last, { index = 4, status = "waiting", attempts = 0, queued = last.queued, id = last.id })
  assert(last.id == nil or kind == "cluster")
  local first = result:elapsed()
  assert(result:elapsed() > first, "time goes on")
  equal(tostring(result), "parallel.result (0 of 4)")
  if support.keeps_tasks then
    equal(support.eventually(function() return pool:status().waiting == 2 end), true)
  end

  -- What runs is stopped, what waits never starts.
  result:cancel()
  equal(result:wait(60), true)
  equal({ result:ready(), result:successful() }, { true, false })
  equal({ result:progress() }, { 4, 4 })
  for i, row in ipairs(result:metadata()) do
    equal({ row.index, row.status }, { i, "cancelled" })
  end
  equal(result:metadata()[4].attempts, 0)
  equal(result:metadata()[4].started, nil)
  support.fails("cancelled\ntask 1 of 4, KIND worker N\nsent from TEST:N", kind, function()
    local ok, err = pcall(result.get, result)
    assert(not ok and err.cause == "cancelled")
    error((support.text(err, kind):gsub(":%d+$", ":N")), 0)
  end)
  result:cancel()

  -- What was done before stays done.
  result = pool:map_async(function(x) while x > 2 do end return x end, { 1, 2, 3, 4 },
    { chunksize = 1, on_error = "collect" })
  support.eventually(function() return (result:progress()) == 2 end)
  result:cancel()
  equal(result:wait(60), true)
  local results, errors = result:get()
  equal({ results[1], results[2], results[3].cause, results[4].cause, #errors },
    { 1, 2, "cancelled", "cancelled", 2 })

  -- Cancelled while it waits behind others; those are not disturbed.
  local slow = pool:map_async(forever, { 1, 2 }, { chunksize = 1 })
  local behind = pool:apply_async(double, 1)
  behind:cancel()
  slow:cancel()
  equal({ slow:wait(60), behind:wait(60) }, { true, true })
  equal(behind:metadata()[1].status, "cancelled")
  equal(pool:map(double, { 1, 2, 3 }), { 2, 4, 6 })
  -- Cancelled after the end: nothing.
  result = pool:apply_async(double, 2)
  equal(result:wait(60), true)
  result:cancel()
  equal({ result:successful(), result:get() }, { true, 4 })
  equal(pool:status().replaced, 0)
end, support.elsewhere)

-- The progress reaches the total, whichever way the caller looks at the result.
support.each_backend(function(make, kind)
  local pool <close> = make(2)
  local reports
  local function progress(done, total)
    assert(not total or done <= total)
    reports[#reports + 1] = { done, total }
  end
  local function check(count)
    equal(reports[#reports], { count, count })
  end
  for _, look in ipairs {
    function(result) result:get(60) end,
    function(result) result:wait(60) end,
    function(result) for _ in result:iter() do end end, -- luacheck: ignore 542
    function(result) support.eventually(function() return result:ready() end) end,
    function(result)
      support.eventually(function() return (pcall(result.successful, result)) end)
    end,
    function(result) parallel.wait_all({ result }, 60) end,
    function(result) parallel.wait_any({ result }, 60) end,
  } do
    for _, count in ipairs { 0, 1, 3000 } do
      reports = {}
      local result = pool:map_async(double, support.range(count), { progress = progress })
      look(result)
      check(count)
      equal({ result:progress() }, { count, count })
      -- The end is reported once.
      local number = #reports
      result:get(60)
      equal(#reports, number)
      reports = {}
      look(pool:starmap_async(double, { { 1 }, { 2 } }, { progress = progress }))
      check(2)
    end
  end
  for _, method in ipairs { "imap", "imap_unordered" } do
    for _, count in ipairs { 0, 1, 3000 } do
      reports = {}
      local options = { progress = progress }
      local items = support.range(count)
      for _ in pool[method](pool, double, items, options) do end -- luacheck: ignore 542
      check(count)
      reports = {}
      local n = 0
      for _ in pool[method](pool, double, function()
        n = n + 1
        return n <= count and n or nil
      end, { progress = progress }) do end -- luacheck: ignore 542
      check(count)
    end
  end
  reports = {}
  pool:map(double, support.range(3000), { progress = progress })
  check(3000)
  if support.pools[kind] then
    reports = {}
    parallel.map(double, support.range(3), { on = kind, progress = progress })
    check(3)
  end
end)

print("async_test: ok")
