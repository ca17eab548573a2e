-- SPDX-License-Identifier: BSD-3-Clause
--- Branches, loops and order. Run: vtlua control_test.lua

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")

--- The nodes that have computed, in their order.
local computed = {}

--- A module that gives its input, and notes that it has computed.
local function say(name)
  local M = vt.module {
    name = name, cache = false,
    inputs = { x = { "any", optional = true }, after = { "any", optional = true } },
    outputs = { y = "any" },
  }
  function M:compute(inputs)
    computed[#computed + 1] = name
    if inputs.x == "fail" then self:fail("cannot") end
    return { y = inputs.x }
  end
  return M
end

--- Makes a workflow by a function, which returns the outputs, and runs it. Returns the outputs, the
--- states of the nodes without a result, and the names of the modules that have.
local function run(build, options)
  computed = {}
  local flow = vt.workflow { name = "control", params = {} }
  flow:outputs(build(flow))
  local found = flow:run(options)
  local states = {}
  for name, node in pairs(found.nodes) do
    if node.status ~= "computed" and node.status ~= "cached" then
      states[#states + 1] = name .. " " .. node.status
    end
  end
  table.sort(states)
  return found.outputs, table.concat(states, ", "), table.concat(computed, " ")
end

--- A workflow fails with this message, which has its line in front.
local function fails(message, build, options)
  local _, got = pcall(run, build, options)
  got = tostring(got):gsub("^[^\n]-%.lua:%d+: ", ""):gsub("^[^\n]-%.lua:%d+: ", "")
  expect.equal((got:gsub("[^ (]*control_test%.lua:%d+", "FILE")), message)
end

-- choose: only the chosen branch computes, with all that only it needs; the condition comes before
-- it, wherever it was added.
for _, case in ipairs {
  { true, "yes", "shared c a a2", "b not-needed" },
  { false, "no", "shared c b", "a not-needed, a2 not-needed" },
} do
  local outputs, states, order = run(function(flow)
    local a = flow:add("a", say "a", { x = "yes" })
    local a2 = flow:add("a2", say "a2", { x = a.y })
    local shared = flow:add("shared", say "shared", { x = 1 })
    local b = flow:add("b", say "b", { x = "no", after = shared.y })
    local c = flow:add("c", say "c", { x = case[1] })
    local pick = flow:add("pick", "control.choose", { condition = c.y, yes = a2.y, no = b.y })
    return { value = pick.value, shared = shared.y }
  end)
  expect.equal(outputs, { value = case[2], shared = 1 })
  expect.equal(states, case[4])
  expect.equal(order, case[3])
end

-- A constant condition; a missing branch gives nil.
expect.equal({ run(function(flow)
  local a = flow:add("a", say "a", { x = 1 })
  local pick = flow:add("pick", "control.choose", { condition = false, yes = a.y })
  local last = flow:add("last", say "last", { x = pick.value })
  return { value = last.y }
end) }, { {}, "a not-needed", "last" })

-- cases: strings and integers, constants among them, and otherwise.
for _, case in ipairs {
  { "a", 1, "a" }, { "b", 2, "b" }, { 7, 3, "c" }, { "k", "constant", "" }, { "z", 4, "d" },
} do
  local outputs, _, order = run(function(flow)
    local a, b = flow:add("a", say "a", { x = 1 }), flow:add("b", say "b", { x = 2 })
    local c, d = flow:add("c", say "c", { x = 3 }), flow:add("d", say "d", { x = 4 })
    local key = flow:add("key", say "key", { x = case[1] })
    local pick = flow:add("pick", "control.choose", {
      value = key.y, cases = { a = a.y, b = b.y, [7] = c.y, k = "constant" }, otherwise = d.y })
    return { value = pick.value }
  end)
  expect.equal(outputs.value, case[2])
  expect.equal(order, case[3] == "" and "key" or "key " .. case[3])
end

-- The value of a case, or of otherwise, may be nil.
for _, key in ipairs { "a", "z" } do
  expect.equal({ run(function(flow)
    local a, d = flow:add("a", say "a", {}), flow:add("d", say "d", {})
    local pick = flow:add("pick", "control.choose", {
      value = key, cases = { a = a.y }, otherwise = d.y })
    local last = flow:add("last", say "last", { x = pick.value })
    return { value = last.y }
  end) }, { {}, key == "a" and "d not-needed" or "a not-needed",
            key == "a" and "a last" or "d last" })
end

-- Branches in branches, and a branch that is a workflow with a writer that nobody consumes.
for _, case in ipairs {
  { true, true, "o i x", 1 }, { true, false, "o i y", 2 }, { false, true, "o writer z", 3 },
} do
  local outputs, _, order = run(function(flow)
    local inner = vt.workflow { name = "inner", params = {} }
    inner:add("writer", say "writer", {})
    inner:outputs { y = inner:add("z", say "z", { x = 3 }).y }
    local x, y = flow:add("x", say "x", { x = 1 }), flow:add("y", say "y", { x = 2 })
    local z = flow:add("branch", inner)
    local i = flow:add("i", say "i", { x = case[2] })
    local first = flow:add("first", "control.choose", { condition = i.y, yes = x.y, no = y.y })
    local o = flow:add("o", say "o", { x = case[1] })
    local second = flow:add("second", "control.choose", {
      condition = o.y, yes = first.value, no = z.y })
    return { value = second.value }
  end)
  expect.equal(outputs.value, case[4])
  expect.equal(order, case[3])
end

-- Two branches, each with the condition of the other.
expect.equal({ run(function(flow)
  local a, b = flow:add("a", say "a", { x = true }), flow:add("b", say "b", { x = false })
  local p = flow:add("p", "control.choose", { condition = a.y, yes = b.y, no = 1 })
  local q = flow:add("q", "control.choose", { condition = b.y, yes = a.y, no = 2 })
  return { p = p.value, q = q.value }
end) }, { { p = false, q = 2 }, "", "a b" })

-- default: the replacement computes only for nil.
for _, case in ipairs {
  { 5, 5, "v" }, { nil, 9, "v d" }, { false, false, "v" },
} do
  local outputs, _, order = run(function(flow)
    local d = flow:add("d", say "d", { x = 9 })
    local v = flow:add("v", say "v", { x = case[1] })
    local either = flow:add("either", "control.default", { value = v.y, default = d.y })
    return { value = either.value }
  end)
  expect.equal(outputs.value, case[2])
  expect.equal(order, case[3])
end

-- default with failed = true: a failure before the value is replaced, and the run goes on.
expect.equal({ run(function(flow)
  local d = flow:add("d", say "d", { x = 9 })
  local f = flow:add("f", say "f", { x = "fail" })
  local v = flow:add("v", say "v", { x = f.y })
  local either = flow:add("either", "control.default", {
    value = v.y, default = d.y, failed = true })
  return { value = either.value }
end) }, { { value = 9 }, "f failed, v skipped", "f d" })

-- A failure that another output needs as well ends the run.
fails("`f` (f 0) failed in compute: cannot", function(flow)
  local f = flow:add("f", say "f", { x = "fail" })
  local either = flow:add("either", "control.default", { value = f.y, default = 1, failed = true })
  return { value = either.value, f = f.y }
end)

-- order: nodes without a connection, also those of workflows.
expect.equal(select(3, run(function(flow)
  local a, b = flow:add("a", say "a", {}), flow:add("b", say "b", {})
  local c, d = flow:add("c", say "c", {}), flow:add("d", say "d", {})
  flow:add("first", "control.order", { first = { c.y, d.y }, second = a.y })
  flow:add("second", "control.order", { first = a.y, second = b.y })
  return { a = a.y, b = b.y }
end)), "c d a b")

-- order does not make a node of a branch needed.
expect.equal({ run(function(flow)
  local a, b = flow:add("a", say "a", { x = 1 }), flow:add("b", say "b", { x = 2 })
  local pick = flow:add("pick", "control.choose", { condition = false, yes = a.y, no = b.y })
  flow:add("order", "control.order", { first = a.y, second = b.y })
  return { value = pick.value }
end) }, { { value = 2 }, "a not-needed", "b" })

-- Misuse.
local function choose(inputs)
  return function(flow)
    local a = flow:add("a", say "a", { x = true })
    for key, value in pairs(inputs) do if value == "PORT" then inputs[key] = a.y end end
    return { value = flow:add("pick", "control.choose", inputs).value }
  end
end
fails("`pick` (control.choose): write either `condition` with `yes` and `no`, or `value` with a "
      .. "table `cases`", choose { yes = "PORT" })
fails("`pick` (control.choose): both branches are missing; give `yes`, `no` or both",
      choose { condition = "PORT" })
fails("`pick` (control.choose): `cases` is missing; write cases = { name = port, ... }",
      choose { value = "PORT" })
fails("`pick` (control.choose): `yes` and `no` belong to `condition`; write a table `cases`",
      choose { value = "PORT", cases = { a = 1 }, yes = 1 })
fails("`pick` (control.choose 1.0.0) failed in compute: `value` is \"x\", which is not among "
      .. "`cases`; add it, or give `otherwise`", choose { value = "x", cases = { a = "b" } })

-- loop: the state goes from turn to turn.
local gcd = vt.module {
  name = "gcd", inputs = { state = "table" }, outputs = { state = "table", done = "boolean" },
}
function gcd:compute(inputs)
  local a, b = inputs.state.a, inputs.state.b
  if b == 0 then return { state = inputs.state, done = true } end
  return { state = { a = b, b = a % b }, done = false }
end
local function loop(inputs)
  return function(flow)
    local node = flow:add("loop", "control.loop", inputs)
    return { state = node.state, turns = node.turns }
  end
end
expect.equal(run(loop { state = { a = 1071, b = 462 }, step = gcd }),
             { state = { a = 21, b = 0 }, turns = 4 })

local count = vt.module {
  name = "count", inputs = { state = "integer", turn = "integer", by = { "integer", default = 1 } },
  outputs = { state = "integer", done = "boolean" },
}
function count:compute(inputs)
  return { state = inputs.state + inputs.by * inputs.turn, done = inputs.turn == 10 }
end
expect.equal(run(loop { state = 0, step = count, inputs = { by = 2 } }),
             { state = 110, turns = 10 })
fails("`loop` (control.loop 1.0.0) failed in compute: not done after 5 turns; the last state is "
      .. "15. Let `count` set `done`, or give a larger `limit`",
      loop { state = 0, step = count, limit = 5 })
fails("control.loop: input `limit`: 0 is below the minimum 1",
      loop { state = 0, step = count, limit = 0 })
fails("`loop` (control.loop): `step`: `say` has no input `state`; its inputs are `after`, `x`",
      loop { state = 0, step = say "say" })
fails("`loop` (control.loop): `inputs` has `bye`, but `count` has no such input; did you mean "
      .. "`by`?", loop { state = 0, step = count, inputs = { bye = 2 } })

-- A loop for each element, and a workflow as the step.
expect.equal(run(function(flow)
  local node = flow:add("loop", "control.loop", {
    state = vt.each { { a = 12, b = 18 }, { a = 7, b = 21 } }, step = gcd })
  return { state = node.state, turns = node.turns }
end), { state = { { a = 6, b = 0 }, { a = 7, b = 0 } }, turns = { 4, 3 } })
local whole = vt.workflow { name = "whole", params = { state = "integer", turn = "integer" } }
local inside = whole:add("inside", count, { state = whole.params.state, turn = whole.params.turn })
whole:outputs { state = inside.state, done = inside.done }
expect.equal(run(loop { state = 0, step = whole }), { state = 55, turns = 10 })

-- fold
local add = vt.module {
  name = "add", inputs = { state = "number", element = "number" }, outputs = { state = "number" },
}
function add:compute(inputs) return { state = inputs.state + inputs.element } end
for _, case in ipairs { { { 1, 2, 3 }, 16 }, { {}, 10 }, { array.asarray { 1.5, 2.5 }, 14.0 } } do
  expect.equal(run(function(flow)
    local fold = flow:add("fold", "control.fold", { list = case[1], initial = 10, step = add })
    return { sum = fold.state }
  end).sum, case[2])
end

-- filter
local even = vt.module { name = "even", inputs = { n = "integer" }, outputs = { is = "boolean" } }
function even:compute(inputs) return { is = inputs.n % 2 == 0 } end
for _, case in ipairs { { { 1, 2, 3, 4 }, { 2, 4 } }, { {}, {} }, { { 1 }, {} } } do
  expect.equal(run(function(flow)
    return { list = flow:add("filter", "control.filter", { list = case[1], keep = even }).list }
  end).list, case[2])
end
fails("control.filter: `add` must have one required input, it has `element`, `state`",
      function(flow)
        return { list = flow:add("filter", "control.filter", { list = {}, keep = add }).list }
      end)

-- The same with several modules at once.
for _, value in ipairs { true, false } do
  local outputs, states = run(function(flow)
    local a, b = flow:add("a", say "a", { x = 1 }), flow:add("b", say "b", { x = 2 })
    local c = flow:add("c", say "c", { x = value })
    local pick = flow:add("pick", "control.choose", { condition = c.y, yes = a.y, no = b.y })
    return { value = pick.value }
  end, { jobs = 2 })
  expect.equal(outputs.value, value and 1 or 2)
  expect.equal(states, value and "b not-needed" or "a not-needed")
end

-- A node that one choice has not chosen, and that a later one may need.
for _, jobs in ipairs { 1, 2 } do
  for _, ordered in ipairs { false, true } do
    local outputs, states = run(function(flow)
      local c = flow:add("c", say "c", { x = true })
      local other = flow:add("other", say "other", { x = 1 })
      local chosen = flow:add("chosen", say "chosen", { x = 5 })
      local first = flow:add("first", "control.choose", {
        condition = c.y, yes = chosen.y, no = other.y })
      local key = flow:add("key", say "key", { x = first.value })
      local later = flow:add("later", "control.choose", { condition = true, yes = other.y })
      local last = flow:add("last", "control.choose", {
        value = key.y, cases = { [5] = later.value, [6] = 6 } })
      if ordered then flow:add("order", "control.order", { first = other.y, second = key.y }) end
      return { value = last.value }
    end, { jobs = jobs })
    expect.equal({ outputs.value, states }, { 1, "" })
  end
end
