-- SPDX-License-Identifier: BSD-3-Clause
--- The first number of a list.

local M = vt.module {
  name    = "number.first",
  version = "1.0.0",
  doc     = "The first number of a list.",
  inputs  = { list = "list<integer>" },
  outputs = { value = "integer" },
}

function M:compute(inputs)
  if #inputs.list == 0 then self:fail("the list is empty") end
  return { value = inputs.list[1] }
end

return M
