-- SPDX-License-Identifier: BSD-3-Clause
--- A module computes on a worker as it does on the interpreter: the same outputs, text, annotations
--- and errors. Run from this directory: vtlua workers_test.lua

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")
local places = { "interpreter", "threads", "processes" }

--- Runs a workflow of one node at a place; its record and outputs.
local function run(module, inputs, on, options)
  local flow = vt.workflow { name = "single" }
  options = options or {}
  options.on = on
  local node = flow:add("node", module, inputs or {}, options)
  flow:outputs { y = node.y }
  local result = flow:run { keep_going = true, cache = false, store = false }
  return result.nodes.node, result.outputs
end

--- Describes what a module did. What differs from place to place is left out.
local function describe(module, inputs, on, options)
  local record, outputs = run(module, inputs, on, options)
  return {
    status = record.status, printed = record.printed, annotations = record.annotations,
    error = record.error and record.error:gsub("'[^']*/x'", "PATH"),
    attempts = record.attempts, y = outputs.y,
  }
end

--- The module does the same at each place.
local function alike(module, inputs, options)
  local wanted = describe(module, inputs, "interpreter", options)
  for _, on in ipairs(places) do
    local ok, message = pcall(expect.equal, describe(module, inputs, on, options), wanted)
    if not ok then error(on .. ": " .. message, 2) end
  end
  return wanted
end

local function declare(compute, fields)
  fields = fields or {}
  fields.name = fields.name or "unit"
  fields.outputs = fields.outputs or { y = "any" }
  local module = vt.module(fields)
  module.compute = compute
  return module
end

