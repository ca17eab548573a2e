-- SPDX-License-Identifier: BSD-3-Clause
--- Workflows whose nodes are added by `build`. Run: vtlua build_test.lua

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")

local source = vt.module {
  name = "source", inputs = { n = "number" },
  outputs = { y = "number", list = "list<integer>" },
}
function source:compute(inputs) return { y = inputs.n, list = { 1, 2 } } end

local sum = vt.module {
  name = "sum", inputs = { values = "list<number>" }, outputs = { total = "number" },
}
function sum:compute(inputs)
  local total = 0
  for _, value in ipairs(inputs.values) do total = total + value end
  return { total = total }
end

--- A function fails with this message after a place in the source.
local function fails(message, f, ...)
  local ok, got = pcall(f, ...)
  assert(not ok, "it does not fail")
  got = tostring(got):gsub("^[^\n]*%.lua:%d+: ", "")
  expect.equal(got, message)
end

--- Calls of `build` so far.
local calls = 0

local study = vt.workflow {
  name = "study",
  params = { n = { "integer", default = 2, min = 1 }, scale = { "number", default = 1 } },
  build = function(flow, p)
    calls = calls + 1
    local values = {}
    for i = 1, p.n do
      values[i] = flow:add("part" .. i, source, { n = i * p.scale }).y
    end
    flow:outputs { total = flow:add("sum", sum, { values = values }).total }
  end,
}

-- The shape depends on the arguments, each time.
expect.equal(calls, 0)
local run = study:run()
expect.equal(run.outputs, { total = 3 })
assert(run.nodes.part2 and not run.nodes.part3)
run = study:run { params = { n = 4, scale = 10 } }
expect.equal(run.outputs, { total = 100 })
assert(run.nodes.part4)
expect.equal(study:run().outputs, { total = 3 })
expect.equal(calls, 3)

-- A wrong argument is found before `build` is called.
fails("parameter `n`: 0 is below the minimum 1", study.run, study, { params = { n = 0 } })
fails("parameter `n`: integer expected, got string", study.run, study, { params = { n = "x" } })
fails("workflow `study` has no parameter `m`; there are n, scale", study.run, study,
  { params = { m = 1 } })
expect.equal(calls, 3)

-- As a module: by vt.compute, and as nodes with several values in one workflow.
expect.equal(vt.compute(study, { n = 3 }), { total = 6 })
expect.equal(vt.compute(study), { total = 3 })
local function wrong(message, inputs)
  local outer = vt.workflow { name = "outer", params = { k = { "integer", default = 3 } } }
  local a = outer:add("a", source, { n = 1 })
  calls = 0
  fails(message, outer.add, outer, "b", study, inputs(a, outer.params))
  -- The node is not there.
  outer:add("b", study, { n = 1 })
end
local outer = vt.workflow { name = "outer", params = { k = { "number", default = 3 } } }
local a = outer:add("a", study, { n = 1, scale = 5 })
local b = outer:add("b", study, { n = 3 })
local c = outer:add("c", sum, { values = { a.total, b.total } })
outer:outputs { total = c.total }
run = outer:run()
expect.equal(run.outputs, { total = 11 })
assert(run.nodes["a/part1"] and not run.nodes["a/part2"] and run.nodes["b/part3"])

-- A parameter that `build` does not read may come from anywhere.
local lazy = vt.workflow {
  name = "lazy",
  params = { n = "integer", x = "number", list = { "list<number>", optional = true } },
  build = function(flow, p)
    local last
    for i = 1, p.n do last = flow:add("n" .. i, source, { n = flow.params.x }) end
    flow:outputs { y = last.y }
  end,
}
outer = vt.workflow { name = "outer", params = { k = { "number", default = 3 } } }
a = outer:add("a", source, { n = outer.params.k })
b = outer:add("b", lazy, { n = 2, x = a.y, list = { a.y, outer.params.k } })
c = outer:add("c", lazy, { n = 1 })
outer:connect(b.y, c, "x")
expect.equal(outer:outputs { y = c.y }:run { params = { k = 8 } }.outputs, { y = 8 })

