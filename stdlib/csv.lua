-- SPDX-License-Identifier: BSD-3-Clause
--- Comma-separated values (RFC 4180), read strictly. Values that are written read back unchanged.
--
-- The reader accepts LF, CRLF and CR line ends, a UTF-8 byte order mark, and quoted fields that
-- contain separators, doubled quotes and line ends. It skips empty lines. Malformed text is an
-- error with the file and the line. So is an option that does not exist.
--
-- Options of all functions that read:
--   header        true (default): the first record names the columns, and each record is a table
--                 by name; a list of names: the same for a file without a header line;
--                 false: each record is a list
--   columns       a list of names in place of those in the header line
--   repair_names  true: a column without a name is called column_2 after its position, and the
--                 second column called a is a_2; without it both are errors
--   types         column to "string" (default), "number" (float), "integer" or "boolean"; columns
--                 go by name, or by position when header is false
--   missing       the value of empty fields in columns whose type is not string; without it such a
--                 field is an error
--   na            a text or a list of texts, such as { "NA", "-" }, that count as empty in columns
--                 whose type is not string
--   skip          the number of lines before the header, default 0
--   comment       a text such as "#"; lines that begin with it are skipped
--   fill          true: missing fields at the end of a record are empty, and empty fields after
--                 the last column are left out; without it both are errors
--   truncate      true: all fields after the last column are left out
--   trim          true: spaces and tabs around fields are removed
--   quote         false: quotes are ordinary characters
--   separator     one character, default ","
--   name          the name of the text in errors, default the path or "csv"

local csv_columns = require "csv_columns"
local csv_lines = require "csv_lines"
local csv_reader = require "csv_reader"
local files = require "files"
local number_lists = require "number_lists"
local numerals = require "numerals"
local option_names = require "option_names"

local csv = {}

local BOM <const> = "\xEF\xBB\xBF"

--- A function that returns a text once.
local function single_block(text)
  return function()
    local block = text
    text = nil
    return block
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
  local following, names = csv_reader.iterate(
    (csv_lines.iterate(single_block(text))), options or {}, "csv")
  return following, names
end

--- The records of a file, the names of its columns, and the file, which the caller closes.
local function open_records(path, options)
  local file = files.open(path)
  local function next_block()
    local block, reason = file:read(65536)
    if not block and reason then
      error(("cannot read `%s`: %s"):format(path, reason), 0)
    end
    return block
  end
  local ok, following, names = pcall(
    csv_reader.iterate, (csv_lines.iterate(next_block)), options, path)
  if not ok then
    file:close()
    error(following, 0)
  end
  return following, names, file
end

--- Iterates over the records of a file with one record in memory. For a generic `for`, which closes
-- the file at the end of the loop, also after a break or an error.
--- @param path string
--- @param options table|nil see the description of the library
--- @return fun(): table|nil, integer|nil returns a record and its line number
function csv.lines(path, options)
  local following, _, file = open_records(path, options or {})
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
  local with_name = { name = path }
  for key, value in pairs(options or {}) do
    with_name[key] = value
  end
  return csv.parse(files.read(path), with_name)
end

--- Reads the columns of a file: an array for each one with the type "number" (float64), "integer"
-- (int64) or "boolean" (bool), a list of strings for each other one.
--
-- A number that is missing, an empty field or one of `na`, is NaN. Integers and booleans have no
-- such value: set `missing`, or the type to "number".
--- @param path string
--- @param options table|nil see the description of the library
--- @return table columns by name, or by position when `header` is false
--- @return string[]|nil names of the columns in their order
function csv.arrays(path, options)
  if not array then
    error("csv.arrays needs the program vtlua", 2)
  end
  local columns, names = csv_columns.read(files.read(path), options or {}, path)
  local by_name = {}
  for i, column in pairs(columns) do
    by_name[names and names[i] or i] = column
  end
  return by_name, names
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
--- @param columns table a list or an array of values for each name
--- @param names string[]
--- @return table[] records
function csv.records(columns, names)
  local records = {}
  for k, name in ipairs(names) do
    local column = columns[name]
    if number_lists.is_array(column) then
      local reason = number_lists.mismatch(column, nil, true)
      if reason then
        error(("column `%s`: expected a list, got %s"):format(name, reason), 2)
      end
      column = column:tolist()
    elseif type(column) ~= "table" then
      error(("column `%s`: expected a list, got %s"):format(name, type(column)), 2)
    end
    if k > 1 and #column ~= #records then
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

--- The names of all fields of the records, sorted; nil when the records are lists.
local function names_of(records)
  local names, seen, has_elements = {}, {}, nil
  for number, record in ipairs(records) do
    for key in pairs(record) do
      if type(key) == "string" then
        if not seen[key] then
          seen[key] = true
          names[#names + 1] = key
        end
      elseif math.type(key) == "integer" and key >= 1 then
        has_elements = has_elements or number
      else
        error(("record %d: the key %s is not the name of a column; use strings"):format(
          number, tostring(key)), 0)
      end
      if has_elements and names[1] then
        error(("record %d has names and positions; set `columns`, or write lists only"):format(
          number), 0)
      end
    end
  end
  table.sort(names)
  return names[1] and names or nil
end

--- The largest position in a list that may have holes.
local function width_of(record)
  local width = #record
  for key in pairs(record) do
    if math.type(key) == "integer" and key > width then
      width = key
    end
  end
  return width
end

--- The records as tables: rows of an array, and arrays that are records, as lists.
local function without_arrays(records)
  if number_lists.is_array(records) then
    local reason = number_lists.mismatch(records, 2, true)
    if reason then
      error(("records: expected a row for each record, got %s"):format(reason), 0)
    end
    return records:tolist()
  end
  local copy
  for number, record in ipairs(records) do
    if number_lists.is_array(record) then
      local reason = number_lists.mismatch(record, nil, true)
      if reason then
        error(("record %d: expected a list of values, got %s"):format(number, reason), 0)
      end
      copy = copy or table.move(records, 1, #records, 1, {})
      copy[number] = record:tolist()
    end
  end
  return copy or records
end

--- Formats records as text. Nil becomes an empty field, a number the shortest text that reads back
-- as the same number.
--- @param records table[] tables by name, lists or arrays; or an array with a row for each record
--- @param options table|nil `columns` (names in order, written as the header; default for records
--- by name: all their names, sorted), `header` (false: leave the header out), `separator` (default
--- ","), `newline` (default "\n"; RFC 4180: "\r\n")
--- @return string
function csv.format(records, options)
  options = options or {}
  option_names.check("csv", options, { "columns", "header", "separator", "newline" })
  local columns = options.columns
  if number_lists.is_array(records) and columns and records.shape[2] ~= #columns then
    error(("columns: %d %s for %s"):format(#columns, #columns == 1 and "name" or "names",
      number_lists.describe(records)), 0)
  end
  local row_keys = not number_lists.is_array(records) and columns
  records = without_arrays(records)
  for number, record in ipairs(records) do
    if type(record) ~= "table" then
      error(("record %d: expected a table, got a %s"):format(number, type(record)), 0)
    end
  end
  local names, newline = columns or names_of(records), options.newline or "\n"
  row_keys = row_keys or not columns and names
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
    put(record, row_keys, row_keys and #row_keys or width_of(record), number)
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
