-- SPDX-License-Identifier: BSD-3-Clause
--- Three sides as a list, the shortest first.

local M = vt.module {
  name    = "triangle.sides",
  version = "1.0.0",
  doc     = "Three sides as a list, the shortest first.",
  inputs  = { a = { "number", min = 0 }, b = { "number", min = 0 }, c = { "number", min = 0 } },
  outputs = { sides = "list<number>" },
}

function M:compute(inputs)
  local sides = { inputs.a, inputs.b, inputs.c }
  table.sort(sides)
  return { sides = sides }
end

return M
