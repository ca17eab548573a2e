-- SPDX-License-Identifier: BSD-3-Clause
--- The lists that a plot draws: from lists, arrays, and columns of tables and frames. An internal
--- part of `plot`.

local dates = require "dates"
local number_lists = require "number_lists"
local numerals = require "numerals"
local option_names = require "option_names"

local plot_data = {}

local NAN <const> = 0 / 0

--- A value for messages: a number as it is, a text in quotes, or the type.
--- @param value any
--- @return string
function plot_data.shown(value)
  if type(value) == "number" then
    return numerals.shortest(value)
  elseif type(value) == "string" then
    return '"' .. value .. '"'
  elseif value == nil or type(value) == "boolean" then
    return tostring(value)
  end
  return "a " .. type(value)
end

--- A number as the name of a category or a group.
--- @param value number
--- @return string
function plot_data.label(value)
  local text = value - value == 0 and numerals.rounded(value, 6)
  return text and tonumber(text) == value and text or numerals.shortest(value)
end

--- Returns true if a value is a frame. None exists before that library is loaded.
local function is_frame(value)
  local frame = package.loaded.frame
  return type(frame) == "table" and frame.is ~= nil and frame.is(value)
end

--- Returns true if a value is a list, an array or another sequence of columns or values.
local function is_list(value)
  return type(value) == "table" or number_lists.is_array(value)
end

--- Returns true for `json.null`. Lists seldom have values for which this is called.
local function is_null(value)
  return type(value) == "table" and require("json").is_null(value)
end

