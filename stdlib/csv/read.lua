-- SPDX-License-Identifier: BSD-3-Clause
--- Reads a CSV file into columns.

local csv = require "csv"
local csv_modules = require "csv_modules"

local M = vt.module {
  name    = "csv.read",
  version = "1.1.0",
  doc     = "Reads a CSV file with a header into columns.",
  inputs  = csv_modules.inputs {
    arrays = { "boolean", default = false,
               doc = "return columns of numbers, integers and booleans as arrays" },
  },
  outputs = {
    columns = { "table", doc = "a list or array of values for each column name" },
    names   = { "list<string>", doc = "the columns in the order of the file" },
    count   = { "integer", doc = "the number of records" },
  },
}

function M:compute(inputs)
  local options = csv_modules.options(inputs)
  if options.header == false then
    self:fail("options: `header` = false gives no names for the columns; set it to their names")
  end
  if inputs.arrays then
    local ok, columns, names = pcall(csv.arrays, inputs.path, options)
    if not ok then
      self:fail("%s", columns)
    end
    return { columns = columns, names = names, count = #columns[names[1]] }
  end
  local ok, records, names = pcall(csv.read, inputs.path, options)
  if not ok then
    self:fail("%s", records)
  end
  return { columns = csv.columns(records, names), names = names, count = #records }
end

return M
