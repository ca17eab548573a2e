-- SPDX-License-Identifier: BSD-3-Clause
--- Adds the numbers of a list.

local M = vt.module {
  name    = "total",
  version = "1.0.0",
  doc     = "Adds the numbers of a list.",
  inputs  = { numbers = "list<number>" },
  outputs = { sum = "number" },
}

function M:compute(inputs)
  local sum = 0
  for _, number in ipairs(inputs.numbers) do
    sum = sum + number
  end
  return { sum = sum }
end

return M