--- The names of the columns of a table of data.
local function names_of(data)
  local names = {}
  if is_frame(data) then
    return data.columns
  end
  for key, value in pairs(type(data[1]) == "table" and data[1] or data) do
    if type(key) == "string" and (data[1] ~= nil or is_list(value)) then
      names[#names + 1] = key
    end
  end
  table.sort(names)
  return names
end

--- Returns true if data has a column.
--- @param data any a frame, a table of columns by name, or a list of records
--- @param name any
--- @return boolean
function plot_data.has(data, name)
  for _, known in ipairs(names_of(data)) do
    if known == name then
      return true
    end
  end
  return false
end

--- Checks that a value is data with columns.
--- @param data any
--- @param subject string the start of messages
function plot_data.check(data, subject)
  if not is_frame(data) and type(data) ~= "table" then
    error(("%s: `data`: expected a frame, a table of columns or a list of records, got %s"):format(
      subject, plot_data.shown(data)), 0)
  end
end

--- A column of data.
--- @param data any a frame, a table of columns by name, or a list of records
--- @param name string
--- @param subject string the start of messages
--- @param role string the option that names the column
--- @return any a list or an array
function plot_data.column(data, name, subject, role)
  if not plot_data.has(data, name) then
    -- a list of records without one has every column, and each is empty
    if type(data) == "table" and next(data) == nil and not is_frame(data) then
      return {}
    end
    error(("%s: `%s`: there is no column `%s`%s"):format(subject, role, name,
      option_names.advice(name, names_of(data), "the columns are")), 0)
  elseif is_frame(data) then
    local column = data:column(name)
    if type(column) ~= "table" then
      return column
    end
    -- missing texts are nil, also at the end
    local list = table.move(column, 1, #data, 1, {})
    list.n = #data
    return list
  elseif type(data[1]) ~= "table" then
    return data[name]
  end
  local list = { n = #data }
  for i, record in ipairs(data) do
    list[i] = record[name]
  end
  return list
end

local function kind_error(subject, role, i, value)
  error(("%s: `%s`, value %d: expected a number, got %s"):format(subject, role, i,
    type(value) == "string" and "a string" or "a " .. type(value)), 0)
end

--- A list of texts; missing ones are false.
local function texts_of(list, count, subject, role)
  local result = {}
  for i = 1, count do
    local value = list[i]
    if value == nil or value ~= value or is_null(value) then
      result[i] = false
    elseif type(value) == "string" and not utf8.len(value) then
      error(("%s: `%s`, value %d: the text is not UTF-8; convert it first"):format(subject, role,
        i), 0)
    elseif type(value) ~= "string" then
      error(("%s: `%s`, value %d: expected a string like those before it, got %s"):format(subject,
        role, i, plot_data.shown(value)), 0)
    else
      result[i] = value
    end
  end
  return result
end

--- A list of numbers or of texts. Missing values, which are nil, NaN or `json.null`, are NaN in a
-- list
--- of numbers and false in a list of texts.
--- @param value any a list, or an array of one axis
--- @param subject string the start of messages
--- @param role string the option that has the list
--- @return table list the same table where nothing changes
--- @return boolean is_text
function plot_data.list(value, subject, role)
  if not is_list(value) or is_frame(value) then
    error(("%s: `%s`: expected a list or an array, got %s"):format(subject, role,
      plot_data.shown(value)), 0)
  end
  local list = number_lists.of(value, ("%s: `%s`: "):format(subject, role), 0)
  local count = math.type(list.n) == "integer" and list.n or #list
  local key = count == 0 and list.n == nil and next(list)
  if key then
    error(("%s: `%s`: expected a list, got a table with the key %s%s"):format(subject, role,
      plot_data.shown(key), (role == "x" or role == "y")
      and ("; options of the axis are in `%s_axis`"):format(role) or ""), 0)
  end
  local copy
  for i = 1, count do
    local x = list[i]
    if type(x) ~= "number" then
      if type(x) == "string" then
        -- a text after numbers is a mistake; after missing values it is the first one
        for j = 1, i - 1 do
          if type(list[j]) == "number" and list[j] == list[j] then
            kind_error(subject, role, i, x)
          end
        end
        return texts_of(list, count, subject, role), true
      elseif x ~= nil and not is_null(x) then
        kind_error(subject, role, i, x)
      end
      copy = copy or table.move(list, 1, count, 1, {})
      copy[i] = NAN
    end
  end
  return copy or list, false
end

local FORMATS <const> = {
  { "^%d%d%d%d%-%d%d%-%d%d$", "%Y-%m-%d" },
  { "^%d%d%d%d%-%d%d%-%d%d[ T]%d%d:%d%d$", "%Y-%m-%d %H:%M" },
  { "^%d%d%d%d%-%d%d%-%d%d[ T]%d%d:%d%d:%d%d$", "%Y-%m-%d %H:%M:%S" },
  { "^%d%d%d%d%-%d%d%-%d%d[ T]%d%d:%d%d:%d%dZ$", "%Y-%m-%d %H:%M:%SZ" },
  { "^%d%d%d%d%-%d%d$", "%Y-%m" },
}

local function format_of(text)
  for _, entry in ipairs(FORMATS) do
    if text:find(entry[1]) then
      return text:find("T", 1, true) and entry[2]:gsub(" ", "T") or entry[2]
    end
  end
end

--- Returns true if all texts of a list, and at least one, are dates such as 2024-05-17.
--- @param list table of texts, or false
--- @return boolean
function plot_data.are_dates(list)
  local some = false
  for _, text in ipairs(list) do
    if text and not format_of(text) then
      return false
    end
    some = some or text ~= false
  end
  return some
end

--- Returns true if all texts of a list, and at least one, are numbers.
--- @param list table of texts, or false
--- @return boolean
function plot_data.are_numbers(list)
  local some = false
  for _, text in ipairs(list) do
    if text and not tonumber(text) then
      return false
    end
    some = some or text ~= false
  end
  return some
end

--- Raises the error for texts where numbers are expected.
--- @param list table of texts, or false
--- @param subject string the start of messages
--- @param role string the option that has the list
function plot_data.refuse_texts(list, subject, role)
  local advice = " that are numbers; read them with the type \"number\""
  error(("%s: `%s`: expected numbers, got texts%s"):format(subject, role,
    plot_data.are_numbers(list) and advice or ""), 0)
end

--- The instants of a list of texts, in seconds since 1970-01-01.
--- @param list table of texts, or false
--- @param format string|nil of all texts, as for `dates.parser`; default: ISO 8601
--- @param subject string the start of messages
--- @param role string the option that has the list
--- @return number[]
function plot_data.instants(list, format, subject, role)
  local parsers, result = {}, {}
  for i, text in ipairs(list) do
    local form = text and (format or format_of(text))
    if text and not form then
      error(("%s: `%s`, value %d: `%s` is not a date such as 2024-05-17 or 2024-05-17 12:30; give "
        .. "the axis a `format` such as \"%%d.%%m.%%Y\""):format(subject, role, i, text), 0)
    elseif text then
      if not parsers[form] then
        local ok, parser = pcall(dates.parser, form)
        if not ok then
          error(("%s: %s"):format(subject, (parser:gsub("^[^\n]-:%d+: ", ""))), 0)
        end
        parsers[form] = parser
      end
      local seconds, message = parsers[form](text)
      if not seconds then
        error(("%s: `%s`, value %d: %s"):format(subject, role, i, message), 0)
      end
      result[i] = seconds
    else
      result[i] = NAN
    end
  end
  return result
end

--- A matrix as a list of rows of numbers, with NaN for missing ones.
--- @param value any a list of lists, a list of arrays, or an array of two axes
--- @param subject string the start of messages
--- @param role string the option that has the matrix
--- @return number[][] rows
--- @return integer count of columns
function plot_data.matrix(value, subject, role)
  if number_lists.is_array(value) then
    local reason = value.ndim ~= 2 and number_lists.describe(value)
      or number_lists.mismatch(value, 2, true)
    if reason then
      error(("%s: `%s`: expected a matrix of numbers, got %s"):format(subject, role, reason), 0)
    end
    value = value.dtype == "bool" and value:astype "int64":tolist() or value:tolist()
  elseif type(value) ~= "table" then
    error(("%s: `%s`: expected a matrix of numbers, got %s"):format(subject, role,
      plot_data.shown(value)), 0)
  end
  local rows, width = {}, nil
  for i = 1, #value do
    local row, is_text = plot_data.list(value[i], subject, ("%s[%d]"):format(role, i))
    if is_text then
      error(("%s: `%s[%d]`: expected numbers, got texts"):format(subject, role, i), 0)
    end
    width = width or #row
    if #row ~= width then
      error(("%s: `%s`: row %d has %d values, but row 1 has %d"):format(subject, role, i, #row,
        width), 0)
    end
    rows[i] = row
  end
  return rows, width or 0
end

return plot_data
