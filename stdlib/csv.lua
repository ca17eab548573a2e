-- SPDX-License-Identifier: BSD-3-Clause
--- Comma-separated values (RFC 4180), read strictly. Values that are written read back unchanged.
--
-- The reader accepts LF or CRLF line ends, a UTF-8 byte order mark, and quoted fields that contain
-- separators, doubled quotes and line ends. It skips empty lines. Malformed text is an error with
-- the file and the line.
--
-- Options of all functions that read:
--   header     true (default): the first record names the columns, and each record is a table
--              by name; a list of names: the same for a file without a header line;
--              false: each record is a list
--   types      column to "string" (default), "number" (float), "integer" or "boolean"; columns
--              go by name, or by position when header is false
--   missing    the value of empty fields in columns whose type is not string; without it such a
--              field is an error
--   separator  one character, default ","
--   name       the name of the text in errors, default the path or "csv"

local csv_reader = require "csv_reader"
local files = require "files"
local numerals = require "numerals"

local csv = {}

local BOM <const> = "\xEF\xBB\xBF"

--- The lines of a string, each with its line end.
local function lines_of(text)
  local from = 1
  return function()
    if from > #text then
      return nil
    end
    local start, stop = from, text:find("\n", from, true) or #text
    from = stop + 1
    return text:sub(start, stop)
  end
end

--- Iterates over the records of a text.
--- @param text string
--- @param options table|nil see the description of the library
--- @return fun(): table|nil, integer|nil returns a record and its line number
--- @return string[]|nil names of the columns in their order
function csv.rows(text, options)
  if type(text) ~= "string" then
    error(("text: expected a string, got %s"):format(type(text)), 2)
  end
  local following, names = csv_reader.iterate(lines_of(text), options or {}, "csv")
  return following, names
end

--- Iterates over the records of a file with one record in memory. For a generic `for`, which closes
-- the file at the end of the loop, also after a break or an error.
--- @param path string
--- @param options table|nil see the description of the library
--- @return fun(): table|nil, integer|nil returns a record and its line number
function csv.lines(path, options)
  local file = files.open(path)
  local function next_line()
    return file:read("L")
  end
  local ok, following = pcall(csv_reader.iterate, next_line, options or {}, path)
  if not ok then
    file:close()
    error(following, 0)
  end
  return following, nil, nil, file
end

--- Reads all records of a text.
--- @param text string
--- @param options table|nil see the description of the library
--- @return table[] records
--- @return string[]|nil names of the columns in their order
function csv.parse(text, options)
  local following, names = csv.rows(text, options)
  local records = {}
  for record in following do
    records[#records + 1] = record
  end
  return records, names
end

--- Reads all records of a file.
--- @param path string
--- @param options table|nil see the description of the library
--- @return table[] records
--- @return string[]|nil names of the columns in their order
function csv.read(path, options)
  local with_name = setmetatable({ name = options and options.name or path }, { __index = options })
  return csv.parse(files.read(path), with_name)
end

--- Converts records by name to columns: a list of values for each name.
--- @param records table[]
--- @param names string[]
--- @return table columns
function csv.columns(records, names)
  local columns = {}
  for _, name in ipairs(names) do
    local column = {}
    for i, record in ipairs(records) do
      column[i] = record[name]
    end
    columns[name] = column
  end
  return columns
end

--- Converts columns to records by name. The columns must have the same length.
--- @param columns table a list of values for each name
--- @param names string[]
--- @return table[] records
function csv.records(columns, names)
  local records = {}
  for k, name in ipairs(names) do
    local column = columns[name]
    if type(column) ~= "table" then
      error(("column `%s`: expected a list, got %s"):format(name, type(column)), 2)
    elseif k > 1 and #column ~= #records then
      error(("column `%s` has %d values, but column `%s` has %d"):format(
        name, #column, names[1], #records), 2)
    end
    for i = 1, #column do
      records[i] = records[i] or {}
      records[i][name] = column[i]
    end
  end
  return records
end

local function cell(value, separator)
  local kind = math.type(value) or type(value)
  if kind == "nil" then
    return ""
  elseif kind == "integer" or kind == "float" then
    return numerals.shortest(value)
  elseif kind == "boolean" then
    return tostring(value)
  elseif kind ~= "string" then
    return nil
  elseif value:find('["\r\n]') or value:find(separator, 1, true) then
    return '"' .. value:gsub('"', '""') .. '"'
  end
  return value
end

--- Formats records as text. Nil becomes an empty field, a number the shortest text that reads back
-- as the same number.
--- @param records table[] tables by name, or lists when no columns are given
--- @param options table|nil `columns` (names in order, written as the header), `header` (false:
--- leave the header out), `separator` (default ","), `newline` (default "\n"; RFC 4180: "\r\n")
--- @return string
function csv.format(records, options)
  options = options or {}
  local names, newline = options.columns, options.newline or "\n"
  local separator = csv_reader.check_separator(options.separator or ",")
  local out = {}
  local function put(record, keys, count, number)
    local cells = {}
    for i = 1, count do
      local key = keys and keys[i] or i
      cells[i] = cell(record[key], separator)
      if not cells[i] then
        error(("record %d, column `%s`: cannot write a %s; turn it into text first"):format(
          number, key, type(record[key])), 0)
      end
    end
    local line = table.concat(cells, separator)
    -- the reader would skip an empty line and drop a byte order mark
    if line == "" then
      line = '""'
    elseif #out == 0 and line:sub(1, 3) == BOM then
      line = BOM .. line
    end
    out[#out + 1] = line .. newline
  end
  if names and options.header ~= false then
    put(names, nil, #names, 0)
  end
  for number, record in ipairs(records) do
    put(record, names, names and #names or #record, number)
  end
  return table.concat(out)
end

--- Writes records to a file. The file is replaced only when it is complete.
--- @param path string
--- @param records table[]
--- @param options table|nil see `csv.format`
--- @return string path
function csv.write(path, records, options)
  return files.write(path, csv.format(records, options))
end

return csv
