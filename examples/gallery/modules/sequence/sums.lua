-- SPDX-License-Identifier: BSD-3-Clause
--- For each number, the sum of all numbers so far.

local M = vt.module {
  name    = "sequence.sums",
  version = "1.0.0",
  inputs  = { numbers = "stream<integer>" },
  outputs = { sums = "stream<integer>" },
}

function M:compute(inputs)
  local sum = 0
  return {
    sums = function()
      local number = inputs.numbers()
      if number then
        sum = sum + number
        return sum
      end
    end,
  }
end

return M
