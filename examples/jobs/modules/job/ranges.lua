-- SPDX-License-Identifier: BSD-3-Clause
--- Ranges of numbers that together have all from 1 on.
local M = vt.module {
  name = "job.ranges", version = "1",
  inputs  = { last = { "integer", min = 1 }, parts = { "integer", min = 1 } },
  outputs = { list = { "list<list<integer>>", doc = "the first and the last number of each" } },
}

function M:compute(inputs)
  local list = {}
  for part = 1, inputs.parts do
    local first = (part - 1) * inputs.last // inputs.parts + 1
    list[part] = { first, part * inputs.last // inputs.parts }
  end
  return { list = list }
end

return M
