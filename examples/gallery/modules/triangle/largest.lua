-- SPDX-License-Identifier: BSD-3-Clause
--- The triangle with the largest area.

local M = vt.module {
  name    = "triangle.largest",
  version = "1.0.0",
  doc     = "The number of triangles, and the first one with the largest area.",
  inputs  = { sides = "list<list<number>>", areas = "list<number>" },
  outputs = { count = "integer", sides = "list<number>", area = "number" },
}

function M:compute(inputs)
  if #inputs.areas == 0 then self:fail("there is no triangle; give other sides") end
  local best = 1
  for i, area in ipairs(inputs.areas) do
    if area > inputs.areas[best] then best = i end
  end
  return { count = #inputs.areas, sides = inputs.sides[best], area = inputs.areas[best] }
end

return M
