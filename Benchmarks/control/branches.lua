-- SPDX-License-Identifier: BSD-3-Clause
--- 1,000 nodes, with CHOICES as nodes of control.choose, and without as nodes of another module.

local pass = vt.module {
  name = "pass", version = "1",
  inputs = {
    condition = "boolean", yes = { "any", optional = true }, no = { "any", optional = true },
  },
  outputs = { value = "any" },
}

function pass:compute(inputs)
  if inputs.condition then return { value = inputs.yes } end
  return { value = inputs.no }
end

local module = os.getenv("CHOICES") and "control.choose" or pass
local flow = vt.workflow { name = "branches" }
local value = flow:add("first", pass, { condition = true, yes = 0 }).value
for i = 1, 1000 do
  value = flow:add("node" .. i, module, { condition = true, yes = value, no = 1 }).value
end
return flow:outputs { value = value }
