-- SPDX-License-Identifier: BSD-3-Clause
--- One column divided by another.

local M = vt.module {
  name    = "tables.ratio",
  version = "1.0.0",
  doc     = "Divides one list by another, element by element.",
  inputs  = {
    above = { "list<number>", doc = "the numerators" },
    below = { "list<number>", doc = "the denominators, one for each" },
  },
  outputs = { values = "list<number>" },
}

function M:compute(inputs)
  local values = {}
  for i, value in ipairs(inputs.above) do
    values[i] = value / inputs.below[i]
  end
  return { values = values }
end

return M
