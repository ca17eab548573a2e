-- SPDX-License-Identifier: BSD-3-Clause
--- Tables that are given as lists of items and arguments.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal = support.equal

local function same(x) return x end
local function count(...) return select("#", ...) end

local proxy = "a table with no elements of its own, whose metatable gives it some; copy them: "
  .. "table.move(t, 1, #t, 1, {})"
local others = {
  { proxy, setmetatable({}, { __index = { 1, 2 }, __len = function() return 2 end }) },
  { proxy, setmetatable({}, { __index = function(_, i) return i end }) },
  { proxy, setmetatable({}, { __len = function() return 1 end }) },
  { "a table that can be called and has no elements; imap takes a function that calls it: "
    .. "function() return object() end", setmetatable({}, { __call = function() return 1 end }) },
  { "a table with the key 'a' and no element 1; use the elements 1 to n", { a = 1 } },
  { "a table with the key 0 and no element 1; use the elements 1 to n", { [0] = 1 } },
  { "a table with the key 2.5 and no element 1; use the elements 1 to n", { [2.5] = 1 } },
  { "a table with the key 'n' and no element 1; use the elements 1 to n", { n = 2 } },
}

--- Empty lists, and lists with more than elements.
local lists = {
  { {}, 0 }, { table.pack(), 0 }, { setmetatable({}, { __index = { size = same } }), 0 },
  { setmetatable({}, { __index = function() error("strict") end }), 0 },
  { { 1, 2, name = "x" }, 2 }, { table.pack(1, 2), 2 },
  { setmetatable({ 1, 2 }, { __call = same, __len = function() return 9 end }), 2 },
}

support.each_backend(function(make, kind)
  local pool <close> = make(1)
  local function fails(wanted, f) support.fails("TEST:+0: " .. wanted, kind, f) end
  for _, other in ipairs(others) do
    local fault, list = other[1], other[2]
    for _, method in ipairs { "map", "map_async", "starmap", "starmap_async", "imap",
      "imap_unordered" } do
      fails("bad argument #3 to '?' (list expected, got " .. fault .. ")",
        function() return pool[method](pool, same, list), 1 end)
    end
    if support.pools[kind] then
      fails("bad argument #2 to 'scatter' (list expected, got " .. fault .. ")",
        function() pool:scatter("part", list) end)
      fails("bad argument #2 to 'map' (list expected, got " .. fault .. ")",
        function() return parallel.map(same, list, { on = kind }), 1 end)
    end
    if not list.n then
      fails("map: `args` must be a list of arguments, got " .. fault,
        function() return pool:map(same, {}, { args = list }), 1 end)
    end
    fails("bad argument #1 to 'wait_all' (list expected, got " .. fault .. ")",
      function() return parallel.wait_all(list), 1 end)
    fails("bad argument #1 to 'wait_any' (list expected, got " .. fault .. ")",
      function() return parallel.wait_any(list), 1 end)
    fails("bad argument #1 to 'select' (list expected, got " .. fault .. ")",
      function() return parallel.select(list), 1 end)
  end
  for _, list in ipairs(lists) do
    equal(#pool:map(same, list[1]), list[2])
    equal(#pool:map_async(same, list[1]), list[2])
    local n = 0
    for _ in pool:imap(same, list[1]) do n = n + 1 end
    equal(n, list[2])
  end

  -- The field `n` of `table.pack` is the number of arguments.
  local function counted(args) return pool:map(count, { 0 }, { args = args })[1] - 1 end
  equal(counted(table.pack()), 0)
  equal(counted(table.pack(nil)), 1)
  equal(counted(table.pack(nil, nil, 3)), 3)
  equal(counted(table.pack(1, nil, nil)), 3)
  equal(counted { 1, 2 }, 2)
  equal(counted { nil, 2, nil, n = 3 }, 3)
  equal(pool:map(function(x, a, b) return { x, a == nil, b } end, { 1 },
    { args = table.pack(nil, "b") }), { { 1, true, "b" } })
  equal(pool:starmap(count, { table.pack(), table.pack(nil), table.pack(1, nil, nil), { 1, 2 } }),
    { 0, 1, 3, 2 })
  fails("map: `args` must be a list of arguments, got a table with the key 4 and no element 1; "
    .. "use the elements 1 to n",
    function() return pool:map(same, {}, { args = { [4] = 1 } }), 1 end)
  if support.pools[kind] then
    local other <close> = make { n = 1, args = table.pack(nil, 2),
      initializer = function(...) given = select("#", ...) end } -- luacheck: ignore 111
    equal(other.given, { 2 })
  end
end)

print("lists_test: ok")
