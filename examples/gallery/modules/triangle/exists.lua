-- SPDX-License-Identifier: BSD-3-Clause
--- Whether three sides make a triangle.

local M = vt.module {
  name    = "triangle.exists",
  version = "1.0.0",
  doc     = "True if the longest of three sides is shorter than the other two together.",
  inputs  = { sides = { "list<number>", doc = "the shortest first" } },
  outputs = { exists = "boolean" },
}

function M:compute(inputs)
  local a, b, c = table.unpack(inputs.sides)
  return { exists = c < a + b }
end

return M
