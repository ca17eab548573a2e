-- SPDX-License-Identifier: BSD-3-Clause
--- Writes columns to a CSV file.

local csv = require "csv"
local files = require "files"

local M = vt.module {
  name    = "csv.write",
  version = "1.0.0",
  doc     = "Writes columns to a CSV file with a header.",
  inputs  = {
    columns   = { "table", doc = "a list of values for each column name, all of equal length" },
    names     = { "list<string>", doc = "the columns to write, in order" },
    path      = { "string", doc = "the file to write" },
    dir       = { "dir", optional = true, compare = "name",
                  doc = "the directory that contains `path`" },
    separator = { "string", default = ",", doc = "the character between fields" },
  },
  outputs = { path = { "file", doc = "the written file" } },
}

function M:compute(inputs)
  local path = files.join(inputs.dir, inputs.path)
  local ok, result = pcall(csv.records, inputs.columns, inputs.names)
  if ok then
    ok, result = pcall(csv.write, path, result, {
      columns = inputs.names, separator = inputs.separator,
    })
  end
  if not ok then
    self:fail("%s", result)
  end
  return { path = path }
end

return M
