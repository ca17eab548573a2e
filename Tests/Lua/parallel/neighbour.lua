-- SPDX-License-Identifier: BSD-3-Clause
--- A user's module beside the script, for modules_test.lua.

local neighbour = { loaded = 0 }

neighbour.Point = setmetatable({}, { __call = function(class, x, y)
  return setmetatable({ x = x, y = y }, class)
end })
neighbour.Point.__index = neighbour.Point
function neighbour.Point:length() return (self.x * self.x + self.y * self.y) ^ 0.5 end

function neighbour.twice(x) return 2 * x end

return neighbour
