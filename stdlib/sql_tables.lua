-- SPDX-License-Identifier: BSD-3-Clause
--- Tables of Lua as tables of SQL. An internal part of the library `sql`.

local frame = require "frame"
local frame_columns = require "frame_columns"
local number_lists = require "number_lists"

local sql_tables = {}

local fail <const> = frame_columns.fail

--- A name in SQL text.
--- @param name string
--- @return string
function sql_tables.quoted(name)
  if name:find("\0", 1, true) then
    fail("`%s`: a name in SQL has no zero bytes", (name:gsub("%z", "\\0")))
  end
  return '"' .. name:gsub('"', '""') .. '"'
end

local function from_array(value, name, subject)
  if value.ndim == 1 then
    return frame { value = value }
  elseif value.ndim ~= 2 then
    fail("%s: table `%s`: expected one or two axes, got %s", subject, name,
      number_lists.describe(value))
  end
  local columns = {}
  for i = 1, value.shape[2] do
    columns[i] = { "c" .. i, value[{ {}, i }]:contiguous() }
  end
  return frame.new(columns)
end

--- A frame of a value: a frame, columns by name, a list of records, a list of values (as the column
--- `value`), or an array (with two axes: as the columns c1, c2, ...).
--- @param value any
--- @param name string of the table, for messages
--- @param subject string the start of messages
--- @return frame.Frame
function sql_tables.to_frame(value, name, subject)
  if frame.is(value) then
    return value
  elseif number_lists.is_array(value) then
    return from_array(value, name, subject)
  elseif type(value) ~= "table" then
    fail("%s: table `%s`: expected a frame, columns by name, a list of records or an array, got %s",
      subject, name, frame_columns.describe(value))
  elseif value[1] == nil then
    if next(value) == nil then
      fail("%s: table `%s` has no columns", subject, name)
    end
    return frame(value)
  elseif type(value[1]) == "table" and not frame.is(value[1]) then
    return frame.records(value)
  end
  return frame { value = value }
end

--- The declared type of a column.
local function type_of(column, rows)
  if number_lists.is_array(column) then
    return column.dtype:find("^float") and "REAL" or "INTEGER"
  end
  local kind = frame_columns.type_of(column, rows)
  return kind == "text" and "TEXT" or kind == "bool" and "INTEGER" or ""
end

--- The statement that creates a table for a frame.
--- @param f frame.Frame
--- @param name string
--- @return string
function sql_tables.create(f, name)
  local parts = {}
  for i, column in ipairs(f.columns) do
    parts[i] = (sql_tables.quoted(column) .. " " .. type_of(f:column(column), #f)):gsub(" $", "")
  end
  return ("CREATE TABLE %s (%s)"):format(sql_tables.quoted(name), table.concat(parts, ", "))
end

--- The statement that inserts a row of a frame.
--- @param f frame.Frame
--- @param name string
--- @return string
function sql_tables.insert(f, name)
  local names, places = {}, {}
  for i, column in ipairs(f.columns) do
    names[i], places[i] = sql_tables.quoted(column), "?"
  end
  return ("INSERT INTO %s (%s) VALUES (%s)"):format(
    sql_tables.quoted(name), table.concat(names, ", "), table.concat(places, ", "))
end

--- The columns of a frame in order.
--- @param f frame.Frame
--- @param subject string
--- @return table
function sql_tables.columns(f, subject)
  local columns = {}
  for i, name in ipairs(f.columns) do
    local column = f:column(name)
    if number_lists.is_array(column) and column.dtype:find("^complex") then
      fail("%s: column `%s` has complex numbers; write f[name]:real() and f[name]:imag()", subject,
        name)
    end
    columns[i] = column
  end
  return columns
end

return sql_tables
