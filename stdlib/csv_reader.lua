-- SPDX-License-Identifier: BSD-3-Clause
--- Splits CSV text into records. An internal part of the library `csv`, which documents it.

local option_names = require "option_names"

local csv_reader = {}

local OPTIONS <const> = {
  "header", "columns", "repair_names", "types", "missing", "na", "separator", "quote", "trim",
  "skip", "comment", "fill", "truncate", "name",
}

local QUOTE <const> = 34
local BOM <const> = "\xEF\xBB\xBF"
local NOT_FINITE <const> = { nan = 0 / 0, inf = math.huge, ["-inf"] = -math.huge }

local function fail(name, line, message, ...)
  error(("%s:%d: "):format(name, line) .. message:format(...), 0)
end

--- Checks a separator and returns it.
function csv_reader.check_separator(separator)
  if type(separator) ~= "string" or #separator ~= 1 or separator:find('["\r\n]') then
    error("separator: expected one character, not a quote or a line end", 0)
  end
  return separator
end

--- Reads one quoted field, which can span several lines.
-- Returns the field, the line on which it ends, and the position after the closing quote.
local function quoted_field(reader, line, from)
  local pieces, first = {}, reader.line
  while true do
    local stop = line:find('"', from, true)
    if not stop then
      pieces[#pieces + 1] = line:sub(from)
      line, from = reader:next_line(), 1
      if not line then
        fail(reader.name, first, "a quoted field starts here and never ends; close it with a quote")
      end
    elseif line:byte(stop + 1) == QUOTE then
      pieces[#pieces + 1] = line:sub(from, stop)
      from = stop + 2
    else
      pieces[#pieces + 1] = line:sub(from, stop - 1)
      return table.concat(pieces), line, stop + 1
    end
  end
end

--- Splits a line into fields; reads more lines when a quoted field continues.
local function split(reader, line)
  local fields, separator, from = {}, reader.separator, 1
  local trim, has_quotes = reader.trim, reader.quote
  while true do
    if trim then
      from = line:match(trim, from)
    end
    if has_quotes and line:byte(from) == QUOTE then
      local field
      field, line, from = quoted_field(reader, line, from + 1)
      fields[#fields + 1] = field
      if trim then
        from = line:match(trim, from)
      end
      if line:find("^\r?\n?$", from) then
        return fields
      elseif line:sub(from, from) ~= separator then
        fail(reader.name, reader.line,
          "text after the closing quote of field %d; double the quotes inside a quoted field",
          #fields)
      end
      from = from + 1
    else
      local stop = line:find(separator, from, true)
      local field = stop and line:sub(from, stop - 1) or line:match("^(.-)\r?\n?$", from)
      if trim then
        field = field:match("^(.-)[ \t]*$")
      end
      local odd = field:match(has_quotes and '["\r]' or "\r")
      if odd then
        fail(reader.name, reader.line,
          "field %d has a %s but is not quoted; quote the whole field%s", #fields + 1,
          odd == '"' and "quote" or "carriage return",
          odd == '"' and ", or set `quote` to false" or "")
      end
      fields[#fields + 1] = field
      if not stop then
        return fields
      end
      from = stop + 1
    end
  end
end

local function check_option(options, name, expected, is_valid)
  local value = options[name]
  if value ~= nil and not is_valid(value) then
    error(("%s: expected %s, got %s"):format(name, expected,
      type(value) == "number" and tostring(value) or type(value)), 0)
  end
end

local function is_boolean(value)
  return type(value) == "boolean"
end

local function is_text_or_list(value)
  if type(value) ~= "table" then
    return type(value) == "string"
  end
  for _, text in ipairs(value) do
    if type(text) ~= "string" then
      return false
    end
  end
  return true
end

local function check_options(options)
  option_names.check("csv", options, OPTIONS)
  for _, name in ipairs { "repair_names", "quote", "trim", "fill", "truncate" } do
    check_option(options, name, "true or false", is_boolean)
  end
  check_option(options, "skip", "a number of lines", function(value)
    return math.type(value) == "integer" and value >= 0
  end)
  check_option(options, "comment", "the text that comment lines begin with", function(value)
    return type(value) == "string" and value ~= ""
  end)
  check_option(options, "na", "a text or a list of texts", is_text_or_list)
  check_option(options, "header", "true, false or a list of names", function(value)
    return is_boolean(value) or type(value) == "table" and is_text_or_list(value)
  end)
  check_option(options, "columns", "a list of names", function(value)
    return type(value) == "table" and is_text_or_list(value)
  end)
  check_option(options, "types", "a table", function(value) return type(value) == "table" end)
  if options.columns and options.header ~= nil and options.header ~= true then
    error("columns: the names replace those of a header line; for a file without one, set only "
      .. "`header` to the names", 0)
  end
end

--- Creates a reader, an object whose `record` returns the fields of the next record.
local function new_reader(next_raw, options, name)
  local reader = {
    name = options.name or name,
    separator = csv_reader.check_separator(options.separator or ","),
    quote = options.quote ~= false,
    trim = options.trim and (options.separator == "\t" and "^ *()" or "^[ \t]*()") or nil,
    comment = options.comment,
    line = 0,
  }
  function reader:next_line()
    local line = next_raw()
    self.line = self.line + 1
    if line and self.line == 1 then
      if line:find("^\xFF\xFE") or line:find("^\xFE\xFF") then
        fail(self.name, 1, "this is UTF-16; convert it to UTF-8 first")
      elseif line:sub(1, 3) == BOM then
        line = line:sub(4)
      end
    end
    return line
  end
  function reader:is_skipped(line)
    if self.comment and line:sub(1, #self.comment) == self.comment then
      return true
    end
    return line:find("^\r?\n?$") ~= nil
  end
  function reader:record()
    local line
    repeat
      line = self:next_line()
    until not line or not self:is_skipped(line)
    local first = self.line
    return line and split(self, line), first
  end
  return reader
end

--- Names columns without a name `column_N`, and the second `a` `a_2`.
local function repair_names(names)
  local taken = {}
  for _, name in ipairs(names) do
    taken[name] = true
  end
  local seen = {}
  for i, name in ipairs(names) do
    local number = 1
    local fresh = name
    if name == "" then
      fresh = ("column_%d"):format(i)
      name = fresh
    end
    while seen[fresh] or (fresh ~= names[i] and taken[fresh]) do
      number = number + 1
      fresh = ("%s_%d"):format(name, number)
    end
    seen[fresh] = true
    names[i] = fresh
  end
end

local function check_names(reader, names, line, may_repair)
  if may_repair then
    return repair_names(names)
  end
  local advice = line > 0 and ", or set `repair_names`" or ""
  local seen = {}
  for i, name in ipairs(names) do
    if name == "" then
      fail(reader.name, line, "column %d has no name; name it in the header%s", i, advice)
    elseif seen[name] then
      fail(reader.name, line, "columns %d and %d are both called `%s`; rename one%s", seen[name], i,
        name, advice)
    end
    seen[name] = i
  end
end

local CONVERTERS <const> = {
  string = function(text) return text end,
  number = function(text)
    -- digits only: a decimal comma is no number, whatever the locale
    local value = not text:find("[^%d.eE+-]") and tonumber(text) or NOT_FINITE[text:lower()]
    if math.type(value) == "integer" then
      return value == 0 and text:byte() == 45 and -0.0 or value + 0.0
    end
    return value or nil
  end,
  integer = function(text)
    return text:find("^[+-]?%d+$") and math.tointeger(tonumber(text)) or nil
  end,
  boolean = function(text)
    if text == "true" then return true elseif text == "false" then return false end
  end,
}

--- Texts that often stand for a missing value.
local USUALLY_MISSING <const> = {
  ["NA"] = true, ["N/A"] = true, ["#N/A"] = true, ["n/a"] = true, ["na"] = true, ["null"] = true,
  ["NULL"] = true, ["None"] = true, ["none"] = true, ["-"] = true, ["?"] = true, ["."] = true,
}

--- The end of a message about a header of one column that looks like several, or like a comment;
--- nil for any other header.
--- @param reader table
--- @param names string[]|nil
local function advice_about_header(reader, names)
  local only = names and #names == 1 and names[1] or ""
  local separator = only:match "[;\t|,]"
  if separator and separator ~= reader.separator then
    return ("; the header has `%s`: set `separator` to it"):format(
      separator == "\t" and "\\t" or separator)
  elseif only:sub(1, 1) == "#" and not reader.comment then
    return '; if the first line is a comment, set `comment` to "#"'
  end
end

--- A list of {position, column, type, converter}, in column order.
local function converters(reader, names, types)
  local position = {}
  for i, name in ipairs(names or {}) do
    position[name] = i
  end
  local list = {}
  for column, kind in pairs(types or {}) do
    local at = names and position[column] or not names and math.tointeger(column)
    if not at then
      fail(reader.name, reader.line, "there is no column `%s`; the columns are: %s%s",
        tostring(column), table.concat(names or { "1, 2, ... (header is false)" }, ", "),
        advice_about_header(reader, names) or "")
    elseif not CONVERTERS[kind] then
      error(("types: column `%s`: `%s` is not one of string number integer boolean"):format(
        column, tostring(kind)), 0)
    elseif kind ~= "string" then
      list[#list + 1] = { at = at, column = column, kind = kind, convert = CONVERTERS[kind] }
    end
  end
  table.sort(list, function(a, b) return a.at < b.at end)
  return list
end

--- The texts that stand for a missing value.
local function missing_texts(na)
  local set = { [""] = true }
  for _, text in ipairs(type(na) == "table" and na or { na }) do
    set[text] = true
  end
  return set
end

local function convert(reader, fields, list, line)
  local missing, absent = reader.missing, reader.absent
  for _, item in ipairs(list) do
    local text = fields[item.at]
    local value
    if missing ~= nil and (text == nil or absent[text]) then
      value = missing
    elseif text ~= nil then
      value = item.convert(text)
    end
    if value == nil then
      local advice = ""
      if text == nil or text == "" then
        advice = "; set `missing` to allow empty fields"
      elseif absent[text] then
        advice = "; set `missing` to the value of such fields"
      elseif missing ~= nil then
        advice = ("; add \"%s\" to `na` if it stands for a missing value"):format(text)
      elseif USUALLY_MISSING[text] then
        advice = ("; if it stands for a missing value, set `na` to \"%s\" and `missing` to the "
          .. "value of such fields"):format(text)
      elseif item.kind == "number" and text:find("^[+-]?%d+,%d+$") then
        advice = "; a decimal point is expected"
      end
      fail(reader.name, line, "column `%s`: `%s` is not %s%s", item.column, text or "",
        item.kind == "integer" and "an integer" or "a " .. item.kind, advice)
    end
    fields[item.at] = value
  end
end

--- Gives a record of another length the width of the others, where the options allow it.
local function fit(reader, fields, width, options, subject, line)
  local count = #fields
  local may_fill, may_truncate = options.fill, options.truncate
  if may_fill and count < width then
    for i = count + 1, width do
      fields[i] = ""
    end
    return
  end
  for i = count, width + 1, -1 do
    if may_truncate or may_fill and fields[i] == "" then
      fields[i] = nil
    end
  end
  if #fields ~= width then
    fail(reader.name, line, "%d %s where the %s %d%s", count, count == 1 and "field" or "fields",
      subject, width, advice_about_header(reader, reader.names)
        or ("; quote fields that contain `%s`, or set `%s`"):format(reader.separator,
          count < width and "fill" or "truncate"))
  end
end

--- The records of a source, one at a time, with the names of the columns.
--- @param next_raw fun(): string|nil returns lines, each with its line end
--- @param options table see the library `csv`
--- @param name string the name of the source in errors
--- @param as_lists boolean|nil records are lists, also where the columns have names
--- @return fun(): table|nil, integer|nil returns a record and its line number
--- @return string[]|nil names of the columns in their order
function csv_reader.iterate(next_raw, options, name, as_lists)
  check_options(options)
  local reader = new_reader(next_raw, options, name)
  reader.missing, reader.absent = options.missing, missing_texts(options.na)
  for _ = 1, options.skip or 0 do
    reader:next_line()
  end
  local names
  if type(options.header) == "table" then
    names = table.move(options.header, 1, #options.header, 1, {})
    check_names(reader, names, 0, options.repair_names)
  elseif options.header ~= false then
    local line
    names, line = reader:record()
    if not names then
      fail(reader.name, 1, "there is no header; the first line must name the columns")
    end
    if options.columns then
      if #options.columns ~= #names then
        fail(reader.name, line, "the header has %d %s, but `columns` has %d", #names,
          #names == 1 and "field" or "fields", #options.columns)
      end
      names, line = table.move(options.columns, 1, #options.columns, 1, {}), 0
    end
    check_names(reader, names, line, options.repair_names)
  end
  local width = names and #names
  reader.names = options.header ~= false and type(options.header) ~= "table" and names or nil
  local list = converters(reader, names, options.types)

  return function()
    local fields, line = reader:record()
    if not fields then
      return nil
    end
    if not width then
      width = #fields
      local last = list[#list]
      if last and last.at > width then
        fail(reader.name, line, "there is no column %d; the first record has %d %s", last.at, width,
          width == 1 and "field" or "fields")
      end
    end
    if #fields ~= width then
      fit(reader, fields, width, options, names and "header has" or "first record has", line)
    end
    convert(reader, fields, list, line)
    if not names or as_lists then
      return fields, line
    end
    local record = {}
    for i = 1, width do
      record[names[i]] = fields[i]
    end
    return record, line
  end, names
end

return csv_reader
