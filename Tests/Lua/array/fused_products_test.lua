-- SPDX-License-Identifier: BSD-3-Clause
--
-- Fused products and sums.

local array = require "array"

-- A product with the sum after it: rounded twice, as without fusing, in memory and in registers,
-- and for outputs that are larger than the caches.
local forms = {
  function(x, y, z) return x * y + z end,
  function(x, y, z) return z + x * y end,
  function(x, y, z) return x * y - z end,
  function(x, y, z) return z - x * y end,
  function(x, y) return 2.5 * x + y end,
  function(x, y) return y - x * 0.3 end,
  function(x, y)
    local product = x * y
    return product + product
  end,
  function(x, y, z)
    local product = x * y
    return (product + z) * product
  end,
  function(x, y, z) return (x + y) * z - x end,
  function(x, y, z) return x * y + z * x - y * z end,
  function(x, y, z) return x * (y * z) + x / y end,
}
for _, n in ipairs { 3, 5000, 1700001 } do
  for _, dtype in ipairs { "float64", "float32", n < 9999 and "int32" or nil } do
    local x, y, z = array.range(1, n), array.range(n, 1, -1), array.range(2, n + 1)
    if dtype == "int32" then
      x, y, z = x:astype(dtype), y:astype(dtype), z:astype(dtype)
    else
      x = (x / 7):astype(dtype)
      y = (y / 3):astype(dtype)
      z = (z / -11):astype(dtype)
    end
    for number, form in ipairs(forms) do
      assert(array.fuse(form)(x, y, z) == form(x, y, z), dtype .. number)
    end
  end
end
