-- SPDX-License-Identifier: BSD-3-Clause
--- Reads frames from CSV and JSON. An internal part of the library `frame`, which documents it.

local csv_columns = require "csv_columns"
local dates = require "dates"
local files = require "files"
local frame_columns = require "frame_columns"
local frame_plain = require "frame_plain"
local json = require "json"
local option_names = require "option_names"

local fail <const> = frame_columns.fail

local frame_read = {}

-- The texts of missing values in columns that have numbers or booleans otherwise.
local ABSENT <const> = { "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL", "None" }

--- The text of a file, or of an argument that has a line end, and its name for messages.
local function read_text(source, subject)
  if type(source) ~= "string" then
    fail("%s: expected a path or a text, got %s", subject, frame_columns.describe(source))
  elseif source:find("[\n\r]") then
    return source, subject
  end
  return frame_columns.protect(files.read, source), source
end

local ISO <const> = { "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M",
  "%Y-%m-%d %H:%M" }

--- See `frame.seconds`.
function frame_read.seconds(texts, format, rows)
  local parsers = {}
  for i, each in ipairs(format and { format } or ISO) do
    parsers[i] = frame_columns.protect(dates.parser, each)
  end
  local found, last = {}, 1
  rows = rows or frame_columns.length_of(texts)
  for row = 1, rows do
    local text = texts[row]
    if text ~= nil then
      local value, reason = parsers[last](text)
      for i = 1, value and 0 or #parsers do
        value = parsers[i](text)
        if value then
          last = i
          break
        end
      end
      if not value then
        fail("frame.seconds: row %d: %s", row, format and reason
          or ("`%s` is no date such as 2024-01-31 or 2024-01-31 12:00"):format(text))
      end
      found[row] = value
    end
  end
  return frame_columns.native.infer(found, rows) or array.zeros(0, "int64")
end

--- See `frame.dates`.
function frame_read.dates(seconds, format)
  local texts = {}
  for i = 1, #seconds do
    local value = seconds[i]
    if value == value then
      texts[i] = frame_columns.protect(dates.format, value, format or "%Y-%m-%d")
    end
  end
  return texts
end

--- The options of the reader, and the columns that are dates.
local function read_types(options)
  local types, formats = {}, {}
  for name, kind in pairs(options.types or {}) do
    if kind == "date" or type(kind) == "string" and kind:find("%", 1, true) then
      types[name], formats[name] = "string", kind
    else
      types[name] = kind
    end
  end
  return types, formats
end

--- Reads the kinds of columns for the reader in C.
local function chosen_kinds(options, formats, names, kinds)
  local wanted
  if options.select then
    wanted = {}
    for _, name in ipairs(options.select) do
      wanted[name] = true
    end
    for _, name in ipairs(names) do
      wanted[name] = wanted[name] and 1 or nil
    end
    for name, found in pairs(wanted) do
      if found == true then
        local nearest = option_names.nearest(tostring(name), names)
        error(("select: there is no column `%s`; %s"):format(name, nearest
          and ("did you mean `%s`?"):format(nearest) or "the columns are: "
          .. table.concat(names, ", ")), 0)
      end
    end
  end
  for i, name in ipairs(names) do
    if wanted and not wanted[name] then
      kinds[i] = "skip"
    elseif not (options.types or {})[name] then
      kinds[i] = "auto"
    elseif formats[name] or kinds[i] == "string" then
      kinds[i] = "string"
    end
  end
end

local function read_csv(source, options)
  local text, name = read_text(source, "frame.csv")
  local types, formats = read_types(options)
  if options.header == false then
    error("header: a frame needs names; set `header` to a list of them", 0)
  end
  local reader_options, kinds = {}, {}
  for key, value in pairs(options) do
    reader_options[key] = value
  end
  reader_options.types, reader_options.select, reader_options.name = types, nil, options.name
    or name
  local absent = options.na or ABSENT
  local columns, names, rows, in_c = csv_columns.read(text, reader_options,
    options.name or name, function(found, chosen)
      chosen_kinds(options, formats, found, chosen)
      kinds = chosen
      -- of columns of texts, an empty field is missing, and what the user has named
      local absent_texts = { "" }
      for _, item in ipairs(type(options.na) == "table" and options.na or { options.na }) do
        absent_texts[#absent_texts + 1] = item
      end
      return { na = absent, missing_texts = absent_texts }
    end)
  for i = 1, #names do
    if not in_c and kinds[i] ~= "skip" and (kinds[i] == "auto" or kinds[i] == "string") then
      columns[i] = frame_plain.infer_texts(columns[i] or {}, rows, kinds[i], absent, options.na)
    end
    if kinds[i] ~= "skip" and formats[names[i]] then
      local format = formats[names[i]]
      columns[i] = frame_read.seconds(columns[i], format ~= "date" and format or nil, rows)
    end
  end
  local f = frame_columns.make(names, columns, rows)
  return options.select and f:select(options.select) or f
end

--- See `frame.csv`.
function frame_read.csv(source, options)
  if options ~= nil and type(options) ~= "table" then
    fail("frame.csv: the options must be a table, got %s", type(options))
  end
  return frame_columns.protect(read_csv, source, options or {})
end

--- The names of records in the order in which they appear in their texts.
local function order_of_names(records, texts)
  local names, seen = {}, {}
  for i, record in ipairs(records) do
    local fresh = {}
    for name in pairs(record) do
      if not seen[name] then
        seen[name] = true
        local at = texts[i] and texts[i]:find(json.encode(name) .. "%s*:")
        fresh[#fresh + 1] = { name, at or math.huge }
      end
    end
    table.sort(fresh, function(a, b)
      return a[2] < b[2] or a[2] == b[2] and a[1] < b[1]
    end)
    for _, item in ipairs(fresh) do
      names[#names + 1] = item[1]
    end
  end
  return names
end

local function read_jsonl(source, make)
  local text, name = read_text(source, "frame.jsonl")
  local records, texts, number = {}, {}, 0
  for line in (text .. "\n"):gmatch("(.-)\r?\n") do
    number = number + 1
    if line:find("%S") then
      local value = json.decode(line, { name = ("%s:%d"):format(name, number) })
      if type(value) ~= "table" or getmetatable(value) then
        error(("%s:%d: expected an object such as {\"x\": 1}"):format(name, number), 0)
      end
      records[#records + 1], texts[#texts + 1] = value, line
    end
  end
  return make(records, order_of_names(records, texts))
end

--- See `frame.jsonl`.
function frame_read.jsonl(source, records)
  return frame_columns.protect(read_jsonl, source, records)
end

local function read_json(source, make)
  local text, name = source, "frame.json"
  if type(source) ~= "string" or not source:find("^%s*%[") then
    text, name = read_text(source, "frame.json")
  end
  local records = json.decode(text, { name = name })
  if type(records) ~= "table" or getmetatable(records) ~= json.Array then
    error(name .. ": expected a list of objects", 0)
  end
  return make(table.move(records, 1, #records, 1, {}), order_of_names(records, { text }))
end

--- See `frame.json`.
function frame_read.json(source, records)
  return frame_columns.protect(read_json, source, records)
end

return frame_read
