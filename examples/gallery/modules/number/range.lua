-- SPDX-License-Identifier: BSD-3-Clause
--- The integers from one number to another.

local M = vt.module {
  name    = "number.range",
  version = "1.0.0",
  doc     = "The integers from `first` to `last`.",
  inputs  = { first = "integer", last = "integer" },
  outputs = { list = "list<integer>" },
}

function M:compute(inputs)
  local list = {}
  for n = inputs.first, inputs.last do list[#list + 1] = n end
  return { list = list }
end

return M
