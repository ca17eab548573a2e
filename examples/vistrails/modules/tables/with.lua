-- SPDX-License-Identifier: BSD-3-Clause
--- A table with one more column, as BuildTable of VisTrails' tabledata.

local M = vt.module {
  name    = "tables.with",
  version = "1.0.0",
  doc     = "Adds a column, or replaces one.",
  inputs  = {
    columns = { "table", doc = "a list of values for each name" },
    name    = { "string", doc = "the name of the column" },
    values  = { "list", doc = "its values, one for each row" },
  },
  outputs = { columns = "table" },
}

function M:compute(inputs)
  local result = {}
  for name, values in pairs(inputs.columns) do
    if #values ~= #inputs.values then
      self:fail("`values` has %d values, but `%s` has %d", #inputs.values, name, #values)
    end
    result[name] = values
  end
  result[inputs.name] = inputs.values
  return { columns = result }
end

return M
