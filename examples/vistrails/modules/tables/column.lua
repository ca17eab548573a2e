-- SPDX-License-Identifier: BSD-3-Clause
--- A column of a table, as ExtractColumn of VisTrails' tabledata.

local M = vt.module {
  name    = "tables.column",
  version = "1.0.0",
  doc     = "Extracts a column.",
  inputs  = {
    columns = { "table", doc = "a list of values for each name" },
    name    = { "string", doc = "the column" },
  },
  outputs = { values = "list" },
}

function M:compute(inputs)
  local values = inputs.columns[inputs.name]
  if values == nil then
    local names = {}
    for name in pairs(inputs.columns) do
      names[#names + 1] = name
    end
    table.sort(names)
    self:fail("there is no column `%s`; the columns are: %s", inputs.name,
      table.concat(names, ", "))
  end
  return { values = values }
end

return M
