-- SPDX-License-Identifier: BSD-3-Clause
--- Modules that compute for each element of lists. Run: vtlua each_test.lua

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")

local square = vt.module {
  name = "square", inputs = { x = { "number", max = 100 }, k = { "number", default = 1 } },
  outputs = { y = "number" },
}
function square:compute(inputs) return { y = inputs.k * inputs.x * inputs.x } end

local pair = vt.module {
  name = "pair", inputs = { a = "any", b = "any" }, outputs = { ab = "string" },
}
function pair:compute(inputs) return { ab = inputs.a .. inputs.b } end

local numbers = vt.module {
  name = "numbers", inputs = { n = "integer" },
  outputs = { list = "list<number>", any = "any", first = "number", names = "list<string>" },
}
function numbers:compute(inputs)
  local list = {}
  for i = 1, inputs.n do list[i] = i end
  return { list = list, any = list, first = 1, names = { "a" } }
end

local sum = vt.module {
  name = "sum", inputs = { values = "list<number>" }, outputs = { total = "number" },
}
function sum:compute(inputs)
  local total = 0
  for _, value in ipairs(inputs.values) do total = total + value end
  return { total = total }
end

--- Makes a workflow by a function, which returns the outputs, and runs it.
local function run(build, options)
  local flow = vt.workflow { name = "each", params = { n = { "integer", default = 3 } } }
  return flow:outputs(build(flow)):run(options).outputs
end

--- A workflow fails with this message, which has its line in front.
local function fails(message, build)
  local _, got = pcall(run, build)
  -- The line of the run, and that of the node.
  got = tostring(got):gsub("^[^\n]-%.lua:%d+: ", ""):gsub("^[^\n]-%.lua:%d+: ", "")
  expect.equal((got:gsub("[^ (]*each_test%.lua:%d+", "FILE")), message)
end

-- One list: constants, ports of several types, a parameter of elements that all share.
expect.equal(run(function(flow)
  local source = flow:add("source", numbers, { n = flow.params.n })
  local a = flow:add("a", square, { x = vt.each { 1, 2.5, 3 } })
  local b = flow:add("b", square, { x = vt.each(source.list), k = flow.params.n })
  local c = flow:add("c", square, { x = vt.each(source.any), k = source.first })
  local empty = flow:add("empty", square, { x = vt.each {} })
  local total = flow:add("total", sum, { values = b.y })
  return { a = a.y, b = b.y, c = c.y, empty = empty.y, total = total.total }
end), { a = { 1, 6.25, 9 }, b = { 3, 12, 27 }, c = { 1, 4, 9 }, empty = {}, total = 42 })

-- Ports in the list, and elements of what another node has made for each element.
expect.equal(run(function(flow)
  local a = flow:add("a", square, { x = 2 })
  local b = flow:add("b", square, { x = vt.each { a.y, 10 } })
  local c = flow:add("c", square, { x = vt.each(b.y), k = 0.5 })
  return { b = b.y }, c
end), { b = { 16, 100 } })

-- Pairs and combinations; two levels.
expect.equal(run(function(flow)
  local x, y = vt.zip({ 1, 2, 3 }, { "a", "b", "c" })
  local p, q, r = vt.cross({ 1, 2 }, { "a", "b" }, { "x", "y" })
  local nested = vt.each(vt.each { { 1, 2 }, {}, { 3 } })
  local outer = vt.each { "p", "q", "r" }
  local zipped = flow:add("zip", pair, { a = x, b = y })
  local crossed = flow:add("cross", pair, { a = p, b = r })
  local both = flow:add("both", pair, { a = p, b = q })
  local two = flow:add("two", square, { x = nested })
  return { zip = zipped.ab, cross = crossed.ab, both = both.ab, two = two.y },
    flow:add("outer", pair, { a = outer, b = outer })
end), {
  zip = { "1a", "2b", "3c" },
  cross = { "1x", "1y", "1x", "1y", "2x", "2y", "2x", "2y" },
  both = { "1a", "1a", "1b", "1b", "2a", "2a", "2b", "2b" },
  two = { { 1, 4 }, {}, { 9 } },
})

