-- SPDX-License-Identifier: BSD-3-Clause
--- Tables with ports as inputs. Run: vtlua fan_in_test.lua

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")

local source = vt.module {
  name = "source", inputs = { n = "number" },
  outputs = { y = "number", list = "list<number>", none = { "number", optional = true } },
}
function source:compute(inputs) return { y = inputs.n, list = { inputs.n, inputs.n } } end

-- Returns what it gets.
local echo = vt.module {
  name = "echo", inputs = { values = "list<number>", more = { "any", optional = true } },
  outputs = { values = "list<number>", more = { "any", optional = true } },
}
function echo:compute(inputs) return { values = inputs.values, more = inputs.more } end

--- A run fails with this message, which has two places in the source: the run, and the node.
local function invalid(message, f)
  local _, got = pcall(f)
  expect.equal((tostring(got):gsub("^[^\n]*%.lua:%d+: ", "")), message)
end

--- Makes a workflow with two nodes `source`, and a node `echo` whose inputs a function gives.
local function with(inputs)
  local flow = vt.workflow { name = "fan", params = { k = { "number", default = 5 } } }
  local a = flow:add("a", source, { n = 1 })
  local b = flow:add("b", source, { n = flow.params.k })
  local last = flow:add("last", echo, inputs(a, b, flow.params))
  return flow:outputs { values = last.values, more = last.more }
end

-- Ports, parameters and constants, also in inner tables.
local function all(a, b, params)
  return {
    values = { a.y, 10, b.y, params.k },
    more = { low = a.y, bounds = { high = b.y, { a.list, "x" } }, none = a.none },
  }
end
expect.equal(with(all):run().outputs, {
  values = { 1, 10, 5, 5 }, more = { low = 1, bounds = { high = 5, { { 1, 1 }, "x" } } },
})
expect.equal(with(all):run { params = { k = 7 } }.outputs.values, { 1, 10, 7, 7 })

-- Results are used again by value.
local flow = with(all)
local second = flow:run { params = { k = 8 } }
expect.equal(second.nodes.last.status, "computed")
expect.equal(flow:run { params = { k = 8 } }.nodes.last.status, "cached")

-- A table is copied when the node is added, and what is shared in it stays shared.
local shared = { 1 }
local given = { values = { 1, 2 }, more = { shared, shared } }
flow = with(function() return given end)
given.values[3], shared[2] = 3, 2
local outputs = flow:run().outputs
expect.equal(outputs, { values = { 1, 2 }, more = { { 1 }, { 1 } } })
assert(outputs.more[1] == outputs.more[2])
local cycle = { 1 }
cycle.self = cycle
outputs = with(function() return { values = {}, more = cycle } end):run().outputs
assert(outputs.more.self == outputs.more)

-- Through a workflow that is a node, whose parameter checks the value.
local inner = vt.workflow {
  name = "inner", params = { v = { "number", max = 6 }, l = "list<number>" },
}
local inside = inner:add("e", echo, { values = { inner.params.v, 2 }, more = { inner.params.l } })
inner:outputs { values = inside.values, more = inside.more }
local function outer(k)
  local whole = vt.workflow { name = "outer" }
  local a = whole:add("a", source, { n = k })
  local i = whole:add("i", inner, { v = a.y, l = { a.y, 3 } })
  return whole:outputs { values = i.values, more = i.more }
end
expect.equal(outer(4):run().outputs, { values = { 4, 2 }, more = { { 4, 3 } } })
expect.fails("`i/e` (echo 0) failed in its inputs: "
  .. "parameter `v` of inner: 7 is above the maximum 6", function() outer(7):run() end)

-- Another attempt and other nodes get the values as they were.
local tries = 0
local spoils = vt.module {
  name = "spoils", inputs = { lists = "list<list<number>>" }, outputs = { n = "number" },
  retries = 1,
}
function spoils:compute(inputs)
  tries = tries + 1
  local n = #inputs.lists[1] + #inputs.lists
  inputs.lists[1][3], inputs.lists[2] = 3, {}
  if tries == 1 then error("once") end
  return { n = n }
end
local whole = vt.workflow { name = "spoilt" }
local kept = whole:add("a", source, { n = 1 })
local s = whole:add("s", spoils, { lists = { kept.list } })
local e = whole:add("e", echo, { values = kept.list, more = { s.n } })
whole:outputs { values = e.values, more = e.more }
expect.equal(whole:run { cache = false }.outputs, { values = { 1, 1 }, more = { 3 } })
expect.equal(tries, 2)

-- A node that fails takes with it what has one of its ports in a table.
local fails = vt.module { name = "fails", outputs = { y = "number" } }
function fails:compute() error("broken", 0) end
whole = vt.workflow { name = "failing" }
local f = whole:add("f", fails)
whole:add("e", echo, { values = { f.y } })
local result = whole:run { keep_going = true }
expect.equal({ result.status, result.nodes.e.status }, { "failed", "skipped" })

-- A cycle through tables.
whole = vt.workflow { name = "cyclic" }
local one = whole:add("one", echo, { values = { 1 } })
local two = whole:add("two", echo, { values = { 1 }, more = { one.more } })
whole:connect(two.more, one, "more")
invalid("a cycle: `one` -> `two` -> `one`", function() whole:run() end)

-- Mistakes.
expect.fails("echo: input `values[2]` takes number, but `a.list` is list<number>", function()
  with(function(a) return { values = { a.y, a.list } } end)
end)
expect.fails("echo: input `values` takes list<number>, but the port at `values.x` is in a table",
  function() with(function(a) return { values = { x = a.y } } end) end)
expect.fails("source: input `n` takes number, but the port at `n[1]` is in a table", function()
  local small = vt.workflow { name = "f" }
  small:add("b", source, { n = { small:add("a", source, { n = 1 }).y } })
end)
expect.fails("a port in a table must be at an integer or under a name; its key is 1.5", function()
  with(function(a) return { values = {}, more = { [1.5] = a.y } } end)
end)
invalid("echo: input `values`: list<number> expected, but element 2 is nil", function()
  with(function(a, b) return { values = { a.y, nil, b.y } } end):run()
end)
invalid("echo: input `values[2]`: number expected, got string", function()
  with(function(a) return { values = { a.y, "x" } } end):run()
end)
expect.fails("`last` (echo 0) failed in its inputs: "
  .. "input `values[1]` (from a): number expected, got nil", function()
  with(function(a) return { values = { a.none } } end):run()
end)
print("fan_in_test: ok")
