-- SPDX-License-Identifier: BSD-3-Clause
--- Splits CSV text into records. An internal part of the library `csv`, which documents it.

local csv_reader = {}

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
  while true do
    if line:byte(from) == QUOTE then
      local field
      field, line, from = quoted_field(reader, line, from + 1)
      fields[#fields + 1] = field
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
      local odd = field:match('["\r]')
      if odd then
        fail(reader.name, reader.line, "field %d has a %s but is not quoted; quote the whole field",
          #fields + 1, odd == '"' and "quote" or "carriage return")
      end
      fields[#fields + 1] = field
      if not stop then
        return fields
      end
      from = stop + 1
    end
  end
end

--- Creates a reader, an object whose `record` returns the fields of the next record.
local function new_reader(next_raw, options, name)
  local reader = {
    name = options.name or name,
    separator = csv_reader.check_separator(options.separator or ","),
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
  function reader:record()
    local line
    repeat
      line = self:next_line()
    until not line or not line:find("^\r?\n?$")
    local first = self.line
    return line and split(self, line), first
  end
  return reader
end

local function check_names(reader, names, line)
  local seen = {}
  for i, name in ipairs(names) do
    if name == "" then
      fail(reader.name, line, "column %d has no name; name it in the header", i)
    elseif seen[name] then
      fail(reader.name, line, "columns %d and %d are both called `%s`; rename one", seen[name], i,
        name)
    end
    seen[name] = i
  end
end

local CONVERTERS <const> = {
  string = function(text) return text end,
  number = function(text)
    local value = not text:find("[xX%s]") and tonumber(text) or NOT_FINITE[text:lower()]
    return value and value + 0.0
  end,
  integer = function(text)
    return text:find("^[+-]?%d+$") and math.tointeger(tonumber(text)) or nil
  end,
  boolean = function(text)
    if text == "true" then return true elseif text == "false" then return false end
  end,
}

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
      fail(reader.name, reader.line, "there is no column `%s`; the columns are: %s",
        tostring(column), table.concat(names or { "1, 2, ... (header is false)" }, ", "))
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

local function convert(reader, fields, list, missing, line)
  for _, item in ipairs(list) do
    local text = fields[item.at]
    local value
    if text == "" and missing ~= nil then
      value = missing
    elseif text ~= nil then
      value = item.convert(text)
    end
    if value == nil then
      local advice = (text == nil or text == "") and "; set `missing` to allow empty fields" or ""
      fail(reader.name, line, "column `%s`: `%s` is not %s%s", item.column, text or "",
        item.kind == "integer" and "an integer" or "a " .. item.kind, advice)
    end
    fields[item.at] = value
  end
end

--- The records of a source, one at a time, with the names of the columns.
--- @param next_raw fun(): string|nil returns lines, each with its line end
--- @param options table see the library `csv`
--- @param name string the name of the source in errors
--- @return fun(): table|nil, integer|nil returns a record and its line number
--- @return string[]|nil names of the columns in their order
function csv_reader.iterate(next_raw, options, name)
  local reader = new_reader(next_raw, options, name)
  local names
  if type(options.header) == "table" then
    names = table.move(options.header, 1, #options.header, 1, {})
    check_names(reader, names, 0)
  elseif options.header ~= false then
    local line
    names, line = reader:record()
    if not names then
      fail(reader.name, 1, "there is no header; the first line must name the columns")
    end
    check_names(reader, names, line)
  end
  local width = names and #names
  local list = converters(reader, names, options.types)

  return function()
    local fields, line = reader:record()
    if not fields then
      return nil
    end
    width = width or #fields
    if #fields ~= width then
      fail(reader.name, line, "%d %s where the %s %d; quote fields that contain `%s`", #fields,
        #fields == 1 and "field" or "fields", names and "header has" or "first record has", width,
        reader.separator)
    end
    convert(reader, fields, list, options.missing, line)
    if not names then
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