-- An input on the outer level of a node with two levels.
expect.equal(run(function(flow)
  local rows = vt.each { { "a", "b" }, { "c" } }
  local cells = vt.each(rows)
  local node = flow:add("cells", pair, { a = cells, b = "!" })
  local lengths = vt.module {
    name = "n", inputs = { row = "list", cell = "string" }, outputs = { s = "string" },
  }
  function lengths:compute(inputs) return { s = inputs.cell .. #inputs.row } end
  local mixed = flow:add("mixed", lengths, { row = rows, cell = cells })
  return { cells = node.ab, mixed = mixed.s }
end), { cells = { { "a!", "b!" }, { "c!" } }, mixed = { { "a2", "b2" }, { "c1" } } })

-- A workflow as the module: its nodes compute for each element, also those that do not use it.
local inner = vt.workflow {
  name = "inner",
  params = { x = { "number", min = 0 }, list = { "list<number>", default = { 1, 2 } } },
}
local one = inner:add("one", square, { x = inner.params.x })
local two = inner:add("two", square, { x = one.y, k = 2 })
local fixed = inner:add("fixed", square, { x = 5 })
local own = inner:add("own", square, { x = vt.each(inner.params.list), k = one.y })
local table_ = inner:add("table", sum, { values = { one.y, two.y, fixed.y, inner.params.x } })
inner:outputs { two = two.y, fixed = fixed.y, own = own.y, total = table_.total }
expect.equal(run(function(flow)
  local each = flow:add("each", inner, { x = vt.each { 1, 2 } })
  local cross, list = vt.cross({ 1, 2 }, { { 1 }, { 2, 3 } })
  local more = flow:add("more", inner, { x = cross, list = list })
  local sums = flow:add("sums", sum, { values = each.two })
  return {
    two = each.two, fixed = each.fixed, own = each.own, total = each.total, more = more.own,
    sum = sums.total,
  }
end), {
  two = { 2, 32 }, fixed = { 25, 25 }, own = { { 1, 4 }, { 4, 16 } }, total = { 29, 63 },
  more = { { 1 }, { 4, 9 }, { 4 }, { 16, 36 } }, sum = 34,
})
fails("`bad/one[2]` (square 0) failed in its inputs: parameter `x` of inner: -1 is below the "
  .. "minimum 0",
  function(flow)
    local source = flow:add("s", numbers, { n = 1 })
    return { y = flow:add("each", inner, { x = vt.each(source.any) }).two },
      flow:add("bad", inner, { x = vt.each { 1, -1 } })
  end)

-- Failed elements that are left out.
local third = vt.module { name = "third", inputs = { x = "any" }, outputs = { y = "number" } }
function third:compute(inputs)
  if inputs.x == 3 then self:fail("three is not allowed") end
  return { y = inputs.x * 2 }
end
expect.equal(run(function(flow)
  local node = flow:add("n", third, { x = vt.each { 1, 3, 5, "x" } }, { on_error = "collect" })
  return { y = node.y, kept = node.kept, errors = node.errors }
end), {
  y = { 2, 10 }, kept = { 1, 3 },
  errors = {
    { index = 2, message = "three is not allowed" },
    { index = 4, message = "attempt to mul a 'string' with a 'number'" },
  },
})
expect.equal(run(function(flow)
  local x = vt.each(vt.each { { 3, 1 }, { 3 } })
  local node = flow:add("n", third, { x = x }, { on_error = "collect" })
  return { y = node.y, kept = node.kept, errors = node.errors }
end), {
  y = { { 2 }, {} }, kept = { { 2 }, {} },
  errors = {
    { index = { 1, 1 }, message = "three is not allowed" },
    { index = { 2, 1 }, message = "three is not allowed" },
  },
})
fails("`n[2]` (third 0) failed in compute: three is not allowed", function(flow)
  return { y = flow:add("n", third, { x = vt.each { 1, 3, "x" } }).y }
end)

-- The same for a workflow: what depends on a failed element is not computed.
local risky = vt.workflow {
  name = "risky", params = { x = "any", list = { "list", default = { 1, 3 } } },
}
local doubled = risky:add("doubled", third, { x = risky.params.x })
local squared = risky:add("squared", square, { x = doubled.y })
local list = vt.each(risky.params.list)
local parts = risky:add("parts", third, { x = list }, { on_error = "collect" })
local words = risky:add("words", pair, { a = vt.each { "a", "b" }, b = squared.y })
risky:outputs { y = squared.y, parts = parts.y, words = words.ab }
expect.equal(run(function(flow)
  local node = flow:add("n", risky, { x = vt.each { 1, 3, 2, 60 } }, { on_error = "collect" })
  local after = flow:add("after", sum, { values = node.y })
  return {
    y = node.y, kept = node.kept, errors = node.errors, parts = node.parts, words = node.words,
    sum = after.total,
  }
end), {
  y = { 4, 16 }, kept = { 1, 3 }, sum = 20, parts = { { 2 }, { 2 } },
  words = { { "a4", "b4" }, { "a16", "b16" } },
  errors = {
    { index = 2, message = "three is not allowed" },
    { index = 4, message = "input `x` (from n/doubled): 120 is above the maximum 100" },
  },
})
expect.equal(run(function(flow)
  local x = vt.each(vt.each { { 3, 1 }, { 3 }, {} })
  local node = flow:add("n", risky, { x = x }, { on_error = "collect" })
  return { y = node.y, kept = node.kept, errors = node.errors }
end), {
  y = { { 4 }, {}, {} }, kept = { { 2 }, {}, {} },
  errors = {
    { index = { 1, 1 }, message = "three is not allowed" },
    { index = { 2, 1 }, message = "three is not allowed" },
  },
})

-- Retries get the inputs as they were, and what an element changes stays its own.
local greedy = vt.module {
  name = "greedy", inputs = { t = "list", common = "list" }, outputs = { n = "integer" },
}
local tries = 0
function greedy:compute(inputs)
  tries = tries + 1
  table.remove(inputs.t)
  table.remove(inputs.common)
  if tries == 1 then error("once") end
  return { n = #inputs.t + #inputs.common }
end
expect.equal(run(function(flow)
  local source = flow:add("source", numbers, { n = 3 })
  return {
    n = flow:add("g", greedy, { t = vt.each { { 1, 2 }, { 1 } }, common = source.list },
      { retries = 1 }).n,
  }
end), { n = { 3, 2 } })

-- An element that changes the list that elements come from.
local vandal = vt.module {
  name = "vandal", inputs = { x = "number", list = "list" }, outputs = { x = "number" },
}
function vandal:compute(inputs)
  inputs.list[2], inputs.list[3] = -1, nil
  return { x = inputs.x }
end
expect.equal(run(function(flow)
  local source = flow:add("source", numbers, { n = 3 })
  return { x = flow:add("v", vandal, { x = vt.each(source.list), list = source.list }).x }
end), { x = { 1, 2, 3 } })

-- A module that returns nothing for an element.
local silent = vt.module {
  name = "silent", inputs = { x = "number" }, outputs = { y = { "number", optional = true } },
}
function silent:compute(inputs) if inputs.x < 2 then return { y = 1 } end end
fails("`n[2]` (silent 0) failed in its outputs: output `y` is nil; each element of a list "
  .. "must have "
  .. "a value",
  function(flow) return { y = flow:add("n", silent, { x = vt.each { 1, 2 } }).y } end)

-- Mistakes.
local function add(inputs, options)
  return function(flow)
    local source = flow:add("source", numbers, { n = 2 })
    return { y = flow:add("n", square, inputs(source, flow), options).y }
  end
end
fails("vt.each: a list, or a port that gives one, expected, got a number",
  add(function() return { x = vt.each(3) } end))
fails("vt.each: a list, or a port that gives one, expected, got nil",
  add(function() return { x = vt.each(nil) } end))
fails("vt.each takes one list, got 2 arguments; write vt.zip(a, b) to pair lists, or "
  .. "vt.cross(a, b) to "
  .. "combine them",
  add(function() return { x = vt.each({}, {}) } end))
fails("vt.zip takes two or more lists, got 1; write vt.each(list) for one",
  add(function() return { x = vt.zip {} } end))
fails("vt.cross: argument 2 is a vt.each already; give the list itself",
  add(function() return { x = vt.cross({}, vt.each {}) } end))
fails("`n`: input `x` gets elements of a list, but `source.first` is number",
  add(function(source) return { x = vt.each(source.first) } end))
fails("square: input `x` takes number for each element, but `source.names` is list<string>",
  add(function(source) return { x = vt.each(source.names) } end))
fails("`n`: input `x` gets elements of a list, but parameter `n` is integer",
  add(function(_, flow) return { x = vt.each(flow.params.n) } end))
fails("`n`: `k` is from vt.each (FILE) and `x` from vt.each (FILE); write local x, y = "
  .. "vt.zip(p, q) to "
  .. "pair two lists, or vt.cross(p, q) to combine them",
  add(function() return { x = vt.each { 1 }, k = vt.each { 1 } } end))
fails("vt.each, vt.zip and vt.cross give whole inputs, not values in a table; write for example "
  .. "{ x = vt.each(list) }",
  function(flow) return { y = flow:add("n", sum, { values = { vt.each { 1 } } }).total } end)
fails("`n`: options: `on_error` is for nodes with vt.each, vt.zip or vt.cross among their inputs",
  add(function() return { x = 1 } end, { on_error = "collect" }))
fails("`n`: options: `on_error` must be \"stop\" or \"collect\", got \"ignore\"",
  add(function() return { x = vt.each { 1 } } end, { on_error = "ignore" }))
fails("square: input `x`, element 2: number expected, got string",
  add(function() return { x = vt.each { 1, "two" } } end))
fails("square: input `x`, element 1: 101 is above the maximum 100",
  add(function() return { x = vt.each { 101 } } end))
fails("`n` (pair 0) failed in its inputs: vt.zip: `a` has 2 elements and `b` has 3; lists "
  .. "of the same "
  .. "length are paired",
  function(flow)
    local source = flow:add("source", numbers, { n = 2 })
    local a, b = vt.zip(source.list, { 1, 2, 3 })
    return { y = flow:add("n", pair, { a = a, b = b }).ab }
  end)
fails("`n` (square 0) failed in its inputs: input `x`: a list expected, got number", function(flow)
  local any = vt.module { name = "any", outputs = { v = "any" } }
  function any:compute() return { v = 3 } end
  return { y = flow:add("n", square, { x = vt.each(flow:add("a", any).v) }).y }
end)

print("ok")
