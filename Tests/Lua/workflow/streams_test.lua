-- SPDX-License-Identifier: BSD-3-Clause
--- Streams between modules. Run: vtlua streams_test.lua

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")

--- What the modules have done, in order.
local log = {}

local function note(...)
  log[#log + 1] = table.concat({ ... }, " ")
end

--- A module with a function as its `compute`.
local function module(name, inputs, outputs, compute, spec)
  spec = spec or {}
  spec.name, spec.inputs, spec.outputs = name, inputs, outputs
  local M = vt.module(spec)
  M.compute = function(self, values) return compute(self, values) end
  return M
end

--- Gives the numbers 1 to `last`.
local function numbers(items, name)
  return module(name or "numbers", { last = { "integer", default = 3 } },
    { items = items or "stream<integer>" }, function(_, inputs)
      note "numbers starts"
      local n = 0
      return { items = function()
        n = n + 1
        if n > inputs.last then
          note "numbers ends"
          return nil
        end
        note("gives", n)
        return n
      end }
    end)
end

local double = module("double", { items = "stream<integer>" }, { items = "stream<integer>" },
  function(_, inputs)
    note "double starts"
    return { items = coroutine.create(function()
      local _ <close> = setmetatable({}, { __close = function() note "double closes" end })
      for n in inputs.items do
        coroutine.yield(2 * n)
      end
    end) }
  end)

local sum = module("sum", { items = "stream<integer>", most = { "integer", optional = true } },
  { sum = "integer" }, function(_, inputs)
    note "sum starts"
    local total, count = 0, 0
    for n in inputs.items do
      note("takes", n)
      total, count = total + n, count + 1
      if count == inputs.most then break end
    end
    return { sum = total }
  end)

--- Makes a workflow by a function, which returns the outputs, and runs it.
local function run(build, options)
  log = {}
  local flow = vt.workflow { name = "streams" }
  flow:outputs(build(flow))
  options = options or {}
  if options.cache == nil then options.cache = false end
  return flow:run(options)
end

--- A chain of `numbers`, `double` and `sum`.
local function chain(inputs, source)
  return function(flow)
    local from = flow:add("from", source or numbers(), { last = inputs and inputs.last })
    local twice = flow:add("twice", double, { items = from.items })
    local total = flow:add("total", sum, { items = twice.items, most = inputs and inputs.most })
    return { sum = total.sum }
  end
end

--- The states of the nodes.
local function states(result)
  local found = {}
  for name, node in pairs(result.nodes) do found[name] = node.status end
  return found
end

--- Without the line of this file.
local function text(message)
  return (tostring(message):gsub("[^ (\n]*streams_test%.lua:%d+", "FILE"))
end

--- A workflow fails with this message.
local function fails(message, build, options)
  local ok, got = pcall(run, build, options)
  expect.equal(ok, false)
  expect.equal((text(got):gsub("^FILE: ", ""):gsub("^FILE: ", "")), message)
end

-- Items go through the modules one at a time; a module computes when its first item is wanted.
local result = run(chain())
expect.equal(result.outputs, { sum = 12 })
expect.equal(table.concat(log, ", "),
  "sum starts, double starts, numbers starts, gives 1, takes 2, gives 2, takes 4, gives 3, "
  .. "takes 6, numbers ends, double closes")
expect.equal(states(result), { from = "computed", twice = "computed", total = "computed" })

-- The schedule of branches and workers gives the same.
result = run(chain(), { jobs = 2 })
expect.equal(result.outputs, { sum = 12 })
expect.equal(states(result), { from = "computed", twice = "computed", total = "computed" })

-- A consumer that ends early closes the modules that it reads from.
result = run(chain { last = 1000000, most = 1 })
expect.equal(result.outputs, { sum = 2 })
expect.equal(table.concat(log, ", "),
  "sum starts, double starts, numbers starts, gives 1, takes 2, double closes")

-- One that reads nothing starts none.
local idle = module("idle", { items = "stream<integer>" }, { x = "integer" },
  function() return { x = 7 } end)
result = run(function(flow)
  local from = flow:add("from", numbers())
  return { x = flow:add("idle", idle, { items = from.items }).x }
end)
expect.equal(result.outputs, { x = 7 })
expect.equal(log, {})
expect.equal(states(result), { from = "not-needed", idle = "computed" })

-- An iterator may be a function, one of coroutine.wrap, a coroutine, or a table that can be called.
for _, make in ipairs {
  function() return coroutine.wrap(function()
    local _ <close> = setmetatable({}, { __close = function() note "closed" end })
    for n = 1, 3 do coroutine.yield(n) end
  end) end,
  function() return coroutine.create(function()
    local _ <close> = setmetatable({}, { __close = function() note "closed" end })
    for n = 1, 3 do coroutine.yield(n) end
  end) end,
  function()
    local n = 0
    return setmetatable({ close = function() note "closed" end }, { __call = function()
      n = n + 1
      return n <= 3 and n or nil
    end })
  end,
} do
  for _, most in ipairs { 2, 5 } do
    local source = module("source", { last = { "integer", optional = true } },
      { items = "stream<integer>" }, function() return { items = make() } end)
    result = run(function(flow)
      local from = flow:add("from", source)
      return { sum = flow:add("total", sum, { items = from.items, most = most }).sum }
    end)
    expect.equal(result.outputs, { sum = most == 2 and 3 or 6 })
    if most == 2 then expect.equal(log[#log], "closed") end
  end
end

-- Two streams of one module, and streams of several modules in one input.
local pairs_of = module("pairs_of", {}, { a = "stream<integer>", b = "stream<string>" }, function()
  local function upto(last, make)
    local n = 0
    return function()
      n = n + 1
      return n <= last and make(n) or nil
    end
  end
  return { a = upto(3, function(n) return n end), b = upto(2, function(n) return "b" .. n end) }
end)
local join = module("join", { a = "stream<integer>", b = { "stream<string>", optional = true } },
  { text = "string" }, function(_, inputs)
    local found = {}
    for a in inputs.a do found[#found + 1] = a .. (inputs.b and inputs.b() or "-") end
    return { text = table.concat(found, " ") }
  end)
result = run(function(flow)
  local both = flow:add("both", pairs_of)
  return { text = flow:add("join", join, { a = both.a, b = both.b }).text }
end)
expect.equal(result.outputs, { text = "1b1 2b2 3-" })
local merge = module("merge", { streams = "list<stream<integer>>" }, { list = "list<integer>" },
  function(_, inputs)
    local list = {}
    for _, stream in ipairs(inputs.streams) do
      for n in stream do list[#list + 1] = n end
    end
    return { list = list }
  end)
result = run(function(flow)
  local a, b = flow:add("a", numbers(), { last = 2 }), flow:add("b", numbers(), { last = 3 })
  return { list = flow:add("merge", merge, { streams = { a.items, b.items } }).list }
end)
expect.equal(result.outputs, { list = { 1, 2, 1, 2, 3 } })

-- The values beside a stream.
local with_header = module("with_header", {}, { header = "string", items = "stream<integer>" },
  function()
    note "opens"
    local n = 0
    return { header = "h", items = function() n = n + 1 return n <= 2 and n or nil end }
  end)
local labelled = module("labelled", { items = "stream<integer>", label = "string" },
  { text = "string" }, function(_, inputs)
    local found = { inputs.label }
    for n in inputs.items do found[#found + 1] = n end
    return { text = table.concat(found, " ") }
  end)
result = run(function(flow)
  local from = flow:add("from", with_header)
  local text_ = flow:add("text", labelled, { items = from.items, label = from.header })
  return { text = text_.text, header = from.header }
end)
expect.equal(result.outputs, { text = "h 1 2", header = "h" })
result = run(function(flow)
  return { header = flow:add("from", with_header).header }
end)
expect.equal(result.outputs, { header = "h" })

-- `self` and print belong to the module whose code runs.
local talker = module("talker", {}, { items = "stream<integer>" }, function(self)
  local n = 0
  return { items = function()
    n = n + 1
    print("talker", n)
    self:annotate { last = n }
    if n <= 2 then return n end
  end }
end)
local listener = module("listener", { items = "stream<integer>" }, { x = "integer" },
  function(self, inputs)
    for n in inputs.items do print("listener", n) end
    self:annotate { done = true }
    return { x = 1 }
  end)
result = run(function(flow)
  local from = flow:add("from", talker)
  return { x = flow:add("to", listener, { items = from.items }).x }
end)
expect.equal(result.nodes.from.printed, "talker\t1\ntalker\t2\ntalker\t3\n")
expect.equal(result.nodes.to.printed, "listener\t1\nlistener\t2\n")
expect.equal(result.nodes.from.annotations, { last = 3 })

-- Inner workflows.
local inner = vt.workflow { name = "inner", params = { items = "stream<integer>" } }
local twice = inner:add("twice", double, { items = inner.params.items })
inner:outputs { items = twice.items }
result = run(function(flow)
  local from = flow:add("from", numbers())
  local box = flow:add("box", inner, { items = from.items })
  return { sum = flow:add("total", sum, { items = box.items }).sum }
end)
expect.equal(result.outputs, { sum = 12 })

-- Modules of the library.
result = run(function(flow)
  local from = flow:add("from", "stream.from_list", { list = { 3, 4, 5 } })
  local list = flow:add("list", "stream.to_list", { items = from.items, first = 2 })
  return { list = list.list, count = list.count }
end)
expect.equal(result.outputs, { list = { 3, 4 }, count = 2 })

-- Branches: the modules of a stream are needed when its consumer is.
for _, case in ipairs { { true, 12, "not-needed" }, { false, 0, "computed" } } do
  result = run(function(flow)
    local from = flow:add("from", numbers())
    local twice_ = flow:add("twice", double, { items = from.items })
    local total = flow:add("total", sum, { items = twice_.items })
    local none = flow:add("none", module("none", {}, { x = "integer" },
      function() return { x = 0 } end))
    local pick = flow:add("pick", "control.choose", {
      condition = case[1], yes = total.sum, no = none.x })
    return { value = pick.value }
  end)
  expect.equal(result.outputs, { value = case[2] })
  expect.equal(states(result).none, case[3])
  expect.equal(states(result).from, case[1] and "computed" or "not-needed")
end

-- control.order: after a node of a chain is after its end.
result = run(function(flow)
  local last = flow:add("last", module("last", {}, { x = "integer" }, function()
    note "last"
    return { x = 1 }
  end))
  local outputs = chain()(flow)
  local from = flow:add("first", numbers(nil, "other"), { last = 1 })
  local total = flow:add("first_total", sum, { items = from.items })
  flow:add("order", "control.order", { first = from.items, second = last.x })
  outputs.x, outputs.y = last.x, total.sum
  return outputs
end)
expect.equal(result.outputs, { sum = 12, x = 1, y = 1 })
expect.equal(log[#log], "last")

-- Failures: the module whose code has failed is reported, the one that reads it is skipped.
local broken = module("broken", { last = { "integer", optional = true } },
  { items = "stream<integer>" }, function(self)
    local n = 0
    return { items = function()
      n = n + 1
      if n == 3 then self:fail("no more paper") end
      return n
    end }
  end)
fails("`from` (broken 0) failed in compute: no more paper", chain(nil, broken))
fails("`from` (broken 0) failed in compute: no more paper", chain(nil, broken), { jobs = 2 })
fails("`from` (words 0) failed in its outputs: FILE: output `items`, item 2: integer expected, "
  .. "got string",
  chain(nil, module("words", { last = { "integer", optional = true } },
    { items = "stream<integer>" }, function()
      local n = 0
      return { items = function() n = n + 1 return n == 1 and 1 or "two" end }
    end)))
fails("`twice` (double 0) failed in its inputs: input `items` (from from), item 1: integer "
  .. "expected, got string", chain(nil, module("loose", { last = { "integer", optional = true } },
    { items = "stream" }, function()
      return { items = function() return "two" end }
    end)))
fails("`from` (list 0) failed in its outputs: FILE: output `items`: stream<integer> (an iterator: "
  .. "a function or a coroutine) expected, got table", chain(nil, module("list",
    { last = { "integer", optional = true } }, { items = "stream<integer>" },
    function() return { items = { 1, 2 } } end)))

-- Also when the one that reads catches the error, or fails itself because of it.
local careless = module("careless", { items = "stream<integer>" }, { n = "integer" },
  function(_, inputs)
    local n = 0
    while pcall(inputs.items) and n < 5 do n = n + 1 end
    return { n = n }
  end)
fails("`from` (broken 0) failed in compute: no more paper", function(flow)
  local from = flow:add("from", broken)
  return { n = flow:add("n", careless, { items = from.items }).n }
end)

-- A failure replaced by control.default.
result = run(function(flow)
  local total = chain(nil, broken)(flow).sum
  local pick = flow:add("pick", "control.default", { value = total, default = -1, failed = true })
  return { value = pick.value }
end)
expect.equal(result.outputs, { value = -1 })
expect.equal(states(result).from, "failed")

-- A retry repeats the whole chain.
local attempts = 0
local flaky = module("flaky", { last = { "integer", optional = true } },
  { items = "stream<integer>" }, function()
    attempts = attempts + 1
    local n = 0
    return { items = function()
      n = n + 1
      if n == 3 and attempts < 3 then error("flaky") end
      return n <= 3 and n or nil
    end }
  end, { retries = 2 })
expect.equal(run(chain(nil, flaky)).outputs, { sum = 12 })
expect.equal(attempts, 3)

-- A time limit of one module covers the chain.
fails("`total` (sum 0) failed in compute: FILE: timed out after 0.2 s",
  chain({ last = math.maxinteger },
  module("endless", { last = "integer" }, { items = "stream<integer>" }, function(_, inputs)
    local n = 0
    return { items = function() n = n + 1 return n <= inputs.last and n or nil end }
  end, { timeout = 0.2 })))

-- A stream is read only while its consumer computes.
local kept
local keeper = module("keeper", { items = "stream<integer>" }, { x = "integer" },
  function(_, inputs)
    kept = inputs.items
    return { x = inputs.items() }
  end)
run(function(flow)
  local from = flow:add("from", numbers())
  return { x = flow:add("keep", keeper, { items = from.items }).x }
end)
local ok, message = pcall(kept)
expect.equal({ ok, text(message) },
  { false, "the stream `items` of `from` can be read only while `keep` computes" })

-- A module with values beside its stream, whose stream fails later.
local late = module("late", {}, { header = "string", items = "stream<integer>" }, function(self)
  return { header = "h", items = function() self:fail("torn page") end }
end)
fails("`from` (late 0) failed in compute: torn page", function(flow)
  local from = flow:add("from", late)
  return { header = from.header, sum = flow:add("total", sum, { items = from.items }).sum }
end)

-- The longest chain.
for _, kind in ipairs { "function", "coroutine", "wrap" } do
  local pass = module("pass", { items = "stream<integer>" }, { items = "stream<integer>" },
    function(_, inputs)
      local function give()
        for item in inputs.items do coroutine.yield(item) end
      end
      if kind == "coroutine" then return { items = coroutine.create(give) } end
      if kind == "wrap" then return { items = coroutine.wrap(give) } end
      return { items = function() return inputs.items() end }
    end)
  local function long(count)
    return function(flow)
      local last = flow:add("from", numbers())
      for i = 2, count do last = flow:add("pass" .. i, pass, { items = last.items }) end
      return { sum = flow:add("total", sum, { items = last.items }).sum }
    end
  end
  expect.equal(run(long(60)).outputs, { sum = 6 })
  fails("`total` reads a stream through 61 nodes; at most 60 can be in a chain: do the work of "
    .. "several in one module", long(61))
end

-- A function `cache` cannot read a stream.
local nosy = module("nosy", { items = "stream<integer>" }, { x = "integer" },
  function(_, inputs) return { x = inputs.items() } end,
  { cache = function(inputs) return inputs.items() == 1 end })
fails("`nosy` (nosy 0) failed in its `cache` function: FILE: the stream `items` of `from` can be "
  .. "read only while `nosy` computes", function(flow)
  local from = flow:add("from", numbers())
  return { x = flow:add("nosy", nosy, { items = from.items }).x }
end, { cache = true })

-- Streams of an inner workflow that are not used.
local spare = vt.workflow { name = "spare" }
local spare_items = spare:add("items", numbers())
local spare_value = spare:add("value", module("value", {}, { x = "integer" },
  function() return { x = 5 } end))
spare:outputs { items = spare_items.items, x = spare_value.x }
result = run(function(flow) return { x = flow:add("box", spare).x } end)
expect.equal(result.outputs, { x = 5 })

-- vt.compute: iterators and lists as inputs, lists as outputs.
expect.equal(vt.compute(double, { items = { 1, 2, 3 } }), { items = { 2, 4, 6 } })
local n = 0
expect.equal(vt.compute(sum, { items = function() n = n + 1 return n < 4 and n or nil end }),
  { sum = 6 })
ok, message = pcall(vt.compute, sum, { items = { 1, "x" } })
expect.equal({ ok, text(message) },
  { false, "sum: input `items`: element 2: integer expected, got string" })
ok, message = pcall(vt.compute, sum, { items = function() return "x" end })
expect.equal({ ok, text(message) },
  { false, "input `items`, item 1: integer expected, got string" })

-- Pools read from streams.
local pooled = module("pooled", { items = "stream<integer>" }, { items = "stream<integer>" },
  function(_, inputs)
    return { items = coroutine.create(function()
      local pool <close> = parallel.threads(2)
      for _, value in pool:imap(function(x) return x * x end, inputs.items) do
        coroutine.yield(value)
      end
    end) }
  end)
result = run(function(flow)
  local from = flow:add("from", numbers(), { last = 50 })
  local squares = flow:add("squares", pooled, { items = from.items })
  return { sum = flow:add("total", sum, { items = squares.items }).sum }
end)
expect.equal(result.outputs, { sum = 42925 })

-- Results of this process are used again, with the key of the whole chain.
local quiet = vt.module { name = "quiet", inputs = { last = "integer" },
  outputs = { items = "stream<integer>" } }
function quiet:compute(inputs)
  local at = 0
  return { items = function()
    at = at + 1
    return at <= inputs.last and at or nil
  end }
end
local total = vt.module { name = "total", inputs = { items = "stream<integer>" },
  outputs = { sum = "integer" } }
function total:compute(inputs)
  local found = 0
  for item in inputs.items do found = found + item end
  return { sum = found }
end
local flow = vt.workflow { name = "again", params = { last = { "integer", default = 3 } } }
local from = flow:add("from", quiet, { last = flow.params.last })
flow:outputs { sum = flow:add("total", total, { items = from.items }).sum }
expect.equal(states(flow:run()), { from = "computed", total = "computed" })
expect.equal(states(flow:run()), { from = "not-needed", total = "cached" })
expect.equal(flow:run { params = { last = 4 } }.outputs, { sum = 10 })

-- Mistakes, before anything runs.
local function refused(expected, build)
  local ok_, got = pcall(run, build)
  expect.equal({ ok_, (text(got):gsub("^FILE: ", "")) }, { false, expected })
end
refused("numbers: input `last` takes integer, but `from.items` is stream<integer>; collect it with "
  .. "a node of `stream.to_list`, or declare the input as stream<integer>", function(flow_)
  local a = flow_:add("from", numbers())
  flow_:add("b", numbers(), { last = a.items })
end)

print "ok"
