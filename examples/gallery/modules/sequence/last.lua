-- SPDX-License-Identifier: BSD-3-Clause
--- The last number of a stream, and how many there are.

local M = vt.module {
  name    = "sequence.last",
  version = "1.0.0",
  inputs  = { numbers = "stream<integer>" },
  outputs = { last = "integer", count = "integer" },
}

function M:compute(inputs)
  local last, count = 0, 0
  for number in inputs.numbers do
    last, count = number, count + 1
  end
  return { last = last, count = count }
end

return M