-- One that it reads must be a value.
wrong("parameter `scale` decides the shape of `study`: it cannot come from a port, and "
  .. "`a.y` has no "
  .. "value before the workflow runs; give `b` a value",
  function(node) return { scale = node.y } end)
wrong("parameter `n` decides the shape of `study`: it cannot come from a port, and "
  .. "flow.params.k of "
  .. "`outer` has no value on this line; give `outer` a build = function(flow, p) ... end, "
  .. "and in it "
  .. "pass n = p.k", function(_, params) return { n = params.k } end)
wrong("study: input `n`: 0 is below the minimum 1", function() return { n = 0 } end)
wrong("study: input `n`: integer expected, got string", function() return { n = "two" } end)
wrong("`b` (study) has no input `m`; there are n, scale", function() return { m = 2 } end)
wrong("`b`: input [1] has no name; write { name = value }", function() return { 2 } end)
wrong("`b`: a table of inputs expected, got number", function() return 2 end)
fails("parameter `n` decides the shape of `lazy`: it cannot come from a port; give it to "
  .. "flow:add as a "
  .. "value", outer.connect, outer, a.list, b, "n")
fails("`x` (lazy): input `n` (integer) is missing", outer.add, outer, "x", lazy, {})
local listed = vt.workflow {
  name = "listed", params = { list = "list<number>" },
  build = function(flow, p)
    -- What it reads decides, even if the error is caught.
    local _, n = pcall(function() return #p.list end)
    flow:outputs { y = flow:add("n", source, { n = n }).y }
  end,
}
fails("parameter `list` decides the shape of `listed`: it cannot come from a port, and its "
  .. "table has "
  .. "`a.y` at `list[2]`; give `x` a table of values",
  outer.add, outer, "x", listed, { list = { 1, a.y } })
fails("parameter `list` decides the shape of `listed`: it cannot come from a port, and its "
  .. "table has "
  .. "flow.params.k at `list[1]`, which has no value on this line; write p.k in the `build` "
  .. "of `outer`",
  outer.add, outer, "x", listed, { list = { outer.params.k } })

--- Runs a workflow with a `build`.
local function built(build, params)
  return vt.workflow { name = "w", params = params, build = build }:run()
end
local function one(flow) flow:outputs { y = flow:add("a", source, { n = 1 }).y } end

-- The values of parameters have their types, and are the builder's own.
local given = { 1, { 2 } }
local kinds = {
  n = { "integer", default = 3 }, text = { "string", default = "x" },
  off = { "boolean", default = false },
  list = { "list", default = given }, none = { "number", optional = true },
  half = { vt.type { name = "half", convert = function(value) return value / 2 end }, default = 8 },
}
built(function(flow, p)
  expect.equal(math.type(p.n), "integer")
  expect.equal({ p.n, p.text, p.off, p.list, p.half }, { 3, "x", false, { 1, { 2 } }, 4.0 })
  assert(p.none == nil and p[1] == nil and p.list == p.list)
  p.list[2][1] = 9
  local names = {}
  for name in pairs(p) do names[#names + 1] = name end
  table.sort(names)
  expect.equal(names, { "half", "list", "n", "off", "text" })
  expect.equal(tostring(p), "parameters of workflow: w")
  one(flow)
end, kinds)
expect.equal(given, { 1, { 2 } })

-- Mistakes in `build`.
fails("workflow `w` has no parameter `m`; there is n",
  built, function(_, p) return p.m end, { n = { "integer", default = 1 } })
fails("workflow `w` has no parameter `radios`; did you mean `radius`?",
  built, function(_, p) return p.radios end, { radius = { "integer", default = 1 } })
fails("the parameters of `build` cannot be set; write local n = ...",
  built, function(_, p) p.n = 3 end, { n = { "integer", default = 1 } })
fails("`build` of workflow `w` does not set outputs; end it with flow:outputs { name = node.port }",
  built, function(flow) flow:add("a", source, { n = 1 }) end)
fails("`build` of workflow `w` returns a table; it must return nothing, and set the outputs with "
  .. "flow:outputs { name = node.port }",
  built, function(flow) return { y = flow:add("a", source, { n = 1 }).y } end)
fails("`build` of workflow `w` returns workflow `study`; it must return nothing, and set "
  .. "the outputs with "
  .. "flow:outputs { name = node.port }", built, function(flow) one(flow) return study end)
fails("on purpose", built, function() error("on purpose") end)
fails("w: `build` must be a function, got {}; write build = function(flow, p) ... end",
  vt.workflow, { name = "w", build = {} })
built(function(flow) one(flow) return flow end)
built(function(flow)
  flow:add("a", source, { n = 1 })
  flow:outputs {}
end)

-- Nodes are added in `build`, and only there.
for _, call in ipairs {
  { "add", "x", source, { n = 1 } }, { "connect", 1, b, "x" }, { "outputs", {} },
} do
  local method = call[1]
  local message = "workflow `study` has a `build`: call flow:" .. method
    .. " in it, on the flow that it gets"
  if method == "connect" then
    message = "the value belongs to workflow `outer`, not to `study`; pass it in as a parameter"
  end
  fails(message, study[method], study, table.unpack(call, 2))
end
local kept, node
built(function(flow)
  kept = flow
  one(flow)
  node = flow:add("b", source)
  flow:connect(1, node, "n")
end)
fails("`build` of workflow `w` has ended; call flow:add in it", kept.add, kept, "x", source)
fails("`build` of workflow `w` has ended; call flow:outputs in it", kept.outputs, kept, {})
fails("`build` of workflow `w` has ended; call flow:connect in it",
  kept.connect, kept, 1, node, "n")

-- No pools: neither new ones nor those that are there.
local pool <close> = parallel.threads(1)
local function double(x) return 2 * x end
for name, use in pairs {
  serial = function() parallel.serial() end,
  threads = function() parallel.threads(2) end,
  processes = function() parallel.processes(2) end,
  map = function() parallel.map(double, { 1 }) end,
  client = function() parallel.get_client(false) end,
  direct = function() parallel.direct_view(false) end,
  balanced = function() parallel.load_balanced_view(false) end,
  apply = function() pool:apply(double, 1) end,
  ["apply_async"] = function() pool:apply_async(double, 1) end,
  ["v:map"] = function() pool:map(double, { 1 }) end,
  ["map_async"] = function() pool:map_async(double, { 1 }) end,
  starmap = function() pool:starmap(double, { { 1 } }) end,
  imap = function() for _ in pool:imap(double, { 1 }) do end end,
  ["imap_unordered"] = function() for _ in pool:imap_unordered(double, { 1 }) do end end,
  execute = function() pool:execute("x = 1") end,
  push = function() pool:push { x = 1 } end,
  pull = function() pool:pull("x") end,
  scatter = function() pool:scatter("x", { 1 }) end,
  gather = function() pool:gather("x") end,
} do
  local ok, got = pcall(built, function(flow) use() one(flow) end)
  assert(not ok, name)
  expect.equal((tostring(got):gsub("^[^\n]*%.lua:%d+: ", "")),
    "`build` of workflow `w` must not use pools: it runs each time a plan is made; use them in the "
    .. "`compute` of a module")
end
-- Afterwards they can be used.
expect.equal(pool:map(double, { 1, 2 }), { 2, 4 })

-- Workflows in workflows, each with its shape: a tree of a given depth, and 100 levels.
local tree
tree = vt.workflow {
  name = "tree", params = { depth = "integer", width = { "integer", default = 2 } },
  build = function(flow, p)
    if p.depth == 0 then return one(flow) end
    local values = {}
    for i = 1, p.width do
      values[i] = flow:add("sub" .. i, tree, { depth = p.depth - 1, width = p.width }).y
    end
    flow:outputs { y = flow:add("sum", sum, { values = values }).total }
  end,
}
expect.equal(tree:run { params = { depth = 5 } }.outputs, { y = 32 })
expect.equal(tree:run { params = { depth = 99, width = 1 } }.outputs, { y = 1 })
fails("workflow `tree` nests workflows more than 100 levels deep",
  tree.run, tree, { params = { depth = 100, width = 1 } })

-- An outer parameter reaches an inner shape through both builds.
local outermost = vt.workflow {
  name = "outermost", params = { k = { "integer", default = 3 } },
  build = function(flow, p)
    flow:outputs { total = flow:add("inner", study, { n = p.k }).total }
  end,
}
expect.equal(outermost:run { params = { k = 4 } }.outputs, { total = 10 })
fails("parameter `n` decides the shape of `study`: it cannot come from a port, and "
  .. "flow.params.k of "
  .. "`wrong` has no value on this line; pass n = p.k, the value that `build` gets",
  function()
    vt.workflow {
      name = "wrong", params = { k = { "integer", default = 3 } },
      build = function(flow) flow:add("inner", study, { n = flow.params.k }) end,
    }:run()
  end)

-- What a node cannot get.
outer = vt.workflow { name = "outer", params = { k = { "number", default = 3 } } }
a = outer:add("a", source, { n = 1 })
for _, case in ipairs {
  { a, "node `a` is not a value; write a.list or a.y" },
  { study, "workflow `study` is not a value; add it with flow:add, and give an output of "
  .. "that node" },
  { outer.params, "flow.params is not a value; write flow.params.k" },
} do
  fails(case[2], outer.add, outer, "b", source, { n = case[1] })
  fails(case[2], outer.add, outer, "b", sum, { values = { 1, case[1] } })
  fails(case[2], outer.connect, outer, case[1], a, "n")
end
fails("flow:outputs: `y` must be an output port, got node `a`; write a.list or a.y",
  outer.outputs, outer, { y = a })
fails("flow:outputs: `y` must be an output port of a node, got flow.params.k; write "
  .. "y = node.port",
  outer.outputs, outer, { y = outer.params.k })
fails("the parameters of `build` are not a value; write p.n",
  built, function(flow, p) flow:add("b", source, { n = p }) end, { n = { "integer", default = 1 } })
fails("the value belongs to workflow `outer`, not to `w`; pass it in as a parameter",
  built, function(flow) flow:add("b", source, { n = a.y }) end)

-- Ports and parameters have no values while the script runs.
local operations = {
  function(x) return x + 1 end, function(x) return 1 + x end, function(x) return x - 1 end,
  function(x) return x * 2 end, function(x) return x / 2 end, function(x) return x // 2 end,
  function(x) return x % 2 end, function(x) return x ^ 2 end, function(x) return -x end,
  function(x) return x .. "!" end, function(x) return "x = " .. x end, function(x) return #x end,
  function(x) return x < 3 end, function(x) return x >= 3 end, function(x) return 3 <= x end,
  function(x) return x[1] end, function(x) return x.field end, function(x) x[1] = 2 end,
  function(x) return x() end, function(x) for _ in pairs(x) do end end,
  function(x) for _ in ipairs(x) do end end,
}
for _, operation in ipairs(operations) do
  fails("`a.y` is a port, which has no value before the workflow runs; give it to a module, "
  .. "and use the "
    .. "value in its compute", operation, a.y)
  fails("flow.params.k has no value on this line; write build = function(flow, p) ... end in "
    .. "vt.workflow, and in it p.k", operation, outer.params.k)
end
fails("flow.params cannot be set; give a value with -p k=..., or with flow:run { params = { "
  .. "k = ... } }",
  function() outer.params.k = 3 end)
fails("the ports of node `a` cannot be set; to connect one of its inputs, write "
  .. "flow:connect(port, node, "
  .. "\"n\")", function() a.n = 3 end)

-- Elements of lists for a parameter that `build` does not read.
outer = vt.workflow { name = "outer" }
b = outer:add("b", lazy, { n = 2, x = vt.each { 1, 2, 3 } })
expect.equal(outer:outputs { y = b.y }:run().outputs, { y = { 1, 2, 3 } })
fails("parameter `n` decides the shape of `lazy`: it cannot come from a port or from "
  .. "vt.each, because all "
  .. "elements have one shape; give `c` a value",
  outer.add, outer, "c", lazy, { n = vt.each { 1, 2 }, x = 1 })

print("build_test: ok")
