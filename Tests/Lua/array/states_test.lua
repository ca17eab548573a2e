-- SPDX-License-Identifier: BSD-3-Clause
-- Arrays in workers, their memory, and the collector.

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")
local equal = expect.equal

-- Every worker has the table, and a function of it travels by its name.
local zeros = array.zeros
for _, kind in ipairs { "serial", "threads", "processes" } do
  local pool <close> = parallel[kind](kind ~= "serial" and 2 or nil)
  equal(pool:map(function(n) return array.range(1, n):sum() end, { 1, 2, 3 }), { 1, 3, 6 })
  equal(pool:map(function(n) return zeros(n).size end, { 4, 5 }), { 4, 5 })
  equal(pool:apply(function() return require "array" == array end), true)
end

-- Memory that Lua's collector does not see counts: garbage is collected in time.
local function resident()
  local file <close> = assert(io.open "/proc/self/status")
  return tonumber(file:read("a"):match "VmRSS:%s*(%d+)") * 1024
end
local x, y = array.ones(1000000), array.ones(1000000)
local before, most = resident(), 0
for i = 1, 100 do
  local z = (x + y) * 2 + x
  equal(z[1], 5.0)
  if i % 10 == 0 then
    most = math.max(most, resident())
  end
end
if most - before > 60e6 then
  error(("100 turns took %d MB"):format((most - before) // 1000000))
end

-- A long function stops with its task.
do
  local pool <close> = parallel.threads(1)
  local stopped, reason = pcall(pool.map, pool, function()
    local a = array.ones(1000000)
    while true do
      a:sin()
    end
  end, { 1 }, { timeout = 0.2 })
  equal({ stopped, tostring(reason):match "timed out" }, { false, "timed out" })
  equal(pool:apply(function() return array.ones(10):sum() end), 10.0)
end

-- The limit of a worker's memory counts arrays, and what was freed is free.
local pool <close> = parallel.threads { n = 1, memory_limit = 64 << 20 }
local ok, message = pcall(pool.apply, pool, function() return array.zeros(20000000).size end)
equal({ ok, tostring(message):match "not enough memory" }, { false, "not enough memory" })
equal(pool:apply(function()
  local sum = 0
  for _ = 1, 50 do
    sum = sum + array.ones(1000000):sum()
  end
  return sum
end), 5e7)
equal(pool:apply(function()
  local a = array.zeros(4000000) -- 32 MB, and what is derived from it takes nothing
  local b, c = a:copy(), a:reshape { 2000, 2000 }
  return b.size + c.size
end), 8000000)
