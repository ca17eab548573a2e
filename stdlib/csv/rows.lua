-- SPDX-License-Identifier: BSD-3-Clause
--- Reads a CSV file record by record.

local csv = require "csv"
local csv_modules = require "csv_modules"

local M = vt.module {
  name    = "csv.rows",
  version = "1.0.0",
  doc     = "Reads a CSV file record by record, with one record in memory.",
  inputs  = csv_modules.inputs(),
  outputs = {
    rows = { "stream<table>", doc = "a table by the names of the columns for each record" },
  },
}

function M:compute(inputs)
  local options = csv_modules.options(inputs)
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
