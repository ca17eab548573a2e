-- SPDX-License-Identifier: BSD-3-Clause
--- The area and the perimeter of a triangle.

local M = vt.module {
  name    = "triangle.measure",
  version = "1.0.0",
  doc     = "The area of a triangle by Heron's formula, and its perimeter.",
  inputs  = { sides = "list<number>" },
  outputs = { area = "number", perimeter = "number" },
}

function M:compute(inputs)
  local a, b, c = table.unpack(inputs.sides)
  local s = (a + b + c) / 2
  return { area = math.sqrt(s * (s - a) * (s - b) * (s - c)), perimeter = a + b + c }
end

return M
