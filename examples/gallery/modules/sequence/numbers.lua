-- SPDX-License-Identifier: BSD-3-Clause
--- The numbers from 1 on, one after another.

local M = vt.module {
  name    = "sequence.numbers",
  version = "1.0.0",
  inputs  = { last = { "integer", min = 0 } },
  outputs = { numbers = "stream<integer>" },
}

function M:compute(inputs)
  local number = 0
  return {
    numbers = function()
      number = number + 1
      return number <= inputs.last and number or nil
    end,
  }
end

return M
