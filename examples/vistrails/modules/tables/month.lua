-- SPDX-License-Identifier: BSD-3-Clause
--- The months of dates.

local dates = require "dates"

local M = vt.module {
  name    = "tables.month",
  version = "1.0.0",
  doc     = "Returns the first three letters of each date's month.",
  inputs  = { seconds = { "list<integer>", doc = "since 1970-01-01" } },
  outputs = { months = "list<string>" },
}

function M:compute(inputs)
  local months = {}
  for i, second in ipairs(inputs.seconds) do
    months[i] = dates.format(second, "%b")
  end
  return { months = months }
end

return M
