-- SPDX-License-Identifier: BSD-3-Clause
--- Branches in workflows that are computed for each element. Run: vtlua element_branches_test.lua

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")

--- The computations, such as "a(3)", in their order.
local computed = {}

--- A module with the inputs `x` and `z`, the latter only for the order.
local function say(name, f, type)
  local M = vt.module {
    name = name, cache = false,
    inputs = { x = "any", z = { "any", optional = true } }, outputs = { y = type or "any" },
  }
  function M:compute(inputs)
    computed[#computed + 1] = ("%s(%s)"):format(name, inputs.x)
    return { y = f(inputs.x, self) }
  end
  return M
end

local times = say("times", function(x) return x * 10 end)
local plus = say("plus", function(x) return x + 1 end)
local minus = say("minus", function(x) return -x end)
local large = say("large", function(x) return x > 2 end, "boolean")
local even = say("even", function(x) return x % 2 == 0 end, "boolean")
local picky = say("picky", function(x, self)
  if x > 2 then self:fail("%d is too large", x) end
  return x
end)

--- Runs a workflow with an inner workflow over a list. Returns the list of its output `y`, what has
--- computed, sorted, and the nodes that are not needed.
local function run(build, list, options)
  computed = {}
  local inner = vt.workflow { name = "inner", params = { x = "any" } }
  inner:outputs { y = build(inner, inner.params.x) }
  local flow = vt.workflow { name = "outer" }
  local node = flow:add("n", inner, { x = vt.each(list) }, options)
  flow:outputs { y = node.y }
  local found = flow:run()
  table.sort(computed)
  local idle = {}
  for name, record in pairs(found.nodes) do
    if record.status == "not-needed" then idle[#idle + 1] = name end
  end
  table.sort(idle)
  return { found.outputs.y, table.concat(computed, " "), table.concat(idle, " ") }
end

-- Each element computes its own branch, with all that only this branch needs.
local function choose(inner, x)
  local a = inner:add("a", times, { x = x })
  local b = inner:add("b", plus, { x = a.y })
  local c = inner:add("c", minus, { x = x })
  local is = inner:add("is", large, { x = x })
  return inner:add("pick", "control.choose", { condition = is.y, yes = b.y, no = c.y }).value
end
expect.equal(run(choose, { 1, 2, 3 }), {
  { -1, -2, 31 }, "large(1) large(2) large(3) minus(1) minus(2) plus(30) times(3)", "" })
-- A branch that no element chooses is not needed.
expect.equal(run(choose, { 1, 2 }), {
  { -1, -2 }, "large(1) large(2) minus(1) minus(2)", "n/a n/b" })
expect.equal(run(choose, {}), { {}, "", "" })

-- A node of a branch that something else needs computes for all elements.
expect.equal(run(function(inner, x)
  local a = inner:add("a", times, { x = x })
  local is = inner:add("is", large, { x = a.y })
  return inner:add("pick", "control.choose", { condition = is.y, yes = a.y, no = x }).value
end, { 0, 1 }), { { 0, 10 }, "large(0) large(10) times(0) times(1)", "" })

-- Cases, and otherwise.
expect.equal(run(function(inner, x)
  local a = inner:add("a", times, { x = x })
  local b = inner:add("b", plus, { x = x })
  local c = inner:add("c", minus, { x = x })
  return inner:add("pick", "control.choose", {
    value = x, cases = { a.y, b.y, [4] = "four" }, otherwise = c.y,
  }).value
end, { 1, 2, 3, 4 }), { { 10, 3, -3, "four" }, "minus(3) plus(2) times(1)", "" })

-- A choice within a branch: its condition, too, computes only where it is needed.
expect.equal(run(function(inner, x)
  local isLarge = inner:add("is_large", large, { x = x })
  local isEven = inner:add("is_even", even, { x = x })
  local a = inner:add("a", times, { x = x })
  local b = inner:add("b", plus, { x = x })
  local c = inner:add("c", minus, { x = x })
  local within = inner:add("within", "control.choose",
    { condition = isEven.y, yes = a.y, no = b.y })
  return inner:add("pick", "control.choose",
    { condition = isLarge.y, yes = within.value, no = c.y }).value
end, { 1, 3, 4 }), {
  { -1, 4, 40 }, "even(3) even(4) large(1) large(3) large(4) minus(1) plus(3) times(4)", "" })

-- A branch that is a workflow, with a node that nothing consumes.
expect.equal(run(function(inner, x)
  local branch = vt.workflow { name = "branch", params = { x = "any" } }
  local a = branch:add("a", times, { x = branch.params.x })
  branch:add("writer", minus, { x = a.y })
  branch:outputs { y = a.y }
  local node = inner:add("branch", branch, { x = x })
  local is = inner:add("is", large, { x = x })
  return inner:add("pick", "control.choose", { condition = is.y, yes = node.y, no = x }).value
end, { 1, 3 }), { { 1, 30 }, "large(1) large(3) minus(30) times(3)", "" })

-- Elements within elements: a branch is chosen on the outer level.
local isLong = say("is_long", function(list) return #list > 1 end, "boolean")
expect.equal(run(function(inner, x)
  local one = inner:add("one", times, { x = vt.each(x) })
  local is = inner:add("is", isLong, { x = x })
  return inner:add("pick", "control.choose", { condition = is.y, yes = one.y, no = x }).value
end, { { 1 }, { 2, 3 } })[1], { { 1 }, { 20, 30 } })
expect.equal({ computed[3], computed[4], #computed }, { "times(2)", "times(3)", 4 })

-- A condition from outside is the same for all elements.
do
  local inner = vt.workflow { name = "inner", params = { x = "any", exact = "boolean" } }
  local a = inner:add("a", times, { x = inner.params.x })
  local b = inner:add("b", plus, { x = inner.params.x })
  inner:outputs { y = inner:add("pick", "control.choose",
    { condition = inner.params.exact, yes = a.y, no = b.y }).value }
  local flow = vt.workflow { name = "outer" }
  local yes = flow:add("yes", even, { x = 2 })
  local node = flow:add("n", inner, { x = vt.each { 1, 2 }, exact = yes.y })
  flow:outputs { y = node.y }
  computed = {}
  expect.equal(flow:run().outputs.y, { 10, 20 })
  expect.equal(computed, { "even(2)", "times(1)", "times(2)" })
end

-- default: another value where an element fails. What depends on that element does not compute.
local function default(inner, x)
  local a = inner:add("a", picky, { x = x })
  local b = inner:add("b", plus, { x = a.y })
  local c = inner:add("c", minus, { x = x })
  return inner:add("level", "control.default", { value = b.y, default = c.y, failed = true }).value
end
expect.equal(run(default, { 1, 3, 2, 4 }), {
  { 2, -3, 3, -4 }, "minus(3) minus(4) picky(1) picky(2) picky(3) picky(4) plus(1) plus(2)", "" })
-- In a workflow whose failed elements are left out, a replaced one stays.
expect.equal(run(default, { 1, 3 }, { on_error = "collect" })[1], { 2, -3 })
-- A failure that something else needs ends the run.
local ok, message = pcall(run, function(inner, x)
  local a = inner:add("a", picky, { x = x })
  local level = inner:add("level", "control.default", { value = a.y, default = 0, failed = true })
  return inner:add("sum", say("sum", function() return 0 end), { x = level.value, z = a.y }).y
end, { 1, 3 })
expect.equal({ ok, tostring(message):match("3 is too large") }, { false, "3 is too large" })

-- A failure in a branch that the element has not chosen does not happen.
expect.equal(run(function(inner, x)
  local a = inner:add("a", picky, { x = x })
  local is = inner:add("is", large, { x = x })
  return inner:add("pick", "control.choose", { condition = is.y, yes = 0, no = a.y }).value
end, { 1, 3, 2 }), { { 1, 0, 2 }, "large(1) large(2) large(3) picky(1) picky(2)", "" })

-- Random workflows give what plain Lua gives, and compute each branch only where it is chosen.
math.randomseed(7)
for _ = 1, 60 do
  local expected = {}
  local list = {}
  for i = 1, math.random(0, 6) do list[i] = math.random(1, 6) end
  local function grow(inner, x, depth, name)
    local kind = depth == 0 and "leaf" or ({ "leaf", "choose", "choose", "chain" })[math.random(4)]
    if kind == "leaf" then
      local module = ({ times, plus, minus })[math.random(3)]
      local f = ({ [times] = function(v) return v * 10 end, [plus] = function(v) return v + 1 end,
                   [minus] = function(v) return -v end })[module]
      local label = ({ [times] = "times", [plus] = "plus", [minus] = "minus" })[module]
      local node = inner:add(name, module, { x = x })
      return node.y, function(v)
        expected[#expected + 1] = ("%s(%s)"):format(label, v)
        return f(v)
      end
    elseif kind == "chain" then
      local first, f = grow(inner, x, depth - 1, name .. "a")
      local second, g = grow(inner, first, depth - 1, name .. "b")
      return second, function(v) return g(f(v)) end
    end
    local yes, f = grow(inner, x, depth - 1, name .. "y")
    local no, g = grow(inner, x, depth - 1, name .. "n")
    local is = inner:add(name .. "i", even, { x = x })
    local pick = inner:add(name .. "p", "control.choose", { condition = is.y, yes = yes, no = no })
    return pick.value, function(v)
      expected[#expected + 1] = ("even(%s)"):format(v)
      if v % 2 == 0 then return f(v) end
      return g(v)
    end
  end
  local plain
  local found = run(function(inner, x)
    local y
    y, plain = grow(inner, x, 3, "r")
    return y
  end, list)
  local values = {}
  for i, v in ipairs(list) do values[i] = plain(v) end
  table.sort(expected)
  expect.equal({ found[1], found[2] }, { values, table.concat(expected, " ") })
end
