-- SPDX-License-Identifier: BSD-3-Clause
--- Reads CSV text into columns. An internal part of the libraries `csv` and `frame`.
--
-- The work is done in C. Text that C does not read, because it has a fault or carriage returns as
-- line ends, is read by `csv_reader`, which also gives the messages.

local csv_lines = require "csv_lines"
local csv_reader = require "csv_reader"

local csv_columns = {}

local BOM <const> = "\xEF\xBB\xBF"

-- For each type of a column that is an array: the type of the array, a word for messages, and what
-- it accepts.
local ARRAYS <const> = {
  number = { "float64", "a number", function(x) return type(x) == "number" end },
  integer = { "int64", "an integer", function(x) return math.type(x) == "integer" end },
  boolean = { "bool", "a boolean", function(x) return type(x) == "boolean" end },
}

--- A function that returns a text once.
local function single_block(text)
  return function()
    local block = text
    text = nil
    return block
  end
end

--- The functions in C; nil in another program.
local function native()
  return vt and vt._frame and vt._frame()
end

--- The place of the first record after what a reader has read. Nil where only Lua reads the text.
local function start_of_records(text, options, offset)
  if not offset then
    return nil
  elseif offset > 0 then
    return offset
  elseif text:find("^\xFF\xFE") or text:find("^\xFE\xFF") then
    return nil
  end
  return text:sub(1, 3) == BOM and options.header ~= true and 3 or 0
end

--- Reads the records in C. Returns nothing where that is not possible.
local function read_natively(text, start, options, kinds)
  local functions = native()
  if not functions or not start then
    return nil
  end
  local na = { "" }
  for _, item in ipairs(type(options.na) == "table" and options.na or { options.na }) do
    na[#na + 1] = item
  end
  local missing = options.missing
  return functions.csv(text, start, {
    separator = options.separator or ",", quote = options.quote ~= false, trim = options.trim,
    comment = options.comment, fill = options.fill, truncate = options.truncate,
    na = na, missing_texts = options.missing_texts,
    number = type(missing) == "number" and missing or nil,
    integer = math.type(missing) == "integer" and missing or nil,
    boolean = type(missing) == "boolean" and missing or nil,
  }, kinds)
end

--- The number of columns of a text without names.
local function width_of(text, options, name)
  local following = csv_reader.iterate(
    (csv_lines.iterate(single_block(text))), options, name, true)
  local fields = following()
  return fields and #fields or 0
end

--- Reads the records in Lua. A column without a type is a list of its texts.
local function read_plainly(following, types, names, path)
  local kinds, lists = {}, {}
  for i = 1, names and #names or 0 do
    kinds[i], lists[i] = ARRAYS[types[names[i]]], {}
  end
  if not names then
    for column, kind in pairs(types) do
      column = math.tointeger(column)
      kinds[column], lists[column] = ARRAYS[kind], {}
    end
  end
  local count = 0
  for fields, line in following do
    count = count + 1
    for i = 1, #fields do
      local value, kind = fields[i], kinds[i]
      if kind and not kind[3](value) then
        error(("%s:%d: column `%s`: the field is missing; set `missing` to %s%s"):format(
          path, line, names and names[i] or i, kind[2],
          kind[1] == "float64" and "" or ', or the type to "number"'), 0)
      end
      lists[i] = lists[i] or {}
      lists[i][count] = value
    end
  end
  for i, list in pairs(lists) do
    lists[i] = kinds[i] and array.from(list, kinds[i][1]) or list
  end
  return lists, count
end

--- Reads the columns of a text: an array for each one with a type, a list of texts for each other
-- one.
--- @param text string
--- @param options table see the library `csv`; `missing` is NaN by default
--- @param path string the name of the text in errors
--- @param choose nil|fun(names: string[]|nil, kinds: string[]): table|nil changes the types for C:
--- "auto", "skip" or those of `csv`; returns options of the reader in C besides those of `csv`, or
--- false to have all texts
--- @return table columns by position
--- @return string[]|nil names
--- @return integer rows
--- @return boolean read_in_c
function csv_columns.read(text, options, path, choose)
  local with_missing = { missing = 0 / 0 }
  for key, value in pairs(options) do
    with_missing[key] = value
  end
  local lines, offset = csv_lines.iterate(single_block(text))
  local following, names = csv_reader.iterate(lines, with_missing, path, true)
  local types = options.types or {}
  local kinds = {}
  local start = start_of_records(text, { header = options.header == nil or options.header },
    offset())
  for i = 1, names and #names or start and width_of(text, with_missing, path) or 0 do
    kinds[i] = types[names and names[i] or i] or "string"
  end
  for column in pairs(names and {} or types) do
    start = column <= #kinds and start or nil
  end
  local more = choose and choose(names, kinds)
  for key, value in pairs(more or {}) do
    with_missing[key] = value
  end
  if more ~= false and (names or #kinds > 0) then
    local columns, rows = read_natively(text, start, with_missing, kinds)
    if columns then
      return columns, names, rows, true
    end
  end
  local columns, rows = read_plainly(following, types, names, path)
  return columns, names, rows, false
end

return csv_columns
