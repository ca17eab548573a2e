-- SPDX-License-Identifier: BSD-3-Clause
--- What `vt.module` promises. Run from this directory: vtlua module_test.lua

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")

--- Runs a workflow of one node; its record.
local function run(module, inputs, options)
  local flow = vt.workflow { name = "single" }
  local node = flow:add("node", module, inputs)
  local outputs = {}
  for name in pairs(options and options.outputs or {}) do
    outputs[name] = node[name]
  end
  flow:outputs(outputs)
  local result = flow:run { keep_going = true, cache = false }
  return result.nodes.node, result.outputs
end

-- The fields of a module are its own; `self` sees them.
local blur = vt.module {
  name = "img.blur", version = "1.2.0",
  inputs = { image = "list<list<number>>", radius = { "integer", default = 2, min = 0 } },
  outputs = { image = "list<list<number>>", used = "integer" },
}
blur.offset = 10
function blur:helper(n) return n + self.offset end
function blur:compute(inputs)
  assert(self.name == "img.blur" and self.version == "1.2.0")
  return { image = inputs.image, used = self:helper(inputs.radius) }
end

local _
local all = { outputs = { image = true, used = true } }
local record, outputs = run(blur, { image = { { 1, 2 }, { 3 } } }, all)
expect.equal(record.status, "computed")
expect.equal(outputs, { image = { { 1, 2 }, { 3 } }, used = 12 })
_, outputs = run(blur, { image = {}, radius = 0 }, all)
expect.equal(outputs, { image = {}, used = 10 })

-- Ports are declared by a name, a table, or a type of one's own.
local even = vt.type {
  name = "even",
  check = function(n) return math.type(n) == "integer" and n % 2 == 0, "not even" end,
}
assert(tostring(even) == "vt.type" and even.name == "even")
local half = vt.module { name = "half", inputs = { n = even }, outputs = { n = "integer" } }
function half:compute(inputs) return { n = inputs.n // 2 } end
_, outputs = run(half, { n = 8 }, { outputs = { n = true } })
expect.equal(outputs.n, 4)
-- Reported with the line of the run, and the line that placed the node.
local ok, message = pcall(run, half, { n = 7 })
assert(not ok and message:find("^[^:]+:%d+: [^:]+:%d+: half: input `n`: not even$"), message)

-- Without a return, with self:set_output.
local old = vt.module { name = "old", inputs = { x = "any" }, outputs = { y = "any" } }
function old:compute()
  if self:has_input("x") then
    self:set_output("y", self:get_input("x"))
  end
end
_, outputs = run(old, { x = "same" }, { outputs = { y = true } })
expect.equal(outputs.y, "same")

-- What a module prints and notes is in its record.
local talks = vt.module { name = "talks" }
function talks:compute()
  print("one", 2)
  self:annotate { rows = 3, list = { 1, 2 } }
end
record = run(talks)
expect.equal(record.printed, "one\t2\n")
expect.equal(record.annotations, { rows = 3, list = { 1, 2 } })

-- Failures.
local fails = vt.module { name = "fails" }
function fails:compute() self:fail("%d rows, %d wanted", 2, 3) end
record = run(fails)
expect.equal(record.status, "failed")
assert(
  record.error:find("^`node` %(fails 0%) failed in compute: .*2 rows, 3 wanted$"), record.error)

local none = vt.module { name = "none" }
ok, message = pcall(run, none)
assert(not ok)
assert(
  message:find(
    "module `none` has no method `compute`; write function M:compute(inputs)", 1, true),
  message)

ok, message = pcall(vt.compute, "files.glob", { pattern = "nothing/*.csv" })
assert(not ok)
assert(
  message:find(
    "no file matches `nothing/*.csv` in the working directory; to begin in the directory of the "
      .. 'workflow, give directory = "."; set `required = false` to accept that', 1, true),
  message)

print("module_test: ok")
