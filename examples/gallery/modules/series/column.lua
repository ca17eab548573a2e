-- SPDX-License-Identifier: BSD-3-Clause
--- Selects a column of a table.

local M = vt.module {
  name    = "series.column",
  version = "1.0.0",
  doc     = "Selects a column of what `csv.read` has read.",
  inputs  = { columns = "table", name = { "string", doc = "the name of a column of numbers" } },
  outputs = { values = "list<number>" },
}

function M:compute(inputs)
  local values = inputs.columns[inputs.name]
  if not values then self:fail("there is no column `%s`", inputs.name) end
  return { values = values }
end

return M
