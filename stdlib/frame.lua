-- SPDX-License-Identifier: BSD-3-Clause
--- Tables with named columns. A column of numbers or booleans is an array, any other one a list.
--
--     local frame = require "frame"
--     local f = frame { city = { "Oslo", "Rome" }, temp = { 3.5, 14 } }
--     print(f:filter("temp", ">", 10))
--
-- `f.temp` is the column `temp`, `f:column "temp"` the same where a method has the name of a
-- column; `f.columns` has the names in order, and `#f` is the number of rows. Methods return new
-- frames, which share columns with the old one: do not write to a column.
--
-- A missing value is NaN in a column of numbers and nil in a list. Rows are counted from 1.

local frame_columns = require "frame_columns"
local frame_groups = require "frame_groups"
local frame_join = require "frame_join"
local frame_read = require "frame_read"
local option_names = require "option_names"
require "frame_missing"
require "frame_text"

local fail <const> = frame_columns.fail

--- A table with named columns.
--- @field columns string[] the names of the columns in order
--- @field [string] any the columns
local Frame = frame_columns.Frame

local frame = {}

--- The metatables of frames and of groups.
frame.Frame, frame.Groups = Frame, frame_groups.Groups

--- Returns true if a value is a frame.
--- @param value any
--- @return boolean
function frame.is(value)
  return frame_columns.is(value)
end

--- Makes a frame of columns in order: `frame.new { { "x", { 1, 2 } }, { "y", { 3, 4 } } }`. A
-- missing value in a list is nil, or `json.null`, which a missing value at the end must be.
--- @param columns table[] the name and the values of each column, which are a list or an array
--- @return frame.Frame
function frame.new(columns)
  if type(columns) ~= "table" then
    fail("frame.new: expected a list of columns, got %s", frame_columns.describe(columns))
  end
  local names, values, rows, seen = {}, {}, nil, {}
  for i, column in ipairs(columns) do
    if type(column) ~= "table" or frame_columns.is(column) then
      fail("frame.new: element %d: expected { name, values }, got %s", i,
        frame_columns.describe(column))
    end
    local name = frame_columns.check_name(column[1], "frame.new")
    if seen[name] then
      fail("frame.new: two columns are called `%s`", name)
    end
    seen[name] = true
    local length
    values[i], length = frame_columns.adopt(column[2], name, "frame.new")
    if rows and length ~= rows then
      fail("frame.new: column `%s` has %d values, but column `%s` has %d; a missing value at "
        .. "the end is "
        .. "json.null", name, length, names[1], rows)
    end
    names[i], rows = name, length
  end
  return frame_columns.make(names, values, rows or 0)
end

