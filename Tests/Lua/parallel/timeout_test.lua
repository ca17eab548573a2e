-- SPDX-License-Identifier: BSD-3-Clause
--- Tasks that take too long, and tasks that do not want to end.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal = support.equal

local function forever() while true do end end
--- Swallows whatever is thrown at it.
local function stubborn()
  while true do
    pcall(function() while true do end end)
  end
end
local function recursive()
  local function go() pcall(go) return go() end
  return go()
end
local function in_coroutine()
  local co = coroutine.wrap(function() while true do coroutine.yield(1) end end)
  while true do co() end
end
local function in_metamethod()
  local t = setmetatable({}, { __index = function() while true do end end })
  while true do pcall(function() return t.x end) end
end
local function in_sort()
  while true do
    pcall(table.sort, { 3, 1, 2, 5, 4 }, function() while true do pcall(error) end end)
  end
end

support.each_backend(function(make, kind)
  local pool <close> = make(2)

  for _, endless in ipairs { forever, stubborn, recursive, in_coroutine, in_metamethod, in_sort } do
    local err = support.failure(pool.map, pool, endless, { 1 }, { timeout = 0.1 })
    equal({ err.message, err.cause, err.index, err.kind },
      { "timed out after 0.1 s", "timeout", 1, kind })
  end
  support.fails("timed out after 0.2 s\nworker's traceback:\n\tTEST:+1: in function <TEST:+1>\n"
    .. "slow, task 1 of 1, KIND worker N\nsent from TEST:+1", kind, function()
      local results = pool:map(function() while true do end end, { 1 },
        { timeout = 0.2, label = "slow" })
      return results
    end)

  -- Each task has a clock of its own: eight short ones take longer than the limit together.
  local function short(x)
    parallel.channel(1):recv(0.3)
    return x
  end
  equal(pool:map(short, support.range(8), { timeout = 2, chunksize = 8 }), support.range(8))

  -- The others go on, before and after it, also in the same chunk.
  local function maybe(x) if x == 3 then while true do end end return x end
  local results, errors = pool:map(maybe, { 1, 2, 3, 4, 5 },
    { timeout = 0.2, on_error = "collect", chunksize = 5 })
  equal({ results[1], results[2], results[4], results[5] }, { 1, 2, 4, 5 })
  equal({ #errors, errors[1].index, errors[1].message }, { 1, 3, "timed out after 0.2 s" })
  local got = {}
  for i, value in pool:imap(maybe, { 1, 2, 3, 4 }, { timeout = 0.2, on_error = "collect" }) do
    got[i] = type(value) == "userdata" and value.cause or value
  end
  equal(got, { 1, 2, "timeout", 4 })

  -- Attempts each have the time.
  pool:push { attempts = 0 }
  local err = support.failure(pool.map, pool, function()
    attempts = attempts + 1 -- luacheck: ignore 111 113
    while true do end
  end, { 1 }, { timeout = 0.1, retries = 2 })
  equal(err.cause, "timeout")
  local counts = pool.attempts
  equal((counts[1] or 0) + (counts[2] or 0), 3)

  -- A task in time is not disturbed by the clock of the one before.
  equal(pool:map(function(x) return x end, { 1, 2 }, { timeout = 60 }), { 1, 2 })
  equal(pool:status().replaced, 0)
end)

-- A call of C that does not come back: its worker is given up, the pool goes on.
support.each_backend(function(make, kind)
  local pool <close> = make(1)
  local function in_c()
    -- A pattern that takes years, in one call.
    return (("a"):rep(40)):find(("a*"):rep(40) .. "b")
  end
  local err = support.failure(pool.map, pool, in_c, { 1 }, { timeout = 0.1 })
  equal({ err.cause, err.index }, { "timeout", 1 })
  equal(err.message, support.apart[kind]
    and "timed out after 0.1 s; its process did not stop and was killed"
    or "timed out after 0.1 s, in a call of a function in C that cannot be stopped; "
      .. "the worker was given up")
  equal(pool:map(function(x) return x end, { 7 }), { 7 })
  equal({ pool:status().replaced, #pool }, { 1, 1 })
end, support.concurrent_pools)

print("timeout_test: ok")
