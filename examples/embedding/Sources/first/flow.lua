-- SPDX-License-Identifier: BSD-3-Clause
--- Sums squares with a function and an array that the Swift program defines.

local sum = vt.module {
  name    = "sum_of_squares",
  inputs  = { count = { "integer", min = 1 } },
  outputs = { sum = "number" },
}

function sum:compute(inputs)
  local total = 0
  for i = 1, inputs.count do
    total = total + square(i)
    if i == 3 then
      assert(total == first_squares:sum())
      print("1 + 4 + 9 = " .. total)
      self:progress(i / inputs.count, "three squares")
    end
  end
  return { sum = total }
end

local flow = vt.workflow { name = "embedding", params = { count = "integer" } }
local node = flow:add("sum", sum, { count = flow.params.count })
return flow:outputs { sum = node.sum }
