-- SPDX-License-Identifier: BSD-3-Clause
--
-- A workflow of many trivial nodes, each connected to the two before it, built, checked and run.
--
--     vtlua nodes.lua COUNT
--
-- Prints the microseconds of processor time a node, and the peak of the process's memory in MiB.

local count = math.tointeger(tonumber(arg[1]))

local add = vt.module {
  name = "bench.add", inputs = { a = "integer", b = "integer" }, outputs = { sum = "integer" },
}

function add:compute(inputs)
  return { sum = (inputs.a + inputs.b) % 1000003 }
end

local began = os.clock()
local flow = vt.workflow { name = "nodes" }
local a, b = 0, 1
for i = 1, count do
  a, b = b, flow:add("n" .. i, add, { a = a, b = b }).sum
end
flow:outputs { sum = b }
local outputs = flow:run({ store = false }).outputs
local seconds = os.clock() - began

local x, y = 0, 1
for _ = 1, count do
  x, y = y, (x + y) % 1000003
end
assert(outputs.sum == y)
local memory = 0
for line in io.lines("/proc/self/status") do
  memory = tonumber(line:match("^VmHWM:%s*(%d+)")) or memory
end
print(seconds / count * 1e6, memory / 1024)
