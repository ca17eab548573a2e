-- SPDX-License-Identifier: BSD-3-Clause
--
-- Nodes that are cached in the process, in a program with a store: a module runs the chain of
-- flow.lua several times.
--
--     LENGTH=1000 vtlua run inside.lua
--
-- Output: milliseconds a node, the median of the runs after the first.

local chain = dofile(os.getenv "CHAIN")
local length = math.tointeger(os.getenv "LENGTH")

local again = vt.module {
  name = "bench.again", inputs = {}, outputs = { milliseconds = "number" }, cache = false,
}

function again:compute()
  local times = {}
  for i = 0, 15 do
    collectgarbage()
    local began = os.clock()
    local run = chain:run {}
    times[i] = (os.clock() - began) / length * 1e3
    assert(run.outputs.total == length, "the chain did not count to its length")
    assert(i == 0 or run.nodes.n1.status == "cached")
  end
  table.sort(times)
  return { milliseconds = times[#times // 2 + 1] }
end

local flow = vt.workflow { name = "inside" }
return flow:outputs { milliseconds = flow:add("again", again, {}).milliseconds }