-- All of `self`, and fields of the module.
local all = declare(nil, { inputs = { x = "integer", t = { "table", optional = true } } })
all.factor = 3
function all:scale(n) return n * self.factor end
function all:compute(inputs)
  print("first", self:get_input("x"), self:has_input("t"))
  io.write("half a line")
  self.log.info("a message of %d", inputs.x)
  self:annotate { number = 1, text = "a", list = { 1, { deep = true } }, f = 0.5 }
  self:progress(0.5, "half")
  local path = self.scratch .. "/file"
  local file = assert(io.open(path, "w"))
  file:write("content"):close()
  self:set_output("y", { self:scale(inputs.x), self.name, all.factor, inputs.t and #inputs.t })
end
local record = alike(all, { x = 4, t = { 1, 2 } })
expect.equal(record.y, { 12, "unit", 3, 2 })
expect.equal(record.printed, "first\t4\ttrue\nhalf a line")
expect.equal(record.annotations, { number = 1, text = "a", list = { 1, { deep = true } }, f = 0.5 })

-- A pool inside; os.exit is refused as on the interpreter.
alike(declare(function()
  local pool <close> = parallel.threads(2)
  return { y = pool:map(function(x) return x * x end, { 1, 2, 3 }) }
end))
alike(declare(function() os.exit(3) end))

-- Failures, with retries that get fresh inputs.
local attempts = { retries = 2 }
alike(declare(function(_, inputs)
  print("list of " .. #inputs.list)
  inputs.list[#inputs.list + 1] = 1
  error("failed " .. #inputs.list)
end, { inputs = { list = "list" } }), { list = { 1, 2 } }, attempts)
alike(declare(function(self) self:annotate { k = 1 } self:fail("no %s", "luck") end), {}, attempts)
alike(declare(function() error { code = 7, nested = { 1 } } end))
alike(declare(function() error() end))
alike(declare(function() return nil end), {}, attempts)
alike(declare(function() return 5 end))
alike(declare(function() return { y = 1, z = 2 } end))
alike(declare(function() return { y = "s" } end, { outputs = { y = "integer" } }), {}, attempts)
alike(declare(function(self) return { y = self.scratch .. "/x" } end, { outputs = { y = "file" } }))
alike(declare(function() while true do end end), {}, { timeout = 0.2 })
alike(declare(function()
  local pool <close> = parallel.serial()
  pool:map(function(x) error("task " .. x) end, { 1, 2 })
end))
alike(declare(function(self) self:get_input("x") end))
alike(declare(function(self) self:set_output("yy", 1) end))

-- What must compute on the interpreter is an error before anything runs.
local function refused(reason, module, inputs)
  for _, on in ipairs { "threads", "processes", "cluster" } do
    local ok, message = pcall(run, module, inputs, on)
    local wanted = "workers_test.lua:%d+: `node` %(unit%) cannot compute on \"" .. on .. "\": "
      .. reason:gsub("%p", "%%%0") .. "%. Write on = \"interpreter\", or leave `on` out$"
    assert(not ok and message:find(wanted), message)
  end
  -- With the interpreter among the places, it is chosen.
  run(module, inputs, { "threads", "interpreter" })
end
local co = coroutine.create(print)
local helper = { call = function() return vt.compute(all, { x = 1 }) end }
refused("it calls vt.compute, which works on the interpreter only",
  declare(function() return { y = helper.call().y } end))
refused("it calls vt.breakpoint, which works on the interpreter only",
  declare(function() if vt.now() < 0 then vt.breakpoint() end return { y = 1 } end))
refused("it calls flow:run, which works on the interpreter only", declare(function()
  local flow = vt.workflow { name = "inner" }
  flow:run()
end))
refused("its code cannot be sent: .compute -> upvalue 'co' is a coroutine",
  declare(function() return { y = co and 1 } end))
refused("its input `x` cannot be sent: .f[1] is a coroutine",
  declare(function() return { y = 1 } end, { inputs = { x = "any" } }), { x = { f = { co } } })
factor = 3 -- luacheck: ignore 111
refused("it uses the global `factor`, which a script has set",
  declare(function() return { y = factor } end)) -- luacheck: ignore 113
string.twice = function(s) return s .. s end -- luacheck: ignore 122 142
refused("it may use `string.twice`, which a script has set",
  declare(function() return { y = ("x"):twice() } end)) -- luacheck: ignore 143
string.twice = nil -- luacheck: ignore 122 142

-- What turns out in the run is a failure with the same advice.
local source = declare(function() return { y = { co } } end)
for _, on in ipairs { "threads", "processes" } do
  local flow = vt.workflow { name = "chain" }
  local first = flow:add("first", source, {})
  local second = flow:add("second", declare(function() return { y = 1 } end, {
    inputs = { x = "any" },
  }), { x = first.y }, { on = on })
  flow:outputs { y = second.y }
  local result = flow:run { keep_going = true, cache = false, store = false }
  assert(result.nodes.second.error:find("cannot compute on " .. on
    .. ": input `x` cannot be sent: [1] is a coroutine. Compute it on the interpreter, with the "
    .. "option { on = \"interpreter\" }", 1, true), result.nodes.second.error)
  local node = run(declare(function() return { y = { coroutine.create(print) } } end), {}, on)
  assert(node.error:find("cannot send the outputs: .y[1] is a coroutine.", 1, true), node.error)
  local name = "compute"
  node = run(declare(function() vt[name](all, { x = 1 }) end), {}, on)
  assert(node.error:find("vt.compute works on the interpreter only; compute the module there, with "
    .. "the option { on = \"interpreter\" } of its node", 1, true), node.error)
end

-- A process that dies costs its node.
record = run(declare(function()
  io.stdout:write("about to die\n")
  os.execute("kill -9 " .. io.open("/proc/self/stat"):read("n"))
end), {}, "processes")
assert(record.error:find("the worker's process was ended by SIGKILL (pid ", 1, true), record.error)
expect.equal(record.printed, "about to die\n")

-- Several at once: the same, in the same order.
local function many(options)
  local flow = vt.workflow { name = "many" }
  local outputs, ports = {}, {}
  local square = declare(function(_, inputs)
    print("node", inputs.x)
    if inputs.x == 5 and inputs.fails then error("five") end
    return { y = inputs.x * inputs.x }
  end, { inputs = { x = "integer", fails = { "boolean", default = false } } })
  for i = 1, 8 do
    ports[i] = flow:add("n" .. i, square, { x = i, fails = options.fails }).y
  end
  local sum = declare(function(_, inputs)
    local total = 0
    for _, y in ipairs(inputs.list) do total = total + y end
    return { y = total }
  end, { inputs = { list = "list<integer>" } })
  outputs.total = flow:add("total", sum, { list = ports }).y
  flow:outputs(outputs)
  local result = flow:run {
    keep_going = options.keep_going, cache = false, store = false, jobs = options.jobs,
  }
  local nodes = {}
  for name, node in pairs(result.nodes) do
    nodes[name] = { node.status, node.printed, node.error }
  end
  return { result.outputs, nodes, result.status }
end
for _, options in ipairs { {}, { fails = true, keep_going = true } } do
  local one = many(options)
  for _, jobs in ipairs { 2, 8 } do
    options.jobs = jobs
    expect.equal(many(options), one)
  end
end
expect.fails("flow:run: `jobs` must be at least 1, got 0", many, { jobs = 0 })

print("workers_test: ok")
