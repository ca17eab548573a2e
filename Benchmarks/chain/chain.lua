-- SPDX-License-Identifier: BSD-3-Clause
--
-- The overhead of a module: a chain of modules that each add one.
--
--     vtlua chain.lua LENGTH ROUNDS
--
-- Prints the microseconds of processor time per module, a line for each run of the chain.
-- Building the chain is not counted, and there is no store.

local length = math.tointeger(tonumber(arg[1] or 1000))
local rounds = math.tointeger(tonumber(arg[2] or 10))

local add_one = vt.module {
  name    = "bench.add_one",
  version = "1.0.0",
  doc     = "Adds one.",
  inputs  = { value = "integer" },
  outputs = { value = "integer" },
  cache   = false,
}

function add_one:compute(inputs)
  return { value = inputs.value + 1 }
end

local flow = vt.workflow { name = "chain" }
local last = 0
for i = 1, length do
  last = flow:add("n" .. i, add_one, { value = last }).value
end
flow:outputs { total = last }

for _ = 1, rounds do
  collectgarbage()
  local began = os.clock()
  local run = flow:run { store = false }
  local seconds = os.clock() - began
  assert(run.outputs.total == length, "the chain did not count to its length")
  print(("%.4f"):format(seconds / length * 1e6))
end
