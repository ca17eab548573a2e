-- SPDX-License-Identifier: BSD-3-Clause
--- Reads a CSV file into columns.

local csv = require "csv"

local M = vt.module {
  name    = "csv.read",
  version = "1.1.0",
  doc     = "Reads a CSV file with a header into columns.",
  inputs  = {
    path      = { "file", doc = "the CSV file" },
    types     = { "table", optional = true,
                  doc = "column name to string, number, integer or boolean; default string" },
    missing   = { "any", optional = true,
                  doc = "value of empty fields in typed columns; without it they are errors" },
    separator = { "string", default = ",", doc = "the character between fields" },
    arrays    = { "boolean", default = false,
                  doc = "return columns of numbers, integers and booleans as arrays" },
    options   = { "table", optional = true, doc = "further options of the library, such as skip" },
  },
  outputs = {
    columns = { "table", doc = "a list or array of values for each column name" },
    names   = { "list<string>", doc = "the columns in the order of the file" },
    count   = { "integer", doc = "the number of records" },
  },
}

function M:compute(inputs)
  local options = {
    types = inputs.types, missing = inputs.missing, separator = inputs.separator,
  }
  for name, value in pairs(inputs.options or {}) do
    if name == "header" and value == false then
      self:fail("options: `header` = false gives no names for the columns; set it to their names")
    end
    options[name] = value
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
