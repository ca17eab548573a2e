-- SPDX-License-Identifier: BSD-3-Clause
--- Collects the items of a stream.

local M = vt.module {
  name    = "stream.to_list",
  version = "1.0.0",
  doc     = "Collects the items of a stream in a list, which is in memory as a whole.",
  inputs  = {
    items = { "stream", doc = "the items" },
    first = { "integer", optional = true, min = 0,
              doc = "stop after this number of items; without it all are collected" },
  },
  outputs = {
    list  = { "list", doc = "the items" },
    count = { "integer", doc = "their number" },
  },
}

function M:compute(inputs)
  local list, count, first = {}, 0, inputs.first or math.maxinteger
  if first > 0 then
    for item in inputs.items do
      count = count + 1
      list[count] = item
      if count >= first then break end
    end
  end
  return { list = list, count = count }
end

return M
