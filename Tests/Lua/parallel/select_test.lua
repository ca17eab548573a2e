-- SPDX-License-Identifier: BSD-3-Clause
--- parallel.select: the first value of several channels.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal = support.equal
local select = parallel.select

local a, b = parallel.channel(4), parallel.channel(4)
equal({ select({ a, b }, 0) }, { nil, "timeout" })
equal({ select({ a, b }, 0.01) }, { nil, "timeout" })
b:send("to b")
local value, from = select { a, b }
assert(value == "to b" and from == b)
a:send(1)
b:send(2)
value, from = select({ b, a }, 1)
assert(value == 2 and from == b, "in the order of the list")
value, from = select({ b, a }, 1)
assert(value == 1 and from == a)
a:send(false)
value, from = select { a }
assert(value == false and from == a)

-- Closed channels are left out; when all are closed, the result says it.
a:close()
equal({ select({ a, b }, 0.01) }, { nil, "timeout" })
b:send("still open")
equal((select { a, b }), "still open")
b:send("last")
b:close()
equal((select { a, b }), "last")
equal({ select { a, b } }, { nil, "closed" })
equal({ select({ a }, 1) }, { nil, "closed" })

-- Mistakes.
local function fails(wanted, f) support.fails("TEST:+0: " .. wanted, "none", f) end
fails("parallel.select: the list of channels is empty", function() return select {}, 1 end)
fails("bad argument #1 to 'select' (table expected, got parallel.channel)",
  function() return select(a), 1 end)
fails("bad argument #2 to 'select' (number expected, got string)",
  function() return select({ a }, "x"), 1 end)

-- From tasks, while the caller waits; and in a task.
do
  local pool <close> = parallel.threads(2)
  local one, two, stop = parallel.channel(2), parallel.channel(2), parallel.channel(1)
  local function produce(channel, first)
    for i = first, first + 99 do channel:send(i) end
    return true
  end
  local results = pool:starmap_async(produce, { { one, 1 }, { two, 1001 } }, { chunksize = 1 })
  local next_one, next_two = 1, 1001
  for _ = 1, 200 do
    local got, channel = select({ one, two }, 60)
    if channel == one then
      equal(got, next_one)
      next_one = next_one + 1
    else
      equal(got, next_two)
      next_two = next_two + 1
    end
  end
  equal({ next_one, next_two, results:get(60) }, { 101, 1101, { true, true } })

  local summer = pool:apply_async(function()
    local sum = 0
    while true do
      local got, channel = parallel.select({ one, two, stop }, 60)
      if channel == stop or got == nil then return sum end
      sum = sum + got
    end
  end)
  for i = 1, 50 do (i % 2 == 0 and one or two):send(i, 60) end
  support.eventually(function() return #one == 0 and #two == 0 end)
  stop:send(true)
  equal(summer:get(60), 1275)

  -- Closing a channel wakes every select.
  local waiting = pool:apply_async(function()
    local c = parallel.channel(1)
    return { parallel.select({ c, one }, 60) }
  end)
  one:send("woken", 60)
  equal(waiting:get(60)[1], "woken")
  waiting = pool:apply_async(function() return { parallel.select { two } } end)
  two:close()
  equal(waiting:get(60), { nil, "closed" })
  local never = parallel.channel(1)
  local err = support.failure(pool.map, pool, function() return parallel.select { never } end,
    { 1 }, { timeout = 0.2 })
  equal(err.cause, "timeout")
end

print("select_test: ok")
