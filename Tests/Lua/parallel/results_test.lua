-- SPDX-License-Identifier: BSD-3-Clause
--- What the calls of a view give: the results, all of them, in order.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal, range = support.equal, support.range

local function square(x) return x * x end
local function add(a, b) return a + (b or 0) end
local function nothing() end

--- The values that a call gives, with how many there are.
local function packed(...) return table.pack(...) end

support.each_backend(function(make)
  local pool <close> = make(2)

  -- apply: all results, nils among them and at the end.
  equal(packed(pool:apply(add, 2, 3)), { 5, n = 1 })
  equal(packed(pool:apply(nothing)), { n = 0 })
  equal(packed(pool:apply(function(...) return ... end, 1, nil, "x", nil)),
    { 1, nil, "x", nil, n = 4 })
  equal(packed(pool:apply(function(...) return select("#", ...) end, nil, nil)), { 2, n = 1 })
  equal(packed(pool:apply(function() return table.unpack({}, 1, 200) end)).n, 200)
  equal(packed(pool:apply_async(add, 2, 3):get(60)), { 5, n = 1 })
  equal(packed(pool:apply_async(nothing):get(60)), { n = 0 })
  equal(packed(pool:apply_async(function() return nil, 2, nil end):get(60)),
    { nil, 2, nil, n = 3 })

  -- map: the first result of each, in order, and nothing but the list.
  equal(packed(pool:map(square, { 1, 2, 3, 4.0 })), { { 1, 4, 9, 16.0 }, n = 1 })
  equal(pool:map(function(x) return x, "more" end, { 1, 2 }), { 1, 2 })
  equal(pool:map(nothing, { 1, 2, 3 }), {})
  equal(pool:map(function(x) if x % 2 == 1 then return x end end, range(5)),
    { 1, nil, 3, nil, 5 })
  equal(pool:map(function(x) return x ~= 2 end, { 1, 2, 3 }), { true, false, true })
  equal(pool:map(function(...) return select("#", ...) end, { "one" }), { 1 })
  equal(packed(pool:map_async(square, range(4)):get(60)), { { 1, 4, 9, 16 }, n = 1 })

  -- starmap: each element unpacked.
  equal(pool:starmap(add, { { 1, 2 }, { 3 }, { 5, 6, 7 } }), { 3, 3, 11 })
  equal(pool:starmap(function(...) return select("#", ...) end, { {}, { 1 }, { 1, 2 } }),
    { 0, 1, 2 })
  equal(pool:starmap_async(add, { { 1, 2 }, { 3 } }):get(60), { 3, 3 })
  equal(pool:starmap(function(...) return table.concat({ ... }, " ") end,
    { { "a" }, { "b", "c" } }, { args = { "x", "y" } }), { "a x y", "b c x y" })

  -- imap and imap_unordered: the number of the item, and the result.
  local seen = {}
  for i, value in pool:imap(square, range(50)) do
    equal(i, #seen + 1)
    seen[i] = value
  end
  equal(seen, pool:map(square, range(50)))
  local found, count = {}, 0
  for i, value in pool:imap_unordered(square, range(50)) do
    equal(found[i], nil)
    found[i], count = value, count + 1
  end
  equal(count, 50)
  equal(found, seen)
  local pairs_given = {}
  for i, value in pool:imap(nothing, range(3)) do
    pairs_given[#pairs_given + 1] = { i, tostring(value) }
  end
  equal(pairs_given, { { 1, "nil" }, { 2, "nil" }, { 3, "nil" } })

  -- Empty lists.
  equal(packed(pool:map(square, {})), { {}, n = 1 })
  equal(packed(pool:starmap(square, {})), { {}, n = 1 })
  local empty = pool:map_async(square, {})
  equal({ empty:wait(60), empty:ready(), empty:successful(), #empty }, { true, true, true, 0 })
  equal(packed(empty:get(60)), { {}, n = 1 })
  equal(empty:metadata(), {})
  equal({ empty:progress() }, { 0, 0 })
  for _ in pool:imap(square, {}) do error("nothing was to come") end
  for _ in pool:imap_unordered(square, {}) do error("nothing was to come") end
  for _ in empty:iter() do error("nothing was to come") end

  -- The list is what `#` says of it, without metamethods.
  equal(pool:map(square, setmetatable({ 1, 2 }, { __len = function() return 9 end })), { 1, 4 })

  -- A caller's list is a list of its own each time.
  local list = { 1, 2, 3 }
  local again = pool:map_async(square, list)
  list[1] = 100
  equal(again:get(60), { 1, 4, 9 })
  assert(again:get() == again:get(), "the results are taken once")
end)

-- 100,000 items, whichever way they go.
support.each_backend(function(make)
  local pool <close> = make(2)
  local n = 100000
  local list = range(n)
  local function check(results)
    equal(#results, n)
    for i = 1, n do
      if results[i] ~= i + 1 then error(("result %d is %s"):format(i, results[i])) end
    end
  end
  check(pool:map(function(x) return x + 1 end, list))
  check(pool:map_async(function(x) return x + 1 end, list):get(60))
  local results = {}
  for i, value in pool:imap(function(x) return x + 1 end, list) do results[i] = value end
  check(results)
  equal(#pool:map(function() end, list), 0)
end)

print("results_test: ok")
