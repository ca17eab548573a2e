-- SPDX-License-Identifier: BSD-3-Clause
--- Reads a CSV file into columns.

local csv = require "csv"

local M = vt.module {
  name    = "csv.read",
  version = "1.0.0",
  doc     = "Reads a CSV file with a header into columns.",
  inputs  = {
    path      = { "file", doc = "the CSV file" },
    types     = { "table", optional = true,
                  doc = "column name to string, number, integer or boolean; default string" },
    missing   = { "any", optional = true,
                  doc = "value of empty fields in typed columns; without it they are errors" },
    separator = { "string", default = ",", doc = "the character between fields" },
  },
  outputs = {
    columns = { "table", doc = "a list of values for each column name" },
    names   = { "list<string>", doc = "the columns in the order of the file" },
    count   = { "integer", doc = "the number of records" },
  },
}

function M:compute(inputs)
  local ok, records, names = pcall(csv.read, inputs.path, {
    types = inputs.types, missing = inputs.missing, separator = inputs.separator,
  })
  if not ok then
    self:fail("%s", records)
  end
  return { columns = csv.columns(records, names), names = names, count = #records }
end

return M
