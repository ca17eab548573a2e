-- SPDX-License-Identifier: BSD-3-Clause
--- Waiting for several results at once, of one pool and of several.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal = support.equal

local function double(x) return 2 * x end
local function forever() while true do end end

support.each_backend(function(make, kind)
  local pool <close> = make(2)
  local a = pool:map_async(double, { 1, 2 })
  local b = pool:apply_async(double, 3)
  local c = pool:apply_async(error, "failed")
  equal(parallel.wait_all({ a, b, c }, 60), true)
  equal({ a:get(), b:get(), c:successful() }, { { 2, 4 }, 6, false })
  equal(parallel.wait_all({ a, b, c }), true)
  equal(parallel.wait_all({ a, a }, 0), true)
  equal(parallel.wait_all({}), true)
  -- One that is ready: its position, and it. A failed one is ready, too.
  local position, result = parallel.wait_any { c, a }
  assert(position == 1 and result == c)
  position, result = parallel.wait_any({ a }, 0)
  assert(position == 1 and result == a)
  equal({ parallel.wait_any {} }, {})
  equal({ parallel.wait_any({}, 0.01) }, {})

  -- All of a pool's, as they come.
  local left, values = {}, {}
  for i = 1, 20 do left[i] = pool:apply_async(double, i) end
  while #left > 0 do
    local at, one = parallel.wait_any(left, 60)
    assert(one == left[at])
    values[#values + 1] = one:get()
    table.remove(left, at)
  end
  table.sort(values)
  for i = 1, 20 do equal(values[i], 2 * i) end

  -- What is no result.
  support.fails("TEST:+0: element 2 must be a result of an asynchronous call, got a number", kind,
    function() return parallel.wait_all { a, 5 }, 1 end)
  support.fails("TEST:+0: element 1 must be a result of an asynchronous call, got a parallel.view",
    kind, function() return parallel.wait_any { pool }, 1 end)
  support.fails("TEST:+0: bad argument #1 to 'wait_all' (table expected, got nil)", kind,
    function() return parallel.wait_all(nil), 1 end)
  support.fails("TEST:+0: bad argument #1 to 'wait_any' (table expected, got parallel.result)",
    kind, function() return parallel.wait_any(a), 1 end)
  support.fails("TEST:+0: bad argument #2 to 'wait_any' (number expected, got string)", kind,
    function() return parallel.wait_any({ a }, "soon"), 1 end)
end)

support.each_backend(function(make)
  local pool <close> = make(2)
  local endless = pool:apply_async(forever)
  local quick = pool:apply_async(double, 1)
  local position, result = parallel.wait_any({ endless, quick }, 60)
  assert(position == 2 and result == quick)
  equal({ parallel.wait_any({ endless }, 0.02) }, {})
  equal(parallel.wait_all({ quick, endless }, 0.02), false)
  equal(parallel.wait_all({ quick, endless }, 0), false)
  -- Several pools at once.
  local other <close> = make(1)
  local there = other:apply_async(double, 2)
  position, result = parallel.wait_any({ endless, there }, 60)
  assert(position == 2 and result == there)
  equal(parallel.wait_all({ there, quick }, 60), true)
  endless:cancel()
  equal(parallel.wait_all({ there, endless }, 60), true)
end, support.elsewhere)

-- Pools of all kinds at once.
do
  local serial <close> = parallel.serial()
  local threads <close> = parallel.threads(1)
  local processes <close> = parallel.processes(1)
  local results = {}
  for i, pool in ipairs { serial, threads, processes } do
    results[i] = pool:map_async(double, { i, 10 * i })
  end
  equal(parallel.wait_all(results, 60), true)
  for i, result in ipairs(results) do equal(result:get(), { 2 * i, 20 * i }) end
end

print("waiting_test: ok")