--- Makes a frame of columns by name, in alphabetical order.
local function from_columns(_, columns)
  if frame_columns.is(columns) then
    return columns
  elseif type(columns) ~= "table" then
    fail("frame: expected columns by name, got %s", frame_columns.describe(columns))
  elseif columns[1] ~= nil then
    fail("frame: expected columns by name; for columns in order write frame.new, for a list of "
      .. "records "
      .. "frame.records")
  end
  local list = {}
  for name, values in pairs(columns) do
    list[#list + 1] = { frame_columns.check_name(name, "frame"), values }
  end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return frame.new(list)
end

setmetatable(frame, { __call = from_columns })

--- Makes a frame of records, tables by name. A field that a record lacks is missing.
--- @param records table[]
--- @param names string[]|nil the columns in order; by default all names of the records, sorted
--- @return frame.Frame
function frame.records(records, names)
  if type(records) ~= "table" then
    fail("frame.records: expected a list of records, got %s", frame_columns.describe(records))
  end
  local columns, rows, found = {}, #records, {}
  for row, record in ipairs(records) do
    if type(record) ~= "table" then
      fail("frame.records: record %d: expected a table, got %s", row,
        frame_columns.describe(record))
    end
    for name, value in pairs(record) do
      local column = columns[frame_columns.check_name(name, "frame.records")]
      if not column then
        column = {}
        columns[name] = column
        found[#found + 1] = name
      end
      column[row] = value
    end
  end
  table.sort(found)
  local list = {}
  for i, name in ipairs(names or found) do
    if not columns[name] and rows > 0 then
      local nearest = option_names.nearest(name, found)
      fail("frame.records: no record has a field `%s`%s", name,
        nearest and ("; did you mean `%s`?"):format(nearest) or "")
    end
    list[i] = frame_columns.adopt(columns[name] or {}, name, "frame.records", rows)
  end
  return frame_columns.make(table.move(names or found, 1, #(names or found), 1, {}), list, rows)
end

-- MARK: Reading

--- Converts texts to seconds since 1970-01-01, as the library `dates` counts them. A missing text
-- is NaN; the result is an array of int64 if there is none.
--- @param texts string[] a column
--- @param format string|nil see `dates.parser`; by default dates of ISO 8601, with or without a
--- time
--- @param rows integer|nil the length of the list, if it may have missing values at the end
--- @return array
function frame.seconds(texts, format, rows)
  return frame_read.seconds(texts, format, rows)
end

--- Converts seconds since 1970-01-01 to texts. NaN is missing.
--- @param seconds array a column
--- @param format string|nil see `dates.format`; default "%Y-%m-%d"
--- @return string[]
function frame.dates(seconds, format)
  return frame_read.dates(seconds, format)
end

--- Reads CSV: a file, or a text with line ends. The type of each column is found from its values:
-- integers (int64), numbers (float64), `true` and `false` (bool), otherwise texts. An empty field
-- is missing, and in columns of numbers and booleans also `NA N/A #N/A NaN nan null NULL None`.
-- Integers with missing values are float64; digits after a zero, such as 007, are text.
--- @param source string
--- @param options table|nil those of the library `csv`, and `select`, the columns to read; `types`
--- may be "date" or a format of `dates.parser` for seconds since 1970; `na` applies to texts too
--- @return frame.Frame
function frame.csv(source, options)
  return frame_read.csv(source, options)
end

--- Reads JSON lines, an object on each: a file, or a text with line ends. The columns are in the
-- order of their first appearance; null is missing.
--- @param source string
--- @return frame.Frame
function frame.jsonl(source)
  return frame_read.jsonl(source, frame.records)
end

--- Reads a JSON list of objects: a file, or a text that begins with `[`.
--- @param source string
--- @return frame.Frame
function frame.json(source)
  return frame_read.json(source, frame.records)
end

--- The rows of several frames one after another. A column that some do not have is missing there.
--- @param frames frame.Frame[]
--- @return frame.Frame
function frame.concat(frames)
  if type(frames) ~= "table" or frame_columns.is(frames) then
    fail("frame.concat: expected a list of frames, got %s", frame_columns.describe(frames))
  end
  return frame_join.concat(frames)
end

-- MARK: The table of methods

--- A column. For a name that is also that of a method.
--- @param name string
--- @return array|table
function Frame.column(f, name)
  return f[-2][frame_columns.position(f, name)]
end

--- The type of each column by its name: that of its array, or "text", "bool" or "list".
function Frame.types(f)
  local types = {}
  for i, name in ipairs(f[-1]) do
    types[name] = frame_columns.type_of(f[-2][i], f[-3])
  end
  return types
end

--- The columns by name as a table.
function Frame.totable(f)
  local columns = {}
  for i, name in ipairs(f[-1]) do
    columns[name] = f[-2][i]
  end
  return columns
end

--- This frame's rows, then those of others.
function Frame.concat(f, ...)
  return frame_join.concat { f, ... }
end

function Frame.__index(f, name)
  local method = type(name) == "string" and name:sub(1, 2) ~= "__" and Frame[name]
  if method then
    return method
  elseif name == "columns" then
    return table.move(f[-1], 1, #f[-1], 1, {})
  end
  local place = frame_columns.positions(f)[name]
  if place then
    return f[-2][place]
  elseif math.type(name) then
    fail("a frame has no element %s; for a row write f:row(%s), for a column f[name]",
      tostring(name),
      tostring(name))
  end
  frame_columns.unknown(f, name, nil, true)
end

function Frame.__newindex(_, name)
  fail("a frame cannot be changed; write f = f:with { %s = ... }",
    tostring(name):find("^[%a_][%w_]*$") and name or '["' .. tostring(name) .. '"]')
end

function Frame.__len(f)
  return f[-3]
end

--- Equal frames have equal names, types and values; missing values are equal.
function Frame.__eq(a, b)
  if not (frame_columns.is(a) and frame_columns.is(b)) or a[-3] ~= b[-3] or #a[-1] ~= #b[-1] then
    return false
  end
  for i, name in ipairs(a[-1]) do
    local x, y = a[-2][i], b[-2][i]
    local is_list = type(x) == "table"
    if name ~= b[-1][i] or is_list ~= (type(y) == "table") or not is_list
      and x.dtype ~= y.dtype then
      return false
    end
    for row = 1, a[-3] do
      if x[row] ~= y[row] and (x[row] == x[row] or y[row] == y[row]) then
        return false
      end
    end
  end
  return true
end

function Frame.__pairs(f)
  local i = 0
  return function()
    i = i + 1
    return f[-1][i], f[-2][i]
  end
end

return frame
