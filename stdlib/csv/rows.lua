-- SPDX-License-Identifier: BSD-3-Clause
--- Reads a CSV file record by record.

local csv = require "csv"

local M = vt.module {
  name    = "csv.rows",
  version = "1.0.0",
  doc     = "Reads a CSV file record by record, with one record in memory.",
  inputs  = {
    path      = { "file", doc = "the CSV file" },
    types     = { "table", optional = true,
                  doc = "column name to string, number, integer or boolean; default string" },
    missing   = { "any", optional = true,
                  doc = "value of empty fields in typed columns; without it they are errors" },
    separator = { "string", default = ",", doc = "the character between fields" },
    options   = { "table", optional = true, doc = "further options of the library, such as skip" },
  },
  outputs = {
    rows = { "stream<table>", doc = "a table by the names of the columns for each record" },
  },
}

function M:compute(inputs)
  local options = {
    types = inputs.types, missing = inputs.missing, separator = inputs.separator,
  }
  for name, value in pairs(inputs.options or {}) do
    options[name] = value
  end
  return {
    rows = coroutine.create(function()
      local ok, following, _, _, file = pcall(csv.lines, inputs.path, options)
      if not ok then
        self:fail("%s", following)
      end
      local _ <close> = file
      while true do
        local row
        ok, row = pcall(following)
        if not ok then
          self:fail("%s", row)
        elseif not row then
          return
        end
        coroutine.yield(row)
      end
    end),
  }
end

return M
