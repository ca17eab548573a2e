-- SPDX-License-Identifier: BSD-3-Clause
--- Statements of SQL with parameters by name. An internal part of the library `sql`.

local frame = require "frame"
local frame_columns = require "frame_columns"
local json = require "json"
local option_names = require "option_names"

local fail <const> = frame_columns.fail
local native <const> = vt and vt._sql and vt._sql()

--- The functions in C, and the metatable of databases, which `sql` fills.
local sql_statement = { native = native, Database = { __name = "sql.Database" } }

local ADVICE <const> = {
  { "^attempt to write a readonly database", 'open the file with { mode = "write" }' },
  { "^database is locked", "another connection has locked it; wait longer with { timeout = 60 }" },
  { "^authorization denied", "a database cannot be written into another file; copy it with "
  .. "sql.write" },
  { "^not authorized", "one statement has one file: open the other one with sql.open, and give its "
    .. "tables to sql.query" },
  { "^file is not a database", "the file was not made by SQLite, or is encrypted" },
}

--- Raises an error of SQLite with advice.
function sql_statement.fail_with(subject, message, text)
  for _, item in ipairs(ADVICE) do
    if message:find(item[1]) then
      fail("%s: %s; %s", subject, message, item[2])
    end
  end
  if text then
    text = text:gsub("%s+", " "):gsub("^ ", "")
    fail("%s: %s, in: %s%s", subject, message, text:sub(1, 80), #text > 80 and "..." or "")
  end
  fail("%s: %s", subject, message)
end

--- Checks that a method was called with a colon, for a database that is open.
function sql_statement.check_open(db, subject)
  if getmetatable(db) ~= sql_statement.Database then
    fail("%s: write db:%s(...), with a colon", subject, subject)
  elseif not native.state(db.handle) then
    fail("%s: the database is closed", subject)
  end
end

--- Gives a statement its parameters. Adds their names to `known`.
function sql_statement.bind(statement, parameters, known, subject)
  local names = native.describe(statement)
  for i, whole in ipairs(names) do
    local name = whole and whole:match("^[:@$]([%a_][%w_]*)$")
    if not name then
      fail("%s: the parameter %s has no name; write :name, and { name = value }", subject, whole
        or "?")
    end
    local value = parameters[name]
    known[#known + 1] = name
    if value == nil then
      fail("%s: the parameter `%s` has no value; for NULL write sql.null", subject, name)
    elseif json.is_null(value) then
      value = nil
    end
    local reason = native.bind(statement, i, value)
    if reason then
      fail("%s: the parameter `%s` is %s, which SQL does not have; for several values give a "
        .. "table to "
        .. "sql.query", subject, name, reason)
    end
  end
end

--- Raises an error for a value whose name no parameter has.
function sql_statement.check_known(parameters, known, subject)
  local unknown
  for name in pairs(parameters) do
    local found = false
    for _, other in ipairs(known) do
      found = found or other == name
    end
    if not found and (unknown == nil or tostring(name) < unknown) then
      unknown = tostring(name)
    end
  end
  if unknown then
    local nearest = option_names.nearest(unknown, known)
    fail("%s: the statement has no parameter `%s`; %s", subject, unknown,
      nearest and ("did you mean `%s`?"):format(nearest) or #known == 0 and "it has none"
        or "it has: " .. table.concat(known, ", "))
  end
end

--- Checks the arguments of a query. Returns the parameters.
function sql_statement.check_text(text, parameters, subject)
  if type(text) ~= "string" then
    fail("%s: expected a statement of SQL, got %s", subject, frame_columns.describe(text))
  elseif parameters ~= nil and (type(parameters) ~= "table" or frame.is(parameters)) then
    fail("%s: expected parameters such as { year = 2024 }, got %s", subject,
      frame_columns.describe(parameters))
  elseif parameters and parameters[1] ~= nil then
    fail("%s: parameters go by name; write :name, and { name = value }", subject)
  end
  return parameters or {}
end

--- Prepares the one statement of a text, with its parameters.
function sql_statement.prepare(db, text, parameters, subject)
  sql_statement.check_open(db, subject)
  parameters = sql_statement.check_text(text, parameters, subject)
  local statement, rest = native.prepare(db.handle, text, 1)
  if statement == nil then
    sql_statement.fail_with(subject, rest, text)
  elseif not statement then
    fail("%s: the text has no statement", subject)
  elseif native.prepare(db.handle, text, rest) ~= false then
    fail("%s: the text has several statements; run all but the last with db:execute", subject)
  end
  local known = {}
  sql_statement.bind(statement, parameters, known, subject)
  sql_statement.check_known(parameters, known, subject)
  return statement
end

--- The result of a statement as a frame.
function sql_statement.read(statement, text, subject)
  local _, names = native.describe(statement)
  if #names == 0 then
    fail("%s: the statement gives no columns; use db:execute", subject)
  end
  local seen = {}
  for i, name in ipairs(names) do
    if seen[name] then
      fail("%s: columns %d and %d are both called `%s`; name one with `as`", subject, seen[name], i,
        name)
    end
    seen[name] = i
  end
  local columns, rows = native.columns(statement)
  if not columns then
    sql_statement.fail_with(subject, rows, text)
  end
  return frame_columns.make(names, columns, rows)
end

return sql_statement
