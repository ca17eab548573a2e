-- SPDX-License-Identifier: BSD-3-Clause
--- Writes tables to a database of SQLite.

local files = require "files"
local sql = require "sql"

local M = vt.module {
  name    = "sql.write",
  version = "1.0.0",
  doc     = "Writes tables to a database of SQLite, which replaces the file.",
  inputs  = {
    tables = { "table", doc = "by name: frames, columns by name, lists of records, or arrays" },
    path   = { "string", doc = "the file to write" },
    dir    = { "dir", optional = true, compare = "name",
                  doc = "the directory that contains `path`" },
  },
  outputs = { path = { "file", doc = "the written file" } },
}

function M:compute(inputs)
  local path = files.join(inputs.dir, inputs.path)
  local ok, message = pcall(sql.write, path, inputs.tables)
  if not ok then
    self:fail("%s", (tostring(message):gsub("^%S+:%d+: ", "")))
  end
  return { path = path }
end

return M
