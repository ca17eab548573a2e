-- SPDX-License-Identifier: BSD-3-Clause
--- Queries a database, or tables of the workflow, by SQL.

local sql = require "sql"

local M = vt.module {
  name    = "sql.query",
  version = "1.0.0",
  doc     = "Queries a database file or tables by SQL. The result is a frame.",
  inputs  = {
    query      = { "string", doc = "one statement, with parameters such as :year" },
    path       = { "file", optional = true, doc = "a database of SQLite" },
    tables     = { "table", optional = true,
                   doc = "by name: frames, columns by name, lists of records, or arrays" },
    parameters = { "table", optional = true, doc = "the values of the parameters by name" },
  },
  outputs = {
    rows  = { "any", doc = "a frame" },
    count = { "integer", doc = "the number of rows" },
  },
}

function M:compute(inputs)
  if inputs.path and inputs.tables then
    self:fail("give `path` or `tables`, not both; to join a file with tables, query the file first")
  end
  local ok, rows
  if inputs.path then
    local db <close> = sql.open(inputs.path)
    ok, rows = pcall(db.query, db, inputs.query, inputs.parameters)
  else
    ok, rows = pcall(sql.query, inputs.query, inputs.tables, inputs.parameters)
  end
  if not ok then
    self:fail("%s", (tostring(rows):gsub("^%S+:%d+: ", "")))
  end
  return { rows = rows, count = #rows }
end

return M
