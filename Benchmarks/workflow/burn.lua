-- SPDX-License-Identifier: BSD-3-Clause
--
-- 18 nodes that do not depend on each other, each with 0.2 s of processor time.
--
--     vtlua run burn.lua -j 2
--
-- The same for GNU make: lua5.4 burn.lua make, which uses the time once.

local function burn()
  local stop = os.clock() + 0.2
  local turns = 0
  while os.clock() < stop do
    turns = turns + 1
  end
  return turns
end

if arg and arg[1] == "make" then
  return burn()
end

local M = vt.module {
  name = "bench.burn", inputs = { number = "integer" }, outputs = { turns = "integer" },
}

function M:compute()
  return { turns = burn() }
end

local flow = vt.workflow { name = "burn" }
local outputs = {}
for i = 1, 18 do
  outputs["n" .. i] = flow:add("n" .. i, M, { number = i }).turns
end
return flow:outputs(outputs)
