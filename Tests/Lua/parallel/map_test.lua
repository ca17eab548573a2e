-- SPDX-License-Identifier: BSD-3-Clause
--- parallel.map: on the first that is there.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal, range = support.equal, support.range

local function double(x) return 2 * x end

equal({ parallel.map(double, { 1, 2 }) },
  { { 2, 4 }, { kind = "threads", workers = parallel.cores } })
for _, kind in ipairs { "serial", "threads", "processes" } do
  local info = { kind = kind, workers = kind == "serial" and 1 or parallel.cores }
  equal({ parallel.map(double, range(5), { on = { kind } }) }, { { 2, 4, 6, 8, 10 }, info })
  equal({ parallel.map(double, { 1 }, { on = kind }) }, { { 2 }, info })
  equal({ parallel.map(double, { 1 }, { on = { "cluster", kind, "serial" } }) }, { { 2 }, info })
  equal({ parallel.map(double, {}, { on = { kind } }) }, { {}, info })

  -- With the options of map.
  equal(parallel.map(function(x, y) return x + y end, { 1, 2 },
    { on = { kind }, args = { 10 }, chunksize = 1 }), { 11, 12 })
  local results, errors, where = parallel.map(function(x)
    if x == 2 then error("two", 0) end
    return x
  end, { 1, 2, 3 }, { on = { kind }, on_error = "collect" })
  equal({ results[1], results[3], #errors, errors[1].message, where }, { 1, 3, 1, "two", info })
  local err = support.fails("two\nworker's traceback:\n\tTEST:+1: in function <TEST:+1>\n"
    .. "all, task 1 of 1, KIND worker N\nsent from TEST:+1", kind, function()
    return parallel.map(function() error("two", 0) end, { 2 }, { on = { kind }, label = "all" }), 1
  end)
  equal({ err.kind, err.index }, { kind, 1 })
  if kind ~= "serial" then
    err = support.failure(parallel.map, function() while true do end end, { 1 },
      { on = { kind }, timeout = 0.2 })
    equal(err.cause, "timeout")
  end
  support.fails("TEST:+0: cannot send item 2: it is a coroutine. "
    .. "Create it inside the task instead.", kind,
    function() return parallel.map(double, { 1, coroutine.create(print) }, { on = kind }), 1 end)
end

-- Mistakes.
local function fails(wanted, f) support.fails("TEST:+0: " .. wanted, "none", f) end
fails("bad argument #1 to 'map' (function expected, got no value)",
  function() return parallel.map(), 1 end)
fails("bad argument #2 to 'map' (table expected, got number)",
  function() return parallel.map(double, 3), 1 end)
fails("bad argument #3 to 'map' (table expected, got string)",
  function() return parallel.map(double, {}, "threads"), 1 end)
fails("parallel.map: `on` has \"thread\"; did you mean `threads`?",
  function() return parallel.map(double, {}, { on = { "thread" } }), 1 end)
fails("parallel.map: `on` must be a list such as {\"processes\", \"serial\"}",
  function() return parallel.map(double, {}, { on = {} }), 1 end)
fails("parallel.map: `on` must be a list such as {\"processes\", \"serial\"}",
  function() return parallel.map(double, {}, { on = 5 }), 1 end)
fails("parallel.map: there is no cluster; add \"processes\", \"threads\" or \"serial\" to `on`",
  function() return parallel.map(double, {}, { on = { "cluster" } }), 1 end)
fails("parallel.map: unknown field `chunk`",
  function() return parallel.map(double, {}, { on = { "serial" }, chunk = 1 }), 1 end)
fails("parallel.map: `retries` must be at least 0, got -1",
  function() return parallel.map(double, {}, { retries = -1 }), 1 end)

print("map_test: ok")
