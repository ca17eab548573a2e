-- SPDX-License-Identifier: BSD-3-Clause
--
-- A chain of modules that each add one, for scripts/bench store.
--
--     LENGTH=1000 BYTES=0 vtlua run flow.lua
--
-- With BYTES each module also returns a string of that length.

local length = math.tointeger(os.getenv "LENGTH")
local bytes = math.tointeger(os.getenv "BYTES" or 0)

local add_one = vt.module {
  name    = "bench.add_one",
  version = "1.0.0",
  inputs  = { value = "integer", bytes = "integer" },
  outputs = { value = "integer", text = "string" },
}

function add_one:compute(inputs)
  local text = {}
  -- The string cannot be compressed.
  for i = 1, inputs.bytes // 8 do
    text[i] = string.pack("<I8", (inputs.value * 1000003 + i) * 0x9e3779b97f4a7c15)
  end
  return { value = inputs.value + 1, text = table.concat(text) }
end

local flow = vt.workflow { name = "chain" }
local last = 0
for i = 1, length do
  last = flow:add("n" .. i, add_one, { value = last, bytes = bytes }).value
end
return flow:outputs { total = last }
