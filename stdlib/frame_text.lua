-- SPDX-License-Identifier: BSD-3-Clause
--- Frames as text, HTML, CSV and JSON lines. An internal part of the library `frame`.

local csv = require "csv"
local csv_reader = require "csv_reader"
local files = require "files"
local frame_columns = require "frame_columns"
local json = require "json"
local number_lists = require "number_lists"

local Frame <const> = frame_columns.Frame
local fail <const>, is_array <const> = frame_columns.fail, number_lists.is_array

-- What a print shows: the rows, of longer frames the first and the last ones; the width of the text
-- and of one field.
local MOST_ROWS <const>, SHOWN_ROWS <const> = 20, 5
local MOST_WIDTH <const>, MOST_FIELD <const> = 100, 30
local MOST_HTML_COLUMNS <const> = 30

--- The number of characters of a text, or of bytes if it is not UTF-8.
local function width_of(text)
  return utf8.len(text) or #text
end

--- A value as a field of a print.
local function shown(value)
  local kind = math.type(value) or type(value)
  if kind == "float" then
    if value ~= value then
      return "nan"
    end
    local text = ("%.6g"):format(value)
    return text:find("[%.en]") and text or text .. ".0"
  elseif kind == "string" then
    local text = value:gsub("[%c\127]", function(c)
      return c == "\n" and "\\n" or c == "\t" and "\\t" or ("\\x%02x"):format(c:byte())
    end)
    if width_of(text) > MOST_FIELD then
      local stop = utf8.len(text) and utf8.offset(text, MOST_FIELD - 2) or MOST_FIELD - 2
      text = text:sub(1, stop - 1) .. "..."
    end
    return text
  end
  return tostring(value)
end

