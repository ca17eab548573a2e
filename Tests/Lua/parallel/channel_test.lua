-- SPDX-License-Identifier: BSD-3-Clause
--- Channels: by themselves, and between the caller and tasks on threads.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal, range = support.equal, support.range

-- By itself.
local channel = parallel.channel(2)
equal({ channel.capacity, #channel, channel.closed }, { 2, 0, false })
equal(tostring(channel), "parallel.channel (0 of 2)")
equal({ channel:recv(0) }, { nil, "timeout" })
equal({ channel:recv(0.01) }, { nil, "timeout" })
equal({ channel:send("first"), channel:send { 2 } }, { true, true })
equal({ channel:send("third", 0) }, { nil, "timeout" })
equal({ channel:send("third", 0.01) }, { nil, "timeout" })
equal({ #channel, tostring(channel) }, { 2, "parallel.channel (2 of 2)" })
equal({ channel:recv(), channel:recv() }, { "first", { 2 } })
equal(parallel.channel().capacity, 1024)

-- Values are copies, of all that travels.
local cycle = { 1 }
cycle.me = cycle
channel:send(cycle)
cycle[1] = 2
local got = channel:recv()
assert(got.me == got and got ~= cycle and got[1] == 1)
for _, value in ipairs { false, 0.0, -0.0, math.mininteger, "", ("x"):rep(1 << 20), { {} } } do
  channel:send(value)
  equal(channel:recv(0), value)
end
local n = 1
channel:send(function() n = n + 1 return n end)
equal({ channel:recv()(), n }, { 2, 1 })

-- Closed: what waits can still be received, and nothing is sent any more.
channel:send("last")
equal(channel:close(), true)
channel:close()
equal(channel.closed, true)
equal({ channel:send("more") }, { nil, "closed" })
equal({ channel:send("more", 1) }, { nil, "closed" })
equal({ channel:recv(0) }, { "last" })
equal({ channel:recv() }, { nil, "closed" })
equal({ channel:recv(1) }, { nil, "closed" })

-- iter ends with the channel.
channel = parallel.channel(5)
for i = 1, 5 do channel:send(i * i) end
channel:close()
local list = {}
for value in channel:iter() do list[#list + 1] = value end
equal(list, { 1, 4, 9, 16, 25 })

-- Mistakes.
local function fails(wanted, f) support.fails("TEST:+0: " .. wanted, "none", f) end
for _, capacity in ipairs { 0, -1 } do
  fails("parallel.channel: the capacity must be at least 1, got " .. capacity,
    function() return parallel.channel(capacity), 1 end)
end
fails("bad argument #1 to 'channel' (number expected, got string)",
  function() return parallel.channel "x", 1 end)
channel = parallel.channel(1)
fails("bad argument #1 to 'send' (nil cannot be sent; close() marks the end)",
  function() return channel:send(nil), 1 end)
fails("bad argument #2 to 'send' (number expected, got string)",
  function() return channel:send(1, "x"), 1 end)
fails("bad argument #1 to 'recv' (number expected, got table)",
  function() return channel:recv {}, 1 end)
fails("cannot send the value: .x is a coroutine. Create it inside the task instead.",
  function() return channel:send { x = coroutine.create(print) }, 1 end)
equal(#channel, 0)
fails("parallel.channel: cannot set field 'capacity': it is read-only",
  function() channel.capacity = 5 end)

-- A channel may travel in a channel.
local outer = parallel.channel(1)
outer:send { inner = channel }
outer:recv().inner:send("through both")
equal(channel:recv(0), "through both")

-- A channel is equal to itself wherever it has been, and closed at the end of a block.
do
  local pool <close> = parallel.threads(1)
  local one, other = parallel.channel(1), parallel.channel(1)
  local names = { [one] = "one", [other] = "other" }
  local back = pool:apply(function(c) return c end, one)
  assert(back == one and back ~= other and one ~= io.stdout)
  equal({ names[back], names[pool:apply(function() return other end)] }, { "one", "other" })
  equal({ pool:apply(function(c, d) return ({ [one] = 1 })[c], c == one, c == d end, one, other) },
    { 1, true, false })
  other:send(one)
  assert(other:recv() == one)
  do local closing <close> = pool:apply(function() return one end) end -- luacheck: ignore 211
  equal(one.closed, true)
  pool:apply(function() local closing <close> = other end) -- luacheck: ignore 211
  equal(other.closed, true)
end

-- Between the caller and tasks: as an upvalue, an argument, an item, a result.
do
  local pool <close> = parallel.threads(2)
  local to, from = parallel.channel(4), parallel.channel(4)
  local echo = pool:apply_async(function()
    local count = 0
    for value in to:iter() do
      from:send { value, count }
      count = count + 1
    end
    from:close()
    return count
  end)
  for i = 1, 100 do
    equal(to:send(i, 60), true)
    equal(from:recv(60), { i, i - 1 })
  end
  to:close()
  equal({ from:recv(60) }, { nil, "closed" })
  equal(echo:get(60), 100)

  -- Between two tasks; the full channel holds the faster one back.
  local pipe, done = parallel.channel(1), parallel.channel(1)
  local producer = pool:apply_async(function(c)
    local most = 0
    for i = 1, 500 do
      c:send(i, 60)
      most = math.max(most, #c)
    end
    c:close()
    return most
  end, pipe)
  local consumer = pool:apply_async(function(c, d)
    local sum = 0
    for value in c:iter() do sum = sum + value end
    d:send(sum)
    return sum
  end, pipe, done)
  equal(done:recv(60), 125250)
  equal(consumer:get(60), 125250)
  assert(producer:get(60) <= 1, "more values wait than the channel holds")

  -- Many tasks, one channel: each value once.
  local work, results = parallel.channel(8), parallel.channel(1000)
  local workers = pool:map_async(function(w)
    local count = 0
    for value in w:iter() do
      results:send(value)
      count = count + 1
    end
    return count
  end, { work, work })
  for i = 1, 300 do work:send(i, 60) end
  work:close()
  local counts = workers:get(60)
  equal(counts[1] + counts[2], 300)
  local seen = {}
  for _ = 1, 300 do seen[results:recv(60)] = true end
  equal({ #seen, #results }, { 300, 0 })

  -- One that a task makes.
  local made = pool:apply(function()
    local c = parallel.channel(3)
    c:send("from within")
    return c
  end)
  equal({ made.capacity, made:recv(60) }, { 3, "from within" })

  -- A task that waits for a channel can be stopped and has a clock.
  local never = parallel.channel(1)
  local err = support.failure(pool.map, pool, function() return never:recv() end, { 1 },
    { timeout = 0.2 })
  equal({ err.message, err.cause }, { "timed out after 0.2 s", "timeout" })
  never:send("full")
  err = support.failure(pool.map, pool, function() return never:send(1) end, { 1 },
    { timeout = 0.2 })
  equal(err.cause, "timeout")
  local stuck = pool:map_async(function() return never:send(1) end, range(2))
  stuck:cancel()
  equal({ stuck:wait(60), stuck:successful() }, { true, false })
  equal(pool:apply(function() return 1 end), 1)
  equal(pool:status().replaced, 0)
end

-- It works within one state too.
do
  local pool <close> = parallel.serial()
  local c = parallel.channel(3)
  equal(pool:apply(function() return c:send("serial"), c.capacity end), true)
  equal(c:recv(0), "serial")
end

print("channel_test: ok")
