-- SPDX-License-Identifier: BSD-3-Clause
--- What `vt.workflow` and `flow:run` promise. Run: vtlua flow_test.lua

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")

local add = vt.module {
  name = "add", inputs = { a = "number", b = { "number", default = 1 } },
  outputs = { sum = "number" },
}
function add:compute(inputs) return { sum = inputs.a + inputs.b } end

local boom = vt.module {
  name = "boom", version = "2", inputs = { x = "any" }, outputs = { y = "any" },
}
function boom:compute() error("no such thing") end

-- What is what, as text.
local flow = vt.workflow {
  name = "sums", doc = "Adds.", params = { start = { "number", default = 1 }, step = "number" },
}
local first = flow:add("first", add, { a = flow.params.start, b = flow.params.step })
local second = flow:add("second", add, { a = first.sum, b = flow.params.step })
expect.equal(flow:outputs { first = first.sum, last = second.sum }, flow)
expect.equal(tostring(flow), "workflow: sums")
expect.equal(flow.name, "sums")
expect.equal(tostring(first), "node: first")
expect.equal(tostring(first.sum), "port: first.sum")
expect.equal(tostring(flow.params.step), "parameter: step")

-- A run gives outputs, nodes, an id and a status.
local result = flow:run { params = { step = 2 } }
expect.equal(result.outputs, { first = 3, last = 5 })
expect.equal(result.status, "done")
assert(#result.run == 4 and type(result.nodes.first.seconds) == "number")
expect.equal(result.nodes.first.status, "computed")
expect.equal(result.nodes.second.printed, "")
result = flow:run { params = { step = 2 } }
expect.equal(result.nodes.first.status, "cached")
expect.equal(flow:run { params = { step = 2 }, cache = false }.nodes.first.status, "computed")
expect.equal(flow:run { params = { step = 2, start = 10.5 } }.outputs.last, 14.5)

-- Some nodes only.
result = flow:run { params = { step = 2 }, targets = { "first" } }
expect.equal(result.nodes.second, nil)
expect.equal(result.outputs, { first = 3 })

-- What is wrong with a call.
expect.fails("flow:run: unknown field `parms`; did you mean `params`?",
  flow.run, flow, { parms = {} })
expect.fails("flow:run: a table expected, got number", flow.run, flow, 7)
expect.fails(
  "workflow `sums` has no parameter `stpe`; did you mean `step`?",
  flow.run, flow, { params = { stpe = 1 } })
expect.fails("flow:run: `timeout` must be positive", flow.run, flow, { timeout = 0 })

-- A failed module is an error with its name and its location.
local bad = vt.workflow { name = "bad" }
local a = bad:add("a", add, { a = 1 })
local b = bad:add("b", boom, { x = a.sum })
local c = bad:add("c", add, { a = b.y })
local d = bad:add("d", add, { a = a.sum, b = 5 })
bad:outputs { c = c.sum, d = d.sum }
local ok, message = pcall(bad.run, bad)
assert(not ok)
assert(
  message:find("`b` %(boom 2%) failed in compute: [^\n]*flow_test.lua:%d+: no such thing$"),
  message)

-- With keep_going it is in the result, and only what depends on it is left out.
result = bad:run { keep_going = true }
expect.equal(result.status, "failed")
expect.equal(result.outputs, { d = 7 })
expect.equal(result.nodes.b.status, "failed")
assert(result.nodes.b.error:find("no such thing$"))
expect.equal(result.nodes.c.status, "skipped")
expect.equal(result.nodes.d.status, "computed")

-- A workflow with parameters and outputs is a module.
local outer = vt.workflow { name = "outer" }
local one = outer:add("one", flow, { step = 3 })
local two = outer:add("two", flow, { start = one.last, step = 1 })
outer:outputs { result = two.last }
result = outer:run()
expect.equal(result.outputs.result, 9)
expect.equal(result.nodes["two/second"].status, "computed")
expect.equal(result.nodes["one"], nil)

-- A run may be made while a module computes.
local meta = vt.module { name = "meta", outputs = { v = "number" }, cache = false }
function meta:compute() return { v = outer:run().outputs.result } end
local around = vt.workflow { name = "around" }
around:outputs { v = around:add("meta", meta).v }
expect.equal(around:run().outputs.v, 9)

-- Limits of a node.
local tries = 0
local flaky = vt.module { name = "flaky", outputs = { v = "any" } }
function flaky:compute()
  tries = tries + 1
  if tries < 3 then error("not yet") end
  return { v = tries }
end
local again = vt.workflow { name = "again" }
again:outputs { v = again:add("f", flaky, {}, { retries = 2 }).v }
expect.equal(again:run().outputs.v, 3)

local endless = vt.module { name = "endless" }
function endless:compute() while true do pcall(function() while true do end end) end end
local limited = vt.workflow { name = "limited" }
limited:add("e", endless, {}, { timeout = 0.05 })
ok, message = pcall(limited.run, limited)
assert(
  not ok and message:find("`e` %(endless 0%) failed in compute: .*timed out after 0.05 s$"),
  message)

-- A long chain takes no recursion.
local chain = vt.workflow { name = "chain" }
local port = chain:add("n0", add, { a = 0 }).sum
for i = 1, 9999 do port = chain:add("n" .. i, add, { a = port }).sum end
chain:outputs { sum = port }
expect.equal(chain:run().outputs.sum, 10000)

print("flow_test: ok")
