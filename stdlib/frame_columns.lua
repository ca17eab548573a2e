-- SPDX-License-Identifier: BSD-3-Clause
--- The columns of frames, and messages about them. An internal part of the library `frame`.
--
-- A frame has the names of its columns at -1, the columns at -2 and the number of rows at -3, so
-- that no name of a column is a field of the table.

local number_lists = require "number_lists"
local option_names = require "option_names"

local frame_columns = {}

--- The metatable of frames; `frame` fills it.
frame_columns.Frame = { __name = "frame" }

local Frame <const> = frame_columns.Frame
local is_array <const> = number_lists.is_array

--- The functions in C, or the same ones in Lua.
frame_columns.native = vt and vt._frame and vt._frame() or require "frame_plain"

--- The place of the first code outside of the library, as "flow.lua:3: ".
local function caller()
  for level = 3, 30 do
    local about = debug.getinfo(level, "Sl")
    if not about then
      break
    elseif about.currentline > 0 and not about.source:find("stdlib/frame[%w_]*%.lua$")
      and not about.source:find("stdlib/sql[%w_]*%.lua$")
      and not about.source:find("stdlib/option_names%.lua$") then
      return ("%s:%d: "):format(about.short_src, about.currentline)
    end
  end
  return ""
end

--- Raises an error with the place of the caller of the library.
--- @param message string
function frame_columns.fail(message, ...)
  error(caller() .. message:format(...), 0)
end

local fail <const> = frame_columns.fail

