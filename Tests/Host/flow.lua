-- SPDX-License-Identifier: BSD-3-Clause
local Sum = vt.module {
  name = "sum",
  inputs = { count = "integer" },
  outputs = { sum = "integer" },
}

function Sum:compute(inputs)
  local sum = 0
  for i = 1, inputs.count do sum = sum + i end
  return { sum = sum }
end

local flow = vt.workflow { name = "sum", params = { count = "integer" } }
return flow:outputs { sum = flow:add("sum", Sum, { count = flow.params.count }).sum }
