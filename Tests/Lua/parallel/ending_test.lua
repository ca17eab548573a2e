-- SPDX-License-Identifier: BSD-3-Clause
--- Waits that outlive a pool or a call: each ends with the results, or with the cause.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal, range = support.equal, support.range

local function same(x) return x end
local function forever() while true do end end
--- A call of a function in C that cannot be stopped.
local function stuck() return (("a"):rep(40)):find(("a*"):rep(40) .. "b") end

local closed = "the pool was closed before all items were sent; close it after the last result"
local terminated = "the pool was terminated"

--- The values of an iterator, and the error that it ends with.
local function drain(iterator)
  local got = {}
  while true do
    local ok, i, value = pcall(iterator)
    if not ok then return got, i end
    if i == nil then return got end
    got[#got + 1] = value
  end
end

support.each_backend(function(make)
  for _, method in ipairs { "imap", "imap_unordered" } do
    -- Out of the block of its pool.
    local function iterator(items)
      local pool <close> = make(2)
      return pool[method](pool, same, items)
    end
    local got, err = drain(iterator(range(3)))
    equal({ got, err.message, err.cause, err.index }, { {}, closed, "closed", 1 })
    equal({ drain(iterator {}) }, { {} })
    equal({ drain(iterator(function() end)) }, { {} })

    -- After `close`, what was sent is returned, and then an error if there is more.
    for _, count in ipairs { 1, 3, 3000 } do
      local pool = make(2)
      local iteration = pool[method](pool, same, range(count))
      iteration()
      pool:close()
      got, err = drain(iteration)
      if #got + 1 < count then
        equal({ err.message, err.cause }, { closed, "closed" })
      else
        equal(err, nil)
      end
      equal(iteration(), nil)
    end

    -- After `terminate`, it ends with an error: the last tasks never end.
    local pool = make(2)
    local iteration = pool[method](pool, function(x)
      while x > 2990 do end
      return x
    end, range(3000))
    iteration()
    pool:terminate()
    _, err = drain(iteration)
    equal({ err.message, err.cause }, { terminated, "cancelled" })
    equal(iteration(), nil)

    -- The source, or the loop, ends the pool.
    for name, message in pairs { close = closed, terminate = terminated } do
      pool = make(2)
      local n = 0
      _, err = drain(pool[method](pool, same, function()
        n = n + 1
        if n == 3 then pool[name](pool) end
        return n
      end))
      equal(err.message, message)
      pool = make(2)
      local channel = parallel.channel(1)
      channel:send(1)
      local loop = pool[method](pool, same, channel:iter())
      loop()
      pool[name](pool)
      _, err = drain(loop)
      equal(err.message, message)
    end
  end

  -- The report of progress ends the pool.
  for name, message in pairs { close = closed, terminate = terminated } do
    for _, on_error in ipairs { "stop", "collect" } do
      local pool = make(2)
      local ok, err = pcall(pool.map, pool, same, range(100000), { on_error = on_error,
        progress = function() pool[name](pool) end })
      -- It may have ended before the first report.
      if not ok then equal(err.message, message) end
    end
  end
end)

-- `terminate` while no worker can be stopped, and tasks wait behind those that run.
support.each_backend(function(make)
  for _, task in ipairs { forever, stuck } do
    local pool = make(2)
    local running = pool:map_async(task, range(6), { chunksize = 1 })
    support.eventually(function() return pool:status().busy == 2 end)
    local waiting = { pool:apply_async(same, 1), pool:starmap_async(same, { { 1 } }) }
    pool:terminate()
    for _, result in ipairs { running, table.unpack(waiting) } do
      equal(result:wait(60), true)
      local err = support.failure(result.get, result, 60)
      equal({ err.message, err.cause }, { terminated, "cancelled" })
      for _, row in ipairs(result:metadata()) do equal(row.status, "cancelled") end
    end
    equal(support.failure(function()
      for _ in running:iter() do end -- luacheck: ignore 542
    end).message, terminated)
  end
end, support.concurrent_pools)

-- `cancel` of a call that waits behind another one.
support.each_backend(function(make)
  local pool <close> = make(2)
  local function wait_for(x, path)
    repeat
      local file = io.open(path)
      if file then file:close() end
    until file
    return x
  end
  local gate = support.temporary()
  local long = pool:map_async(wait_for, { 1, 2 }, { args = { gate }, chunksize = 1 })
  support.eventually(function() return pool:status().busy == 2 end)
  for _, waiting in ipairs {
    pool:apply_async(same, 1), pool:map_async(same, range(5000)),
    pool:starmap_async(same, { { 1 }, { 2 } }),
  } do
    waiting:cancel()
    equal({ waiting:ready(), waiting:successful(), waiting:wait(60) }, { true, false, true })
    equal({ parallel.wait_any({ long, waiting }, 60) }, { 2, waiting })
    local done, total = waiting:progress()
    equal(done, total)
    for _, row in ipairs(waiting:metadata()) do equal(row.status, "cancelled") end
    equal(support.failure(waiting.get, waiting).message, "cancelled")
  end
  equal(long:ready(), false)
  io.open(gate, "w"):close()
  equal(long:get(60), { 1, 2 })
  os.remove(gate)
end, support.concurrent_pools)

-- The same where a process was sent the call ahead: the tasks before were quick until then.
support.each_backend(function(make)
  local pool <close> = make(1)
  local gate, ran = support.temporary(), support.temporary()
  local long = pool:map_async(function(x, path)
    while x == 3000 do
      local file = io.open(path)
      if file then
        file:close()
        break
      end
    end
    return x
  end, range(3000), { args = { gate }, chunksize = 1 })
  local waiting = pool:apply_async(function(path) io.open(path, "w"):close() end, ran)
  support.eventually(function() return long:progress() == 2999 end)
  waiting:cancel()
  equal({ waiting:wait(60), long:ready() }, { true, false })
  io.open(gate, "w"):close()
  equal(#long:get(60), 3000)
  equal(pool:apply(same, 1), 1)
  equal(io.open(ran), nil)
  os.remove(gate)
end, support.concurrent_pools)

print("ending_test: ok")