--- Calls a function of another library and gives its errors the place of the caller.
function frame_columns.protect(f, ...)
  local results = table.pack(pcall(f, ...))
  if results[1] then
    return table.unpack(results, 2, results.n)
  elseif type(results[2]) ~= "string" then
    error(results[2], 0)
  end
  local place = caller()
  error(results[2]:sub(1, #place) == place and results[2] or place .. results[2], 0)
end

--- Checks the names of options.
function frame_columns.check_options(subject, options, known)
  if options == nil then
    return {}
  elseif type(options) ~= "table" then
    fail("%s: the options must be a table, got %s", subject, type(options))
  end
  local ok, message = pcall(option_names.check, subject, options, known)
  if not ok then
    fail("%s", message)
  end
  return options
end

--- Returns true if a value is a frame.
function frame_columns.is(value)
  return type(value) == "table" and getmetatable(value) == Frame
end

--- A word for the type of a value, for messages.
function frame_columns.describe(value)
  if frame_columns.is(value) then
    return "a frame"
  elseif is_array(value) then
    return number_lists.describe(value)
  elseif type(value) == "nil" then
    return "nil"
  end
  return "a " .. type(value)
end

-- The positions of the columns, by the list of names. It is no part of the frame's value.
local positions = setmetatable({}, { __mode = "k" })

--- The position of each column by its name.
function frame_columns.positions(f)
  local names = f[-1]
  local found = positions[names]
  if not found then
    found = {}
    for i, name in ipairs(names) do
      found[name] = i
    end
    positions[names] = found
  end
  return found
end

--- The names of the methods of frames.
local function methods()
  local found = {}
  for name in pairs(Frame) do
    if type(name) == "string" and not name:find "^_" then
      found[#found + 1] = name
    end
  end
  table.sort(found)
  return found
end

--- Raises the error for a name that no column has, or if `isField` is true no method either.
function frame_columns.unknown(f, name, subject, isField)
  local names = f[-1]
  local nearest = type(name) == "string"
    and (option_names.nearest(name, names)
      or isField and option_names.nearest(name, methods()) or nil)
  local advice = nearest and ("did you mean `%s`?"):format(nearest)
    or #names == 0 and "the frame has no columns"
    or "the columns are: " .. table.concat(names, ", ", 1, math.min(#names, 30))
      .. (#names > 30 and ", ..." or "")
  fail("%sthere is no column `%s`; %s", subject and subject .. ": " or "", tostring(name), advice)
end

--- The position of a column.
function frame_columns.position(f, name, subject)
  return frame_columns.positions(f)[name] or frame_columns.unknown(f, name, subject)
end

--- The names in the arguments of a method: strings, or one list of strings.
function frame_columns.names_of(f, subject, ...)
  local given = ...
  local list = type(given) == "table" and given or { ... }
  local seen = {}
  for i, name in ipairs(list) do
    if type(name) ~= "string" then
      fail("%s: expected the names of columns, got %s", subject, frame_columns.describe(name))
    elseif seen[name] then
      fail("%s: column `%s` is named twice", subject, name)
    end
    seen[name] = i
    frame_columns.position(f, name, subject)
  end
  return table.move(list, 1, #list, 1, {})
end

--- The columns with these names.
function frame_columns.pick(f, names)
  local found, at = {}, frame_columns.positions(f)
  for i, name in ipairs(names) do
    found[i] = f[-2][at[name]]
  end
  return found
end

--- Makes a frame of columns that are known to be right.
function frame_columns.make(names, columns, rows)
  return setmetatable({ [-1] = names, [-2] = columns, [-3] = rows }, Frame)
end

--- The largest index of a list that may have holes.
local function length_of(list)
  local length = #list
  for key in pairs(list) do
    if math.type(key) == "integer" and key > length then
      length = key
    end
  end
  return length
end

frame_columns.length_of = length_of

--- Turns a list into a column: an array where it has one type of number. The missing values of
-- numbers are NaN.
function frame_columns.from_list(list, rows)
  return frame_columns.native.infer(list, rows) or list
end

--- The text, number or boolean that stands for a value of a column; nil for json's null.
local function plain(value, name, row, subject)
  local kind = type(value)
  if kind == "string" or kind == "number" or kind == "boolean" then
    return value
  elseif kind == "table" and (getmetatable(value) or {}).__name == "json.null" then
    return nil
  end
  fail("%s: column `%s`, row %d: expected a text, a number or a boolean, got %s", subject, name,
    row,
    frame_columns.describe(value))
end

--- Checks a column that the user gives and returns it with its length: that of the list, or `rows`.
function frame_columns.adopt(value, name, subject, rows)
  if is_array(value) then
    if value.ndim ~= 1 then
      fail("%s: column `%s`: expected one axis, got %s", subject, name,
        number_lists.describe(value))
    end
    return value, #value
  elseif type(value) ~= "table" or frame_columns.is(value) then
    fail("%s: column `%s`: expected a list or an array, got %s", subject, name,
      frame_columns.describe(value))
  end
  local length = rows or length_of(value)
  local list = {}
  for key, item in pairs(value) do
    if math.type(key) ~= "integer" or key < 1 then
      fail("%s: column `%s`: expected a list, got a table with the key %s", subject, name,
        tostring(key))
    end
    list[key] = plain(item, name, key, subject)
  end
  return frame_columns.from_list(list, length), length
end

--- Checks the name of a column.
function frame_columns.check_name(name, subject)
  if type(name) ~= "string" or name == "" then
    fail("%s: the name of a column must be a text, got %s", subject,
      name == "" and "an empty one" or frame_columns.describe(name))
  end
  return name
end

--- The elements of a column at indices, an int64 array; at index 0 there is a missing value.
function frame_columns.take(column, rows, indices)
  return frame_columns.native.take(column, rows, indices)
end

--- A frame of the rows at indices.
function frame_columns.take_rows(f, indices)
  local columns = {}
  for i, column in ipairs(f[-2]) do
    columns[i] = frame_columns.take(column, f[-3], indices)
  end
  return frame_columns.make(f[-1], columns, #indices)
end

--- The type of a column: that of its array, or "text", "bool" or "list" for a list.
function frame_columns.type_of(column, rows)
  if is_array(column) then
    return column.dtype
  end
  local found
  for i = 1, rows do
    local kind = type(column[i])
    if kind ~= "nil" and kind ~= found then
      if found then
        return "list"
      end
      found = kind
    end
  end
  return found == "boolean" and "bool" or found == "number" and "list" or "text"
end

--- True if a value of a column is missing.
function frame_columns.is_missing(value)
  return value == nil or value ~= value
end

--- An array of booleans: true where a column has no value.
function frame_columns.missing(column, rows)
  if not is_array(column) then
    return frame_columns.native.compare(column, rows, "nil", nil)
  elseif column.dtype:find("^float") or column.dtype:find("^complex") then
    return array.isnan(column)
  end
  return array.zeros(rows, "bool")
end

return frame_columns
