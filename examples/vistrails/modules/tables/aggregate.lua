-- SPDX-License-Identifier: BSD-3-Clause
--- One row for each group of rows, as AggregateColumn of VisTrails' tabledata.

local M = vt.module {
  name    = "tables.aggregate",
  version = "1.0.0",
  doc     = "Counts, sums and averages the rows that have the same values in some columns.",
  inputs  = {
    columns = { "table", doc = "a list of values for each name" },
    by      = { "list<string>", doc = "the columns that make a group" },
    value   = { "string", optional = true, doc = "the column of numbers; NaN is left out" },
  },
  outputs = {
    columns = { "table", doc = "those of `by`, `count`, and with `value` also `sum` and `mean`" },
  },
}

function M:compute(inputs)
  local columns, result, rows = inputs.columns, { count = {} }, {}
  for _, name in ipairs(inputs.by) do
    if columns[name] == nil then
      self:fail("there is no column `%s`", name)
    end
    result[name] = {}
  end
  if inputs.value then
    result.sum, result.mean = {}, {}
  end
  for i = 1, #columns[inputs.by[1]] do
    local parts = {}
    for j, name in ipairs(inputs.by) do
      parts[j] = tostring(columns[name][i])
    end
    local key = table.concat(parts, "\0")
    local row = rows[key]
    if not row then
      row = #result.count + 1
      rows[key], result.count[row] = row, 0
      for _, name in ipairs(inputs.by) do
        result[name][row] = columns[name][i]
      end
      if inputs.value then
        result.sum[row] = 0.0
      end
    end
    local value = inputs.value and columns[inputs.value][i] or 0.0
    if value == value then
      result.count[row] = result.count[row] + 1
      if inputs.value then
        result.sum[row] = result.sum[row] + value
      end
    end
  end
  for row = 1, inputs.value and #result.count or 0 do
    result.mean[row] = result.sum[row] / result.count[row]
  end
  return { columns = result }
end

return M
