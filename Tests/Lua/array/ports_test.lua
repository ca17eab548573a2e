-- SPDX-License-Identifier: BSD-3-Clause
-- Arrays go through ports of lists: a list of numbers may be an array of one axis.

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")
local equal, fails = expect.equal, expect.fails
local stats = require "stats"

local Sum = vt.module {
  name = "sum", inputs = { values = "list<number>" },
  outputs = { total = "number", doubled = "list<number>" },
}
function Sum:compute(inputs)
  local values = inputs.values
  local doubled = {}
  for i, x in ipairs(values) do
    doubled[i] = 2 * x
  end
  return { total = stats.sum(values), doubled = array.is(values) and values * 2 or doubled }
end

local Make = vt.module {
  name = "make", inputs = { shape = "list<integer>", dtype = { "string", default = "float64" } },
  outputs = { a = "array" },
}
function Make:compute(inputs)
  return { a = array.ones(inputs.shape, inputs.dtype) }
end

--- Runs `sum` on an array made in the run.
local function run(shape, dtype)
  local flow = vt.workflow { name = "ports" }
  local make = flow:add("make", Make, { shape = shape, dtype = dtype })
  local sum = flow:add("sum", Sum, { values = make.a })
  flow:outputs { total = sum.total, doubled = sum.doubled }
  return flow:run().outputs
end

local outputs = run({ 3 })
equal(outputs.total, 3.0)
equal(outputs.doubled:tolist(), { 2.0, 2.0, 2.0 })
equal(run({ 0 }).total, 0.0)
equal(run({ 2 }, "uint8").doubled.dtype, "uint8")

-- A constant.
local flow = vt.workflow { name = "constant" }
local sum = flow:add("sum", Sum, { values = array.range(1, 4) })
flow:outputs { total = sum.total }
equal(flow:run().outputs.total, 10.0)

-- What is no list of numbers is refused where it arrives.
local function reason(shape, dtype)
  local ok, message = pcall(run, shape, dtype)
  assert(not ok)
  return tostring(message):match("list<number> expected[^\n]*")
end
equal(reason({ 2, 2 }), "list<number> expected, got an array of float64, shape (2, 2)")
equal(reason({ 2 }, "bool"), "list<number> expected, got an array of bool, shape (2)")

-- Types that no array has are refused before the run.
local Text = vt.module { name = "text", inputs = { words = "list<string>" }, outputs = {} }
function Text:compute() return {} end
fails("text: input `words` takes list<string>, but `make.a` is array", function()
  local bad = vt.workflow { name = "bad" }
  local make = bad:add("make", Make, { shape = { 1 } })
  bad:add("text", Text, { words = make.a })
end)

-- The module csv.read gives arrays on request, and csv.write takes them.
local files = require "files"
local path, copy = os.tmpname(), os.tmpname()
files.write(path, "n,x,s\n1,2.5,a\n2,,b\n")
local read = vt.workflow { name = "read" }
local source = read:add("source", "csv.read", {
  path = path, types = { n = "integer", x = "number" }, arrays = true,
})
local written = read:add("written", "csv.write", {
  columns = source.columns, names = source.names, path = copy,
})
read:outputs { columns = source.columns, count = source.count, path = written.path }
outputs = read:run().outputs
equal({ outputs.columns.n:tolist(), outputs.columns.x:tolist(), outputs.columns.s, outputs.count },
  { { 1, 2 }, { 2.5, 0 / 0 }, { "a", "b" }, 2 })
equal(files.read(copy), "n,x,s\n1,2.5,a\n2,nan,b\n")
os.remove(path)
os.remove(copy)

local refused = vt.workflow { name = "refused" }
files.write(path, "n,s\n,a\n")
local bad = refused:add("bad", "csv.read", {
  path = path, types = { n = "integer" }, arrays = true,
})
refused:outputs { count = bad.count }
local ok, message = pcall(refused.run, refused)
equal(ok, false)
equal(tostring(message):match("column `n`[^\n]*"),
  'column `n`: the field is missing; set `missing` to an integer, or the type to "number"')
os.remove(path)
