-- SPDX-License-Identifier: BSD-3-Clause
--- The rows with a value, as SelectFromTable of VisTrails' tabledata.

local M = vt.module {
  name    = "tables.select",
  version = "1.0.0",
  doc     = "Selects the rows in which a column has a value.",
  inputs  = {
    columns = { "table", doc = "a list of values for each name" },
    name    = { "string", doc = "the column that is compared" },
    value   = { "any", doc = "the value" },
  },
  outputs = { columns = "table", count = "integer" },
}

function M:compute(inputs)
  local compared = inputs.columns[inputs.name]
  if compared == nil then
    self:fail("there is no column `%s`", inputs.name)
  end
  local result, count = {}, 0
  for name, values in pairs(inputs.columns) do
    local chosen = {}
    for i = 1, #compared do
      if compared[i] == inputs.value then
        chosen[#chosen + 1] = values[i]
      end
    end
    result[name], count = chosen, #chosen
  end
  return { columns = result, count = count }
end

return M
