-- SPDX-License-Identifier: BSD-3-Clause
--- The numbers in texts.
local M = vt.module {
  name = "job.numbers", version = "1",
  inputs  = { texts = "list<string>" },
  outputs = { count = "integer", largest = "integer" },
}

function M:compute(inputs)
  local count, largest = 0, math.mininteger
  for _, text in ipairs(inputs.texts) do
    for number in text:gmatch "%d+" do
      count, largest = count + 1, math.max(largest, math.tointeger(number))
    end
  end
  return { count = count, largest = largest }
end

return M