--- The numbers of the rows to show; 0 stands for those that are left out.
local function shown_rows(rows)
  local list = {}
  for row = 1, rows do
    if rows <= MOST_ROWS or row <= SHOWN_ROWS or row > rows - SHOWN_ROWS then
      list[#list + 1] = row
    elseif row == SHOWN_ROWS + 1 then
      list[#list + 1] = 0
    end
  end
  return list
end

local function is_number(column)
  return is_array(column) and column.dtype ~= "bool"
end

--- The fields of one column: its name, its type, then its values.
local function fields_of(f, i, rows)
  local column = f[-2][i]
  local fields = { shown(f[-1][i]), frame_columns.type_of(column, f[-3]) }
  local width = math.max(width_of(fields[1]), width_of(fields[2]))
  for k, row in ipairs(rows) do
    fields[k + 2] = row == 0 and "..." or shown(column[row])
    width = math.max(width, width_of(fields[k + 2]))
  end
  return fields, width
end

local function padded(text, width, right)
  local space = (" "):rep(width - width_of(text))
  return right and space .. text or text .. space
end

local function count_of(count, word)
  return ("%d %s%s"):format(count, word, count == 1 and "" or "s")
end

--- A table of the frame as text: the names of the columns, their types, and the rows. Of a large
-- frame some rows and columns are left out.
function Frame.__tostring(f)
  local rows, count = shown_rows(f[-3]), #f[-1]
  local columns, used, left_out = {}, 0, 0
  for i = 1, count do
    local fields, width = fields_of(f, i, rows)
    -- the last column is always shown
    if i > 1 and used + width > MOST_WIDTH and i < count then
      left_out = count - i
      fields, width = fields_of(f, count, rows)
      local dots = {}
      for k in ipairs(fields) do
        dots[k] = "..."
      end
      columns[#columns + 1] = { dots, 3, false }
      columns[#columns + 1] = { fields, width, is_number(f[-2][count]) }
      break
    end
    columns[#columns + 1] = { fields, width, is_number(f[-2][i]) }
    used = used + width + 2
  end
  local lines = {}
  for k = 1, count > 0 and #rows + 2 or 0 do
    local cells = {}
    for i, column in ipairs(columns) do
      cells[i] = padded(column[1][k], column[2], column[3])
    end
    lines[k] = table.concat(cells, "  "):gsub(" +$", "")
  end
  local note = ""
  if left_out > 0 then
    note = (", %s not shown"):format(count_of(left_out, "column"))
  end
  lines[#lines + 1] = ("[%s, %s%s]"):format(
    count_of(f[-3], "row"), count_of(count, "column"), note)
  return table.concat(lines, "\n")
end

local function escaped(text)
  return (text:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;",
    ['"'] = "&quot;" }))
end

--- A table of the frame for notebooks.
function Frame.__html(f)
  local rows, count = shown_rows(f[-3]), math.min(#f[-1], MOST_HTML_COLUMNS)
  local out, columns = { "<table>\n<thead>" }, {}
  for i = 1, count do
    columns[i] = fields_of(f, i, rows)
  end
  for k = 1, #rows + 2 do
    if k == 3 then
      out[#out + 1] = "</thead>\n<tbody>"
    end
    local cells = {}
    for i = 1, count do
      local tag = k <= 2 and "th" or "td"
      local style = is_number(f[-2][i]) and ' style="text-align: right"' or ""
      cells[i] = ("<%s%s>%s</%s>"):format(tag, style, escaped(columns[i][k]), tag)
    end
    out[#out + 1] = "<tr>" .. table.concat(cells) .. "</tr>"
  end
  out[#out + 1] = (#rows == 0 and "</thead>\n<tbody>" or "") .. "</tbody>\n</table>"
  local more = #f[-1] - count
  out[#out + 1] = ("<p>%s, %s%s</p>"):format(count_of(f[-3], "row"), count_of(#f[-1], "column"),
    more > 0 and (", %s not shown"):format(count_of(more, "column")) or "")
  return table.concat(out, "\n")
end

-- MARK: CSV and JSON lines

--- Raises an error for a column that has no form as text.
local function check_columns(f, subject)
  for i, column in ipairs(f[-2]) do
    if is_array(column) and column.dtype:find("^complex") then
      fail("%s: column `%s` has complex numbers; write f[name]:real() and f[name]:imag()", subject,
        f[-1][i])
    end
  end
end

--- The frame as CSV with a header. A missing value is an empty field.
--- @param options table|nil `separator`, `newline`, `header`: see `csv.format`
--- @return string
function Frame.format_csv(f, options)
  options = frame_columns.check_options("format_csv", options, { "header", "newline", "separator" })
  check_columns(f, "format_csv")
  local separator = frame_columns.protect(csv_reader.check_separator, options.separator or ",")
  local has_header = options.header ~= false
  local head = has_header and csv.format({ f[-1] },
    { header = false, separator = separator, newline = options.newline }) or ""
  return head .. frame_columns.protect(frame_columns.native.format, f[-2], f[-3], separator,
    options.newline or "\n", not has_header)
end

--- Writes the frame to a CSV file, which is replaced only when it is complete.
--- @param path string
--- @param options table|nil see `format_csv`
--- @return string path
function Frame.write_csv(f, path, options)
  return frame_columns.protect(files.write, path, f:format_csv(options))
end

--- The frame as JSON lines: an object with the columns in their order on each line. A missing value
-- is null.
--- @return string
function Frame.format_jsonl(f)
  check_columns(f, "format_jsonl")
  local lists, names, lines = {}, {}, {}
  for i, name in ipairs(f[-1]) do
    names[i] = json.encode(name) .. ":"
    lists[i] = is_array(f[-2][i]) and f[-2][i]:tolist() or f[-2][i]
  end
  for row = 1, f[-3] do
    local cells = {}
    for i = 1, #names do
      local value = lists[i][row]
      if value == math.huge or value == -math.huge then
        fail("format_jsonl: column `%s`, row %d is %s, which JSON does not have", f[-1][i], row,
          tostring(value))
      end
      cells[i] = names[i] .. ((value == nil or value ~= value) and "null" or json.encode(value))
    end
    lines[row] = "{" .. table.concat(cells, ",") .. "}\n"
  end
  return table.concat(lines)
end

--- Writes the frame to a file of JSON lines, which is replaced only when it is complete.
--- @param path string
--- @return string path
function Frame.write_jsonl(f, path)
  return frame_columns.protect(files.write, path, f:format_jsonl())
end

return {}
